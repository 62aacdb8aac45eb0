// What answers requests, and what it knows of the one who asks.
import type {MethodName, Methods, Notification} from './message.ts';

/** One connection of one client, after its handshake. */
export type Session = {
  /** Unique among the connections of one controller. */
  readonly id: number;
  /**
   * Sends without waiting. Notifications made while this session's `subscribe` or `followLog` is being answered are sent
   * after that answer.
   */
  notify(notification: Notification): void;
  /** Resolves when little waits to be sent (at once in the usual case): whoever sends a lot waits between pieces. */
  drained(): Promise<void>;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
};

/** Answers every method. A rejection becomes a WireError by its `kind` field; one without a known kind is `internal`. */
export type Service = {
  handle<M extends MethodName>(
    method: M,
    params: Methods[M]['params'],
    session: Session,
  ): Promise<Methods[M]['result']>;
};

// What carries a client's messages: a socket, or memory.
import type {Request} from '../protocol/message.ts';

export type TransportEvents = {
  /** Decoded values, those of one chunk together, in order. */
  readonly messages: (values: readonly unknown[]) => void;
  /** Called once, when nothing more can come; `why` is a sentence for a person. */
  readonly closed: (why: string) => void;
};

export type Transport = {
  /** To be called once, before the first `send`. */
  listen(events: TransportEvents): void;
  send(request: Request): void;
  /** Ends it; `closed` is called in a later turn, if it was not already. */
  close(): void;
};

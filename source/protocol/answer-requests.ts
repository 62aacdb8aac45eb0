// One connection on the controller's side, whatever carries it: the handshake, the check of every request, the answers.
import type {Message, MethodName, Notification, Request, Response} from './message.ts';
import {ProtocolError} from './protocol-error.ts';
import type {Service, Session} from './service.ts';
import {validateRequest} from './validate-request.ts';
import {wireError} from './wire-error.ts';

export type ConnectionParts = {
  readonly id: number;
  readonly service: Service;
  readonly send: (message: Message) => void;
  readonly drained: () => Promise<void>;
  /** Ends the connection once everything sent has left. */
  readonly end: () => void;
  /** One line for the controller's log. */
  readonly log: (line: string) => void;
};

export type AnsweredConnection = {
  /** Takes one decoded value. It never throws: what is wrong is answered, and ends the connection if it must. */
  receive(value: unknown): void;
  /** Answers bytes that could not be decoded, and ends the connection. */
  refuse(problem: ProtocolError): void;
  /** Whether the handshake is done. */
  greeted(): boolean;
  /** To be called when the connection is gone. */
  gone(): void;
};

/** At most so many requests of one client are being answered at a time; more are refused as `unavailable`. */
export const mostRequestsAtOnce = 1000;

/**
 * Answers a client's requests by the service, several at a time. The first request must be `hello`; a refused `hello` ends
 * the connection after its answer.
 */
export function answerRequests({id, service, send, drained, end, log}: ConnectionParts): AnsweredConnection {
  const left = new AbortController();
  let handshake: 'expected' | 'running' | 'done' = 'expected';
  let running = 0;
  let ordered = 0;
  let held: Notification[] = [];

  const session: Session = {
    id,
    signal: left.signal,
    drained,
    notify(notification) {
      if (left.signal.aborted) return;
      if (ordered > 0) held.push(notification);
      else send(notification);
    },
  };
  const answer = (response: Response): void => {
    if (!left.signal.aborted) send(response);
  };
  const release = (): void => {
    if (ordered > 0) return;
    const waiting = held;
    held = [];
    for (const notification of waiting) session.notify(notification);
  };

  const handle = async (request: Request): Promise<void> => {
    const holds = holdsNotifications(request.method);
    running += 1;
    if (holds) ordered += 1;
    try {
      const result = await service.handle(request.method, request.params, session);
      if (request.method === 'hello') handshake = 'done';
      answer({id: request.id, result});
    } catch (error) {
      const refusal = wireError(error);
      if (refusal.kind === 'internal') log(`client ${id}: ${request.method} failed: ${describe(error)}`);
      answer({id: request.id, error: refusal});
      if (request.method === 'hello') end();
    } finally {
      running -= 1;
      if (holds) ordered -= 1;
      release();
    }
  };

  const admit = (request: Request): void => {
    if (request.method === 'hello') {
      if (handshake !== 'expected')
        throw new ProtocolError('expected one hello on a connection, got a second', {broken: false});
      handshake = 'running';
    } else if (handshake !== 'done') {
      throw new ProtocolError(`expected hello as the first request, got ${request.method} before it was answered`, {
        broken: true,
      });
    }
    if (running >= mostRequestsAtOnce) {
      const message = `more than ${mostRequestsAtOnce} requests of this client are waiting; wait for answers`;
      answer({id: request.id, error: {kind: 'unavailable', message}});
      return;
    }
    void handle(request);
  };

  return {
    receive(value) {
      try {
        admit(validateRequest(value));
      } catch (error) {
        answer({id: requestId(value), error: wireError(error)});
        if (!(error instanceof ProtocolError)) log(`client ${id}: ${describe(error)}`);
        else if (error.broken) end();
      }
    },
    refuse(problem) {
      log(`client ${id}: ${problem.message}`);
      answer({id: 0, error: wireError(problem)});
      end();
    },
    greeted: () => handshake === 'done',
    gone: () => left.abort(),
  };
}

/** The requests whose notifications name something the answer tells: a sequence number, a follow. */
function holdsNotifications(method: MethodName): boolean {
  return method === 'subscribe' || method === 'followLog';
}

/** The id to answer a refused request under; 0 when it has none. */
function requestId(value: unknown): number {
  if (typeof value !== 'object' || value === null || !('id' in value)) return 0;
  return typeof value.id === 'number' ? value.id : 0;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// What is wrong with bytes or messages that came over a connection.
import type {WireErrorKind} from './message.ts';

/** `kind` is what the other side is told; after `broken` nothing more can be read from the connection. */
export class ProtocolError extends Error {
  readonly kind: WireErrorKind;
  readonly broken: boolean;

  constructor(message: string, options: {readonly broken: boolean; readonly cause?: unknown}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause});
    this.name = 'ProtocolError';
    this.kind = 'invalid';
    this.broken = options.broken;
  }
}

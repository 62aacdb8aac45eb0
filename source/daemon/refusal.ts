// A request that the controller will not carry out, in words for the person who asked.
import type {WireErrorKind} from '../protocol/message.ts';

/** `kind` travels to the client, `message` says what was expected, what came and the next step. */
export class Refusal extends Error {
  readonly kind: WireErrorKind;
  constructor(kind: WireErrorKind, message: string, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.name = 'Refusal';
    this.kind = kind;
  }
}

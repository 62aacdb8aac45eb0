// A stream that says nothing.
import type {TextStream} from './command-context.ts';

/** As the given stream, but silent. */
export function silentStream({isTTY}: TextStream): TextStream {
  return {isTTY, write: () => undefined};
}

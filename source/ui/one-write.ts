// Joins what Ink writes for one frame (begin of the synchronised update, the frame, its end) into one write.
import {shorterFrame} from './terminal/shorter-frame.ts';

const begin = '\u001B[?2026h';
const end = '\u001B[?2026l';

/** The stream with joined frames; everything else about it is the stream's own. */
export function withOneWritePerFrame(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  let held: string | undefined;
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (typeof chunk !== 'string') return send(stream, chunk, rest);
    if (chunk === begin) {
      held = begin;
      return true;
    }
    if (held === undefined) return send(stream, chunk, rest);
    if (chunk !== end) {
      held += chunk;
      const done = rest.find((one) => typeof one === 'function');
      if (done) queueMicrotask(done as () => void);
      return true;
    }
    const frame = shorterFrame(held + end);
    held = undefined;
    return send(stream, frame, rest);
  };
  return new Proxy(stream, {
    get(target, property) {
      if (property === 'write') return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}

function send(stream: NodeJS.WriteStream, chunk: string | Uint8Array, rest: readonly unknown[]): boolean {
  return (stream.write as (...all: unknown[]) => boolean).call(stream, chunk, ...rest);
}

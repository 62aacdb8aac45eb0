// Stands between the terminal and Ink: takes mouse and focus reports out of the input, and hands keys on one by one even
// when several came in one read (Ink would take `\t\r` for one unknown key).

export type MouseReport = {
  readonly kind: 'press' | 'drag' | 'release' | 'wheel-up' | 'wheel-down';
  /** 0-based cell. */
  readonly x: number;
  readonly y: number;
};

export type InputListener = {
  readonly mouse: (report: MouseReport) => void;
  readonly focus: (focused: boolean) => void;
};

/** The stream with whole keys only; reports go to the listener. Everything else about it is the stream's own. */
export function withKeysOneByOne(stream: NodeJS.ReadStream, listener: InputListener): NodeJS.ReadStream {
  const keys: string[] = [];
  let rest = '';
  let pasting = false;
  const take = (text: string) => {
    const pieces = splitInput(rest + text, pasting);
    ({rest, pasting} = pieces);
    for (const piece of pieces.pieces) {
      if (piece.kind === 'keys') keys.push(piece.text);
      else if (piece.kind === 'focus') listener.focus(piece.focused);
      else listener.mouse(piece.report);
    }
  };
  const read = (): string | null => {
    for (;;) {
      const key = keys.shift();
      if (key !== undefined) return key;
      const chunk = stream.read() as string | Uint8Array | null | undefined;
      if (chunk === null || chunk === undefined) return null;
      take(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk));
    }
  };
  return new Proxy(stream, {
    get(target, property) {
      if (property === 'read') return read;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}

export type InputPiece =
  | {readonly kind: 'keys'; readonly text: string}
  | {readonly kind: 'mouse'; readonly report: MouseReport}
  | {readonly kind: 'focus'; readonly focused: boolean};

export type SplitInput = {
  readonly pieces: readonly InputPiece[];
  /** The beginning of a report whose end has not come yet. */
  readonly rest: string;
  readonly pasting: boolean;
};

/** Takes input apart: a key a piece, a paste a piece, a report a piece. */
export function splitInput(text: string, pasting: boolean): SplitInput {
  const pieces: InputPiece[] = [];
  let at = 0;
  let inPaste = pasting;
  while (at < text.length) {
    if (inPaste) {
      const end = text.indexOf(pasteEnd, at);
      // The end may be cut in two by a read: what could be its beginning waits for the rest.
      const to = end < 0 ? text.length - beginningOf(pasteEnd, text.slice(at)) : end + pasteEnd.length;
      if (to > at) pieces.push({kind: 'keys', text: text.slice(at, to)});
      if (end < 0) return {pieces, rest: text.slice(to), pasting: true};
      inPaste = false;
      at = to;
      continue;
    }
    const tail = text.slice(at);
    if (unfinished.test(tail)) return {pieces, rest: tail, pasting: false};
    const length = lengthOf(tail);
    const one = tail.slice(0, length);
    inPaste = one === pasteStart;
    const piece = pieceOf(one);
    if (piece) pieces.push(piece);
    at += length;
  }
  return {pieces, rest: '', pasting: inPaste};
}

const pasteStart = '\u001B[200~';
const pasteEnd = '\u001B[201~';
/** A mouse report that was cut in two by a read. (A lone escape is a key, and Ink waits for its rest itself.) */
const unfinished = /^\u001B\[<[\d;]*$/;
const report = /^\u001B\[<(\d+);(\d+);(\d+)([Mm])$/;
const sequence = /^\u001B(?:\[<[\d;]*[Mm]|\[[0-?]*[ -/]*[@-~]|O[A-Za-z]|\[\[[A-E]|[^\u001B[O])/;

/** How many characters at the end of `text` begin `wanted`. */
function beginningOf(wanted: string, text: string): number {
  for (let length = wanted.length - 1; length > 0; length--) if (text.endsWith(wanted.slice(0, length))) return length;
  return 0;
}

/** An escape sequence is one key, else a character is. */
function lengthOf(text: string): number {
  const found = sequence.exec(text);
  if (found) return found[0].length;
  // An unfinished sequence goes to Ink whole: it knows how long to wait.
  if (text.startsWith('\u001B') && !text.startsWith('\u001B\u001B')) return text.length;
  return text.codePointAt(0)! > 0xff_ff ? 2 : 1;
}

function pieceOf(text: string): InputPiece | undefined {
  if (text === '\u001B[I' || text === '\u001B[O') return {kind: 'focus', focused: text.endsWith('I')};
  if (!text.startsWith('\u001B[<')) return {kind: 'keys', text};
  const [, code = '', x = '', y = '', end = ''] = report.exec(text) ?? [];
  const kind = mouseKind(Number(code), end);
  return kind && {kind: 'mouse', report: {kind, x: Number(x) - 1, y: Number(y) - 1}};
}

/** Only the left button and the wheel mean something; modifiers are left alone (xterm: bits 2, 3 and 4). */
function mouseKind(code: number, end: string): MouseReport['kind'] | undefined {
  const button = code & ~0b1_1100;
  if (button === 64) return 'wheel-up';
  if (button === 65) return 'wheel-down';
  if (end === 'm') return 'release';
  if (button === 0) return 'press';
  return button === 32 ? 'drag' : undefined;
}

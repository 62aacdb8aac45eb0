// A terminal for tests: fake input and output around a real terminal emulator, at a fixed size.
import {EventEmitter} from 'node:events';
import xterm from '@xterm/headless';
import {UnicodeGraphemesAddon} from './unicode-graphemes.ts';

export type Cell = {
  readonly text: string;
  readonly width: number;
  /** `#rrggbb`, a palette index, or the terminal's own. */
  readonly color: string | number | undefined;
  readonly background: string | number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
  readonly underline: boolean;
};

export type TestTerminal = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** The text of the screen, a row a line, without the spaces at their ends. */
  screen(): string;
  rows(): readonly string[];
  cells(): readonly (readonly Cell[])[];
  /** Types keys as a terminal sends them. */
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Everything written so far, a write an entry. */
  readonly writes: readonly string[];
  /** Waits until two passes in a row wrote nothing. */
  settle(): Promise<void>;
  readonly modes: {
    readonly alternate: boolean;
    readonly cursorHidden: boolean;
    readonly raw: boolean;
    readonly bracketedPaste: boolean;
  };
  /** True when the emulator was ever told to write outside of a row (it wrapped). */
  readonly wrapped: boolean;
};

export type TerminalOptions = {
  readonly columns: number;
  readonly rows: number;
  /** One pass of whatever makes time go on: fake timers in tests, a moment's wait in scripts. */
  readonly pass: () => Promise<void>;
  /** Bits of colour; 24 unless told. */
  readonly colorDepth?: number;
};

/** A terminal of the given size with nothing on it. */
export function testTerminal(options: TerminalOptions): TestTerminal {
  const emulator = new xterm.Terminal({
    cols: options.columns,
    rows: options.rows,
    allowProposedApi: true,
    convertEol: true,
    scrollback: 0,
  });
  emulator.loadAddon(new UnicodeGraphemesAddon());
  emulator.unicode.activeVersion = '15-graphemes';
  const writes: string[] = [];
  let raw = false;

  const stdout = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: options.columns,
    rows: options.rows,
    writable: true,
    getColorDepth: () => options.colorDepth ?? 24,
    hasColors: () => (options.colorDepth ?? 24) > 1,
    write(chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      if (text !== '') {
        writes.push(text);
        emulator.write(text);
      }
      for (const one of rest) if (typeof one === 'function') queueMicrotask(() => (one as () => void)());
      return true;
    },
  });
  const pending: string[] = [];
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    get isRaw() {
      return raw;
    },
    setRawMode(on: boolean) {
      raw = on;
    },
    setEncoding: () => undefined,
    ref: () => undefined,
    unref: () => undefined,
    read: () => pending.shift() ?? null,
    resume: () => undefined,
    pause: () => undefined,
  });
  const drawn = () => new Promise<void>((resolve) => emulator.write('', resolve));

  const rowTexts = () =>
    Array.from(
      {length: emulator.rows},
      (_, y) => emulator.buffer.active.getLine(y)?.translateToString(true, 0, emulator.cols) ?? '',
    );

  return {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    writes,
    screen: () => rowTexts().join('\n'),
    rows: rowTexts,
    cells: () => Array.from({length: emulator.rows}, (_, y) => cellsOf(emulator, y)),
    type(text) {
      pending.push(text);
      stdin.emit('readable');
    },
    resize(columns, rows) {
      emulator.resize(columns, rows);
      stdout.columns = columns;
      stdout.rows = rows;
      stdout.emit('resize');
    },
    async settle() {
      for (let quiet = 0, passes = 0; quiet < 2; passes++) {
        if (passes > 500) throw new Error('the screen never came to rest: it wrote on every one of 500 passes');
        const before = writes.length;
        await options.pass();
        const done = drawn();
        await options.pass();
        await done;
        quiet = writes.length === before ? quiet + 1 : 0;
      }
    },
    get modes() {
      return {
        alternate: emulator.buffer.active.type === 'alternate',
        cursorHidden: lastOf(writes, '\u001B[?25h') < lastOf(writes, '\u001B[?25l'),
        raw,
        bracketedPaste: lastOf(writes, '\u001B[?2004l') < lastOf(writes, '\u001B[?2004h'),
      };
    },
    get wrapped() {
      return rowTexts().some((_, y) => emulator.buffer.active.getLine(y)?.isWrapped ?? false);
    },
  };
}

function lastOf(writes: readonly string[], sequence: string): number {
  return writes.join('').lastIndexOf(sequence);
}

function cellsOf(emulator: InstanceType<typeof xterm.Terminal>, y: number): readonly Cell[] {
  const line = emulator.buffer.active.getLine(y);
  if (!line) return [];
  return Array.from({length: emulator.cols}, (_, x): Cell => {
    const cell = line.getCell(x);
    if (!cell) return blank;
    return {
      text: cell.getChars(),
      width: cell.getWidth(),
      color: cell.isFgDefault() ? undefined : cell.isFgRGB() ? hex(cell.getFgColor()) : cell.getFgColor(),
      background: cell.isBgDefault() ? undefined : cell.isBgRGB() ? hex(cell.getBgColor()) : cell.getBgColor(),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
      inverse: cell.isInverse() !== 0,
      underline: cell.isUnderline() !== 0,
    };
  });
}

const blank: Cell = {
  text: '',
  width: 1,
  color: undefined,
  background: undefined,
  bold: false,
  dim: false,
  inverse: false,
  underline: false,
};

function hex(color: number): string {
  return `#${color.toString(16).padStart(6, '0')}`;
}

// Starts the dashboard in a process of its own and talks to it: keys in, what it wrote and what it used out.
import {fork} from 'node:child_process';
import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import xterm from '@xterm/headless';
import {build} from 'esbuild';
import {cheaperFrames} from '../../build/cheaper-frames.ts';
import {reactDevtoolsStub} from '../../build/react-devtools-stub.ts';
import {yogaBytes} from '../../build/yoga-bytes.ts';
import {UnicodeGraphemesAddon} from '../../../test/support/unicode-graphemes.ts';

export type UiWrite = {readonly at: number; readonly text: string};
/** Milliseconds of CPU and of the clock since the process began, bytes of memory, frames and characters written. */
export type UiUsage = {
  readonly cpu: number;
  readonly wall: number;
  readonly rss: number;
  readonly count: number;
  readonly bytes: number;
};
export type UiRequest = {
  readonly id: number;
  readonly kind: 'usage' | 'press' | 'resize' | 'collect';
  readonly text?: string;
  readonly wait?: number;
  readonly keep?: boolean;
  readonly size?: {readonly columns: number; readonly rows: number};
};

export type UiProcess = {
  /** Types keys, waits, and gives the milliseconds until a frame after which the screen was as `until` wants it. */
  readonly press: (text: string, until?: (screen: string) => boolean, wait?: number) => Promise<number | undefined>;
  readonly resize: (columns: number, rows: number, until: (screen: string) => boolean) => Promise<number | undefined>;
  readonly usage: (options?: {readonly keep?: boolean}) => Promise<UiUsage>;
  /** The same after garbage was collected. */
  readonly collected: () => Promise<UiUsage>;
  readonly screen: () => string;
  /** What stands in the last column of each row. */
  readonly lastColumn: () => readonly string[];
  /** What the terminal was told to do beyond showing text: titles set, clipboards written, the alternate screen left. */
  readonly effects: () => readonly string[];
  readonly end: () => Promise<void>;
};

/** Moments in the dashboard's own time: of the key, and of this answer. */
type Pressed = {readonly at: number; readonly now: number; readonly writes: readonly UiWrite[]};

/** Milliseconds of the dashboard's own time after which a key counts as lost. */
const patience = 3000;

export type UiProcessOptions = {
  readonly home: string;
  readonly columns: number;
  readonly rows: number;
  /** Options for node, such as `--cpu-prof`. */
  readonly node?: readonly string[];
};

const here = import.meta.dirname;

export async function startUiProcess({home, columns, rows, node = []}: UiProcessOptions): Promise<UiProcess> {
  const {CI: _ci, ...env} = process.env;
  const child = fork(await bundled(), [home, String(columns), String(rows)], {
    execArgv: ['--expose-gc', ...node],
    env: {...env, FORCE_COLOR: '3'},
  });
  const emulator = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, convertEol: true, scrollback: 0});
  emulator.loadAddon(new UnicodeGraphemesAddon());
  emulator.unicode.activeVersion = '15-graphemes';
  const effects: string[] = [];
  emulator.onTitleChange((title) => effects.push(`title ${title}`));
  emulator.parser.registerOscHandler(52, (data) => effects.push(`clipboard ${data}`) > 0);
  const waiting = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  const ready = new Promise<void>((resolve, reject) => {
    waiting.set(0, () => resolve());
    child.once('exit', (code) => reject(new Error(`the dashboard ended with ${String(code)}`)));
  });
  child.on('message', ({id, value}: {readonly id: number; readonly value: unknown}) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  const ask = <T>(request: Omit<UiRequest, 'id'>) =>
    new Promise<T>((resolve) => {
      lastId += 1;
      waiting.set(lastId, resolve as (value: unknown) => void);
      child.send({...request, id: lastId});
    });
  const screen = () =>
    Array.from(
      {length: emulator.rows},
      (_, y) => emulator.buffer.active.getLine(y)?.translateToString(true, 0, emulator.cols) ?? '',
    ).join('\n');
  const draw = (text: string) => new Promise<void>((resolve) => emulator.write(text, resolve));
  /** Draws what was written, and finds the frame from which on the screen is as it should be. */
  const settle = async ({at, writes}: Pressed, until: (screen: string) => boolean) => {
    let took: number | undefined;
    for (const write of writes) {
      await draw(write.text);
      if (took === undefined && write.at >= at && until(screen())) took = write.at - at;
    }
    return took;
  };

  /** What is waited for, and what is measured, leaves out the time in which others had the processor: a busy machine loses no key. */
  const later = async (at: number, until: (screen: string) => boolean) => {
    for (;;) {
      const {now, writes} = await ask<Pressed>({kind: 'press', text: '', wait: 50});
      const took = await settle({at, now, writes}, until);
      if (took !== undefined) return took;
      if (now - at > patience) return undefined;
    }
  };

  await ready;
  return {
    async press(text, until, wait = 400) {
      const first = await ask<Pressed>({kind: 'press', text, wait});
      const took = await settle(first, until ?? (() => true));
      // Nothing in particular is waited for after a key that may well change nothing.
      return took === undefined && until ? later(first.at, until) : took;
    },
    async resize(width, height, until) {
      emulator.resize(width, height);
      const size = {columns: width, rows: height};
      const first = await ask<Pressed>({kind: 'resize', size, wait: 600});
      return (await settle(first, until)) ?? later(first.at, until);
    },
    usage: (options = {}) => ask({kind: 'usage', ...options}),
    collected: () => ask({kind: 'collect'}),
    screen,
    lastColumn: () =>
      Array.from(
        {length: emulator.rows},
        (_, y) =>
          emulator.buffer.active
            .getLine(y)
            ?.getCell(emulator.cols - 1)
            ?.getChars() ?? '',
      ),
    effects: () => [...effects, ...(emulator.buffer.active.type === 'alternate' ? [] : ['left the alternate screen'])],
    async end() {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.send({id: -1, kind: 'press', text: '\u0003', wait: 0});
      const late = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(late);
    },
  };
}

let bundle: Promise<string> | undefined;

/** The dashboard bundled as the program is: what is measured is what is shipped. */
function bundled(): Promise<string> {
  bundle ??= bundleOnce();
  return bundle;
}

async function bundleOnce(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-bar-ui-'));
  const outfile = path.join(folder, 'ui.mjs');
  await build({
    entryPoints: [path.join(here, 'ui-process.tsx')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    logLevel: 'warning',
    define: {'process.env.NODE_ENV': '"production"'},
    banner: {
      js: "import {createRequire as __createRequire} from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    plugins: [reactDevtoolsStub(), yogaBytes(), cheaperFrames()],
  });
  process.once('exit', () => rmSync(folder, {recursive: true, force: true}));
  return outfile;
}

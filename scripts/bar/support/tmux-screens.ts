// Every screen in tmux: the same rows, cell for cell, as the golden of the same size. And what a terminal that can do nothing gets.
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {allScreens} from '../../../test/ui/support/all-screens.ts';
import {openPane} from './tmux.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const [columns, rows] = [120, 40];

export type TmuxScreens = {
  readonly seen: number;
  /** The names of the screens that do not say what their golden says. */
  readonly different: readonly string[];
  /** How many colours were asked for, over all screens. */
  readonly colours: number;
};

/** Goes through every screen in tmux, with the variables of the environment that are named besides. */
export async function tmuxScreens(variables: readonly string[] = []): Promise<TmuxScreens> {
  const script = path.join(import.meta.dirname, 'screens-process.tsx');
  const command = ['env', ...variables, process.execPath, '--import', path.join(root, 'scripts/tsx-loader.ts'), script];
  const pane = await openPane(command, columns, rows);
  const different: string[] = [];
  let colours = 0;
  try {
    await pane.rows((now) => now.some((row) => row.includes('spring-petclinic')));
    for (const {name, keys} of allScreens) {
      const golden = await goldenRows(name);
      for (const [at, key] of keys.entries()) {
        const before = await pane.rows(() => true);
        await pane.type(key);
        // An escape is one when nothing follows it before it has been seen to do something.
        if (at < keys.length - 1) await pane.rows((all) => all.join('\n') !== before.join('\n'));
      }
      const now = await pane.rows((all) => all.join('\n') === golden.join('\n'));
      if (now.join('\n') !== golden.join('\n')) different.push(name);
    }
    colours = (await pane.written()).match(colour)?.length ?? 0;
  } finally {
    await pane.end();
  }
  return {seen: allScreens.length, different, colours};
}

/** A foreground or background other than the terminal's own, wherever it stands in the sequence. */
const colour = /\u001B\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m/g;

/** What the shipped program writes to a terminal with TERM=dumb; it has to be lines and nothing else. */
export async function dumbTerminal(): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'slipway-dumb-'));
  const program = path.join(root, 'dist/slipway.js');
  const pane = await openPane(['env', 'TERM=dumb', process.execPath, program, '--home', home, 'demo'], columns, rows);
  try {
    await pane.rows((now) => now.filter((row) => row !== '').length > 12);
    return await pane.written();
  } finally {
    await pane.end();
    const stop = await openPane([process.execPath, program, '--home', home, 'controller', 'stop'], columns, rows);
    await stop.rows((now) => now.some((row) => row !== ''));
    await stop.end();
    await rm(home, {recursive: true, force: true});
  }
}

/** The rows of a screen's golden at the size of the pane; rows that were said once are there as often as they are. */
async function goldenRows(name: string): Promise<readonly string[]> {
  const text = await readFile(path.join(root, 'test/ui/screens', `${name}.txt`), 'utf8');
  const section = text.split(`######## ${columns}x${rows} colour\n`)[1] ?? '';
  const all: string[] = [];
  for (const line of section.split('\n')) {
    if (/^(?:[a-z]+ = |svg )/.test(line)) break;
    const more = /^ {2}\((\d+) more such rows\)$/.exec(line)?.[1];
    if (more === undefined) all.push(line);
    else for (let at = 0; at < Number(more); at++) all.push(all.at(-1) ?? '');
  }
  return all;
}

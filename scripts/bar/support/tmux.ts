// A server of tmux's own for a check: a program in a pane of a fixed size, keys in, the pane's text or its bytes out.
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';

export type Pane = {
  /** Types bytes as they are. */
  readonly type: (text: string) => Promise<void>;
  /** The rows of the pane, without the spaces at their ends, as soon as `until` likes them; the last ones after five seconds. */
  readonly rows: (until: (rows: readonly string[]) => boolean) => Promise<readonly string[]>;
  /** Everything the program has written to the pane. */
  readonly written: () => Promise<string>;
  readonly end: () => Promise<void>;
};

export async function openPane(command: readonly string[], columns: number, rows: number): Promise<Pane> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-tmux-'));
  const socket = path.join(folder, 'tmux');
  const {TMUX: _tmux, CI: _ci, NO_COLOR: _noColor, ...env} = process.env;
  const tmux = async (...words: readonly string[]) =>
    (
      await promisify(execFile)('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...words], {
        env: {...env, LC_ALL: 'C.UTF-8', TZ: 'UTC'},
      })
    ).stdout;
  const bytes = path.join(folder, 'bytes');
  const size = ['-x', String(columns), '-y', String(rows)];
  // The program begins when everything it writes is kept.
  const begin = `read -r _; exec ${command.map(quoted).join(' ')}`;
  await tmux('new-session', '-d', ...size, 'sh', '-c', begin);
  await tmux('set', '-g', 'status', 'off');
  await tmux('set', '-g', 'remain-on-exit', 'on');
  await tmux('resize-window', ...size);
  await tmux('pipe-pane', '-O', `cat >${quoted(bytes)}`);
  await tmux('send-keys', 'Enter');
  return {
    async type(text) {
      await tmux('send-keys', '-H', ...[...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0')));
    },
    async rows(until) {
      let now: readonly string[] = [];
      for (let turn = 0; turn < 100; turn++) {
        now = (await tmux('capture-pane', '-p')).replace(/\n$/, '').split('\n');
        if (until(now)) return now;
        await wait(50);
      }
      return now;
    },
    written: () => readFile(bytes, 'utf8'),
    async end() {
      await tmux('kill-server').catch(() => undefined);
      await rm(folder, {recursive: true, force: true});
    },
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

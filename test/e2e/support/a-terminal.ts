// A real terminal: tmux on a socket of its own, with a shell in it.
import {randomUUID} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {eventually} from './processes.ts';
import {plainEnvironment} from './program.ts';

export type Terminal = {
  /** What stands on the screen, line by line. */
  screen(): Promise<string>;
  /** Types text. */
  type(text: string): Promise<void>;
  /** Presses keys by tmux's names: `Enter`, `Escape`, `j`. */
  press(...keys: readonly string[]): Promise<void>;
  /** Resolves with the screen as soon as it fits; rejects with the last one that did not. */
  waitFor(what: string | RegExp): Promise<string>;
  /** Whether the alternate screen is shown, the cursor is visible, the mouse is reported; and what runs in front. */
  modes(): Promise<{
    readonly alternate: boolean;
    readonly cursor: boolean;
    readonly mouse: boolean;
    readonly program: string;
  }>;
  /** The process that the shell started and waits for. */
  foreground(): Promise<number>;
  close(): Promise<void>;
};

/** The prompt of its shell. */
export const prompt = 'prompt>';

/** Opens one in a directory of the test's; the shell is bash without anybody's settings. */
export async function aTerminal(directory: string, columns: number, rows: number): Promise<Terminal> {
  const socket = join(directory, `tmux-${randomUUID().slice(0, 8)}`);
  const tmux = async (...words: readonly string[]): Promise<string> =>
    (await execa('tmux', ['-S', socket, '-f', '/dev/null', ...words], {env: plainEnvironment(), extendEnv: false}))
      .stdout;
  const env = {...plainEnvironment(), TERM: 'xterm-256color', PS1: `${prompt} `};
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const shell = ['env', '-i', ...assignments, 'bash', '--norc', '--noprofile'];
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), ...shell);

  const screen = () => tmux('capture-pane', '-p');
  const terminal: Terminal = {
    screen,
    type: async (text) => void (await tmux('send-keys', '-l', text)),
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    async waitFor(what) {
      let last = '';
      const fits = async () => {
        last = await screen();
        return typeof what === 'string' ? last.includes(what) : what.test(last);
      };
      await eventually(`${String(what)} on the screen`, fits, 15_000).catch((cause: unknown) => {
        throw new Error(`expected ${String(what)} on the screen, got\n${last}`, {cause});
      });
      return last;
    },
    async modes() {
      const format = '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{pane_current_command}';
      const [alternate, cursor, mouse, program = ''] = (await tmux('display-message', '-p', format)).split(' ');
      return {alternate: alternate === '1', cursor: cursor === '1', mouse: mouse === '1', program};
    },
    async foreground() {
      const shellPid = (await tmux('display-message', '-p', '#{pane_pid}')).trim();
      const children = await readFile(`/proc/${shellPid}/task/${shellPid}/children`, 'utf8');
      return Number(children.trim().split(' ').at(-1));
    },
    close: async () => void (await tmux('kill-server')),
  };
  await terminal.waitFor(prompt);
  return terminal;
}

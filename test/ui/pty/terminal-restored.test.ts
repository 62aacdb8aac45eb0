// The shipped program on a real terminal, ended in each of eight ways: what it took, it gives back.
import {execFile} from 'node:child_process';
import {access, mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

const run = promisify(execFile);
const here = import.meta.dirname;
const program = path.join(here, '../../../dist/slipway.js');

let home = '';
beforeAll(async () => {
  await access(program);
  home = await mkdtemp(path.join(os.tmpdir(), 'slipway-pty-'));
  await run(process.execPath, [program, '--home', home, 'image', 'list']);
}, 60_000);
afterAll(async () => {
  await run(process.execPath, [program, '--home', home, 'controller', 'stop']);
  await rm(home, {recursive: true, force: true});
});

type Left = {readonly code: number | null; readonly seconds: number; readonly same: boolean; readonly output: string};

async function leave(action: string, breaks = ''): Promise<Left> {
  const hook = path.join(here, 'break-on-signal.mjs');
  const {stdout} = await run(
    'python3',
    [path.join(here, 'drive.py'), action, process.execPath, '--import', hook, program, '--home', home],
    {env: {...process.env, BREAK: breaks, TERM: 'xterm-256color', NODE_ENV: 'production'}, maxBuffer: 2 ** 24},
  );
  return JSON.parse(stdout) as Left;
}

/** Modes that are on after all that was written; 1049 alternate screen, 1002 and 1006 mouse, 1004 focus, 2004 paste. */
function modesLeftOn(output: string): readonly string[] {
  const on = ['?1049', '?1002', '?1006', '?1004', '?2004', '?2026'].filter(
    (mode) => output.lastIndexOf(`\u001B[${mode}h`) > output.lastIndexOf(`\u001B[${mode}l`),
  );
  const hidden = output.lastIndexOf('\u001B[?25l') > output.lastIndexOf('\u001B[?25h');
  const kitty = output.lastIndexOf('\u001B[>') > output.lastIndexOf('\u001B[<u') && /\u001B\[>\d+u/.test(output);
  return [...on, ...(hidden ? ['cursor hidden'] : []), ...(kitty ? ['kitty'] : [])];
}

describe('the terminal is as it was after', () => {
  test.each([
    ['q', 'q', '', 0],
    ['SIGINT', 'SIGINT', '', 0],
    ['SIGTERM', 'SIGTERM', '', 0],
    ['SIGHUP', 'SIGHUP', '', 0],
    ['an error thrown', 'SIGUSR2', 'throw', 1],
    ['a promise rejected', 'SIGUSR2', 'reject', 1],
    ['an error while drawing', 'SIGUSR2', 'render', 1],
  ] as const)('%s', async (_name, action, breaks, code) => {
    const left = await leave(action, breaks);
    expect(left.output).toContain('\u001B[?1049h');
    expect(modesLeftOn(left.output)).toEqual([]);
    expect(left.same).toBe(true);
    expect(left.output).toContain('\u001B[23;0t');
    expect(left.code === 0 ? 0 : 1).toBe(code);
    if (code === 1) expect(left.output).toContain('planted');
  });

  test('the terminal itself is gone, within two seconds', async () => {
    const left = await leave('lost');
    expect(left.code).not.toBeNull();
    expect(left.seconds).toBeLessThan(2);
  });
});

// The program as it is run: a process of its own, with its own controller.
import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {freshDemoHome, isDemoHome} from '../../source/commands/machine/demo-home.ts';
import {localFiles} from '../../source/commands/machine/local-files.ts';

const root = path.resolve(import.meta.dirname, '../..');
const program = path.join(root, 'scripts/slipway.ts');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-program-'));
});
afterEach(() => rm(directory, {recursive: true, force: true}));

function slipway(...argv: readonly string[]) {
  return execa(process.execPath, [program, ...argv], {
    reject: false,
    stdin: 'ignore',
    env: {SLIPWAY_HOME: path.join(directory, 'home'), XDG_CONFIG_HOME: directory, FORCE_COLOR: undefined},
  });
}

test('a plain command loads neither Ink nor React', async () => {
  const trace = `
    import {registerHooks} from 'node:module';
    const seen = new Set();
    registerHooks({load(url, context, next) { seen.add(url); return next(url, context); }});
    process.on('exit', () => console.error([...seen].join('\\n')));`;
  const hooks = path.join(directory, 'trace.mjs');
  await writeFile(hooks, trace);
  const run = await execa(process.execPath, ['--import', hooks, program, 'version']);
  expect(run.stdout).toMatch(/^slipway \d+\.\d+\.\d+$/);
  expect(run.stderr).toContain('dist/cli.js');
  const files = run.stderr.split('\n').filter((url) => url.startsWith('file:'));
  const sources = await Promise.all(files.map((url) => readFile(new URL(url), 'utf8')));
  expect(sources.some((text) => bundles('commander').test(text))).toBe(true);
  for (const text of sources) expect(text).not.toMatch(bundles('(ink|react|yoga-layout)'));
});

/** How the bundler marks where a package's code begins. */
function bundles(name: string): RegExp {
  return new RegExp(`^// node_modules/${name}/`, 'm');
}

describe('a demo’s home', () => {
  test('is made, made afresh, and never made out of somebody’s data', async () => {
    const home = path.join(directory, 'demo');
    let stopped = 0;
    const stop = () => Promise.resolve(void (stopped += 1));
    expect(await isDemoHome(home)).toBe('new');
    await freshDemoHome(home, stop);
    await writeFile(path.join(home, 'state.db'), 'old');
    expect(await isDemoHome(home)).toBe('used');
    await freshDemoHome(home, stop);
    expect({files: await readdir(home), stopped}).toEqual({files: ['.slipway-demo'], stopped: 1});
    const foreign = path.join(directory, 'mine');
    await mkdir(foreign);
    await writeFile(path.join(foreign, 'thesis.txt'), 'years of work');
    await expect(freshDemoHome(foreign, stop)).rejects.toThrow(`${foreign} holds something that is not a demo's`);
    expect(await readdir(foreign)).toEqual(['thesis.txt']);
  });
});

test('paths are told apart', async () => {
  const files = localFiles(directory, process.stdin);
  await writeFile(path.join(directory, 'app.zip'), Buffer.from('504b030400', 'hex'));
  await writeFile(path.join(directory, 'notes.txt'), 'hello');
  expect(await Promise.all(['.', 'app.zip', 'notes.txt', 'gone', 'notes.txt/x'].map(files.kind))).toEqual([
    'directory',
    'zip',
    'file',
    'missing',
    'missing',
  ]);
  expect(files.absolute('app')).toBe(path.join(directory, 'app'));
  expect(await files.readText('notes.txt')).toBe('hello');
});

test('what is typed wrong ends with 2, a missing terminal too', async () => {
  expect(await slipway('--ui', 'loud')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('expected --ui to be one of'),
  });
  expect(await slipway()).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('expected a terminal for the dashboard'),
  });
  expect(await slipway('controller', 'status')).toMatchObject({exitCode: 3});
});

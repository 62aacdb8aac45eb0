// After a crash: what a run left is ended and removed, and nothing else.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {access, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {probeSandbox} from '../../source/executors/probe-sandbox.ts';
import {recordRun, sweepRuns} from '../../source/executors/run-record.ts';
import {bundleLifecycle, openBuildSite, runJob} from './build-site.ts';
import {processesNamed} from './executor-contract.ts';
import {remoteExecutor} from './remote-executor.ts';

let works: string;
let sleeper: ChildProcess;

beforeEach(async () => {
  works = await mkdtemp(path.join(tmpdir(), 'slipway-works-'));
  await mkdir(path.join(works, 'a-build'));
  sleeper = spawn('sleep', ['987651'], {detached: true, stdio: 'ignore'});
});
afterEach(async () => {
  sleeper.kill('SIGKILL');
  await rm(works, {recursive: true, force: true});
});

test('a recorded process that still runs is killed, and its directory removed', async () => {
  await recordRun(path.join(works, 'a-build'), sleeper.pid);
  const ended = once(sleeper, 'exit');
  await sweepRuns(works);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(await readdir(works)).toEqual([]);
});

test.each([
  ['start time', {process: {startTime: '1'}}],
  ['boot', {boot: 'another'}],
])('a process with the same pid but another %s is left alone', async (_, other) => {
  const file = path.join(works, 'a-build', 'run.json');
  await recordRun(path.join(works, 'a-build'), sleeper.pid);
  const record = JSON.parse(await readFile(file, 'utf8')) as {readonly process: object};
  const process = {...record.process, ...('process' in other ? other.process : {})};
  await writeFile(file, JSON.stringify({...record, ...other, process}));
  await sweepRuns(works);
  expect(sleeper.exitCode ?? sleeper.signalCode).toBeNull();
  expect(await processesNamed(/^sleep 987651 $/)).not.toEqual([]);
  expect(await readdir(works)).toEqual([]);
});

test.each([
  ['nothing', []],
  ['half a record', ['run.json.new']],
])(
  'a directory with %s, of a run that was ended before its record, is removed; one with anything else is not',
  async (_, names) => {
    for (const name of names) await writeFile(path.join(works, 'a-build', name), '{');
    await mkdir(path.join(works, 'foreign', 'empty'), {recursive: true});
    await sweepRuns(works);
    expect(await readdir(works)).toEqual(['foreign']);
    expect(await readdir(path.join(works, 'foreign'))).toEqual(['empty']);
  },
);

test('a link in the place of a work directory is not followed', async () => {
  const outside = await mkdtemp(path.join(tmpdir(), 'slipway-outside-'));
  await recordRun(outside);
  const {symlink} = await import('node:fs/promises');
  await symlink(outside, path.join(works, 'linked'));
  await sweepRuns(works);
  await access(path.join(outside, 'run.json'));
  await rm(outside, {recursive: true});
});

const statement = await probeSandbox();
if (statement.kind !== 'private-root') console.log(`skipped kill -9 of a run: ${statement.why}`);

test.runIf(statement.kind === 'private-root')(
  'kill -9 of the controller ends its builds, and a sweep leaves nothing',
  async () => {
    const site = await openBuildSite();
    const lifecycle = bundleLifecycle(path.join(site.home, 'lifecycle.mjs'));
    const buildpack = await site.buildpack('acme/endless', {build: 'echo up; sleep 987650'});
    let controller: ChildProcess | undefined;
    const executor = remoteExecutor({home: site.home, lifecycle, statement, onStart: (child) => (controller = child)});
    const run = runJob(executor, site.job([buildpack]), undefined, ({log}) => {
      if (log.at(-1)?.bytes.includes('up')) controller?.kill('SIGKILL');
    });
    await expect(run).rejects.toThrow('without an outcome');
    expect(await readdir(path.join(site.home, 'work'))).toHaveLength(1);
    await executor.sweep(path.join(site.home, 'work'));
    expect(await readdir(path.join(site.home, 'work'))).toEqual([]);
    expect(await processesNamed(/^sleep 987650 $/)).toEqual([]);
    await site.close();
  },
);

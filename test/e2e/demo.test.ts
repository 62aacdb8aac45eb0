// The whole demo without a terminal: the story as it is told, what it leaves, and that it fails when a step does.
import {cp, mkdir, readdir, readFile, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {aHome, type SeenEvent, type TestHome} from './support/a-home.ts';
import {processesOf} from './support/processes.ts';
import {checkout, type Printed} from './support/program.ts';

const sixPhases = ['PREPARE', 'DETECT', 'ANALYZE', 'RESTORE', 'BUILD', 'EXPORT'];

describe('the story', () => {
  let home: TestHome;
  let told: Printed;
  let status: Printed;
  let leftRunning: readonly unknown[];
  let leftBehind: readonly string[];

  beforeAll(async () => {
    home = await aHome();
    // What `npm run demo` starts.
    told = await home.run(['demo'], {program: join(checkout, 'scripts', 'slipway.ts')});
    leftRunning = await processesOf(home.path);
    leftBehind = await readdir(home.path);
    status = await home.run(['controller', 'status']);
  }, 120_000);

  afterAll(() => home.remove(), 30_000);

  /** What was printed from a command's prompt to the next heading of the story or the next prompt. */
  const partAfter = (prompt: string, which = 1): string => {
    const parts = told.stdout.split(/^(?=\$ |# )/m).filter((part) => part.startsWith(`$ ${prompt}`));
    return parts[which - 1] ?? '';
  };

  test('ends with success, nothing to complain about, and no process left', () => {
    expect(told.code, told.stderr).toBe(0);
    expect(told.stderr).not.toMatch(/error/i);
    expect(leftRunning).toEqual([]);
    expect(leftBehind).not.toContain('controller.lock');
    expect(status.code).toBe(3);
  });

  test('the first build of spring-petclinic goes through the six phases in the order of the workshop, each with its time', () => {
    const log = partAfter('slipway build logs spring-petclinic');
    expect([...log.matchAll(/^===> (\w+)/gm)].map(([, phase]) => phase)).toEqual(sixPhases);
    expect(log).toContain('Build reason(s): CONFIG');
    const table = told.stdout.split('# Build 1 took ')[1]?.split('\n#')[0] ?? '';
    const rows = [...table.matchAll(/^(\w+) +succeeded +(\d+ms|[\d.]+s)\b/gm)].map(([, phase]) => phase?.toUpperCase());
    expect(rows).toEqual(sixPhases);
  });

  test('a commit is built because of that commit, and what did not change is restored and reused', () => {
    const log = partAfter('slipway build logs spring-petclinic', 2);
    expect(log).toContain('Build reason(s): COMMIT');
    const [, before, after] = /COMMIT:\n\t- ([0-9a-f]{40})\n\t\+ ([0-9a-f]{40})\n/.exec(log) ?? [];
    expect(before).not.toBe(after);
    expect(log).toContain('Restoring data for "sample/node-engine:node" from cache');
    expect(log).toContain("Reusing layer 'sample/npm-install:node_modules'");
    const [, restored, reused] = /# Build 2 took \S+: (\d+) layers restored, (\d+) reused/.exec(told.stdout) ?? [];
    expect([Number(restored) > 0, Number(reused) > 0]).toEqual([true, true]);
  });

  test('the patch leads to a rebase for STACK, shown with the digests of both base images', () => {
    const log = partAfter('slipway build logs spring-webdb');
    expect([...log.matchAll(/^===> (\w+)/gm)].map(([, phase]) => phase)).toEqual(['REBASE']);
    const [, before, after = 'no digest'] =
      /STACK:\n\t- sha256:([0-9a-f]{64})\n\t\+ sha256:([0-9a-f]{64})\n/.exec(log) ?? [];
    expect(before).toBeDefined();
    expect(before).not.toBe(after);
    expect(partAfter('slipway clusterstack status default')).toContain(`sha256:${after}`);
    expect(log).toMatch(/^\*\*\* Digest: sha256:[0-9a-f]{64}$/m);
  });

  test('kp build list shows rows 1 CONFIG and 2 STACK in the columns of kp', () => {
    const [header = '', ...rows] = partAfter('slipway build list spring-webdb').trimEnd().split('\n').slice(1);
    expect(header.trimEnd().split(/ {2,}/)).toEqual(['BUILD', 'STATUS', 'BUILT IMAGE', 'REASON', 'IMAGE RESOURCE']);
    const cells = rows.map((row) => row.trimEnd().split(/ {2,}/));
    expect(cells).toEqual([
      [
        '1',
        'SUCCESS',
        expect.stringMatching(/^slipway\.local\/demo\/spring-webdb@sha256:[0-9a-f]{64}$/),
        'CONFIG',
        'spring-webdb',
      ],
      [
        '2',
        'SUCCESS',
        expect.stringMatching(/^slipway\.local\/demo\/spring-webdb@sha256:[0-9a-f]{64}$/),
        'STACK',
        'spring-webdb',
      ],
    ]);
    expect(cells[0]?.[2]).not.toBe(cells[1]?.[2]);
  });

  test('the events that are kept tell the same: a rebase, under a second, that ran no buildpack and no phase of a build', async () => {
    const events = await home.events();
    const ofRebase = events.filter(({image, number}) => image === 'spring-webdb' && number === 2);
    const [started, ended] = [find(ofRebase, 'build.started'), find(ofRebase, 'build.succeeded')];
    expect(started).toMatchObject({strategy: 'rebase', changes: [{reason: 'STACK'}]});
    expect(ended.at - started.at).toBeLessThan(1000);
    const phases = ofRebase.filter(({kind}) => kind === 'phase.finished').map(({phase, state}) => [phase, state]);
    expect(phases).toEqual([
      ['prepare', 'succeeded'],
      ['rebase', 'succeeded'],
    ]);
    expect(ofRebase.filter(({kind}) => kind.startsWith('buildpack') || kind === 'layer.recorded')).toEqual([]);
    expect(events.map(({sequence}) => sequence)).toEqual(events.map((_, index) => index + 1));
  });

  test('leaves no work directory behind, and a home marked as its own', async () => {
    expect(await readdir(join(home.path, 'work'))).toEqual([]);
    expect(await readFile(join(home.path, '.slipway-demo'), 'utf8')).toContain('slipway demo');
  });
});

describe('when a sample buildpack fails', () => {
  let home: TestHome;
  let told: Printed;
  let leftRunning: readonly unknown[];

  beforeAll(async () => {
    home = await aHome();
    const program = await anotherInstallation(home);
    const build = join(home.files, 'slipway', 'examples', 'buildpacks', 'node-engine', 'bin', 'build');
    await writeFile(build, '#!/bin/bash\necho "no engine today" >&2\nexit 1\n');
    told = await home.run(['demo', '--ui', 'plain'], {program});
    leftRunning = await processesOf(home.path);
  }, 60_000);

  afterAll(() => home.remove(), 30_000);

  test('the demo ends with 1 and names the step, the phase, the buildpack and its exit', () => {
    expect(told.code).toBe(1);
    const errors = told.stderr.split('\n').filter((line) => line.startsWith('Error: '));
    expect(errors.at(-1)).toMatch(/step 2 of the demo \(Cody describes his app once/);
    expect(told.stderr).toContain('exit code 51');
    expect(told.stderr).toContain('sample/node-engine');
    expect(told.stdout).toContain('no engine today');
  });

  test('nothing after the failed step is told, and no process is left', () => {
    expect(told.stdout).not.toContain('# 3.');
    expect(leftRunning).toEqual([]);
  });
});

describe('a home that is not the demo’s', () => {
  test('is refused and stays as it is', async () => {
    const home = await aHome();
    try {
      await mkdir(home.path);
      await writeFile(join(home.path, 'precious.txt'), 'mine');
      const {code, stderr} = await home.run(['demo']);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^Error: .*give a new or empty directory with --home DIR\n$/),
      ]);
      expect(await readdir(home.path)).toEqual(['precious.txt']);
    } finally {
      await home.remove();
    }
  });
});

/** A copy of the program with examples that a test may change; gives its first file. */
async function anotherInstallation(home: TestHome): Promise<string> {
  const directory = join(home.files, 'slipway');
  for (const part of ['dist', 'examples', 'package.json']) {
    await cp(join(checkout, part), join(directory, part), {recursive: true});
  }
  await symlink(join(checkout, 'node_modules'), join(directory, 'node_modules'));
  return join(directory, 'dist', 'slipway.js');
}

function find(events: readonly SeenEvent[], kind: string): SeenEvent {
  const found = events.find((event) => event.kind === kind);
  if (!found) throw new Error(`expected an event ${kind} among ${events.map((event) => event.kind).join(', ')}`);
  return found;
}

// A controller killed at many points of a build and a rebase: by what happened last, by the step it is about to write, by the clock.
// However it dies, the story ends the same: one build, one rebase, the same digests, no number left out, nothing left over.
import {existsSync} from 'node:fs';
import {cp, readdir, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as pause} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {aHome, type SeenEvent, type TestHome} from '../e2e/support/a-home.ts';
import {expectNoProcesses} from '../e2e/support/processes.ts';
import {type Printed, startSlipway} from '../e2e/support/program.ts';
import type {BuildList} from '../e2e/support/resources.ts';
import {makeApp, makeSmallWorld} from '../e2e/support/small-world.ts';

const killer = join(import.meta.dirname, 'kill-at-step.mjs');
const perPoint = 60_000;

let home: TestHome;
let app: string;
let fresh: string;
let undisturbed: readonly string[];
let steps: readonly string[];

beforeAll(async () => {
  home = await aHome();
  await makeSmallWorld(home);
  app = await makeApp(home, 'one', {'a.txt': 'a', 'b/c.txt': 'c'});
  await home.ok('controller', 'stop');
  fresh = join(home.files, 'fresh-home');
  await cp(home.path, fresh, {recursive: true, preserveTimestamps: true});

  const trace = join(home.files, 'trace');
  await startWith({KILL_TRACE: trace, KILL_MARK: join(home.files, 'none')});
  await playStory();
  undisturbed = await outcome();
  steps = (await readFile(trace, 'utf8')).trim().split('\n');
}, perPoint);

afterAll(() => home.remove(), perPoint);

test('undisturbed, the story is one build and one rebase with different digests', () => {
  expect(undisturbed).toEqual([
    expect.stringMatching(/^1 CONFIG build True test\/one@sha256:/),
    expect.stringMatching(/^2 STACK rebase True test\/one@sha256:/),
  ]);
  expect(steps.length).toBeGreaterThan(40);
});

describe('killed at a step that changes the disk', () => {
  // Spread evenly over the story.
  test.for([...Array(36).keys()])('point %i of 36', {timeout: 2 * perPoint}, async (point) => {
    const index = Math.round((point / 35) * (steps.length - 1));
    const side = point % 2 === 0 ? 'before' : 'after';
    const mark = join(home.files, `killed-${point}`);
    await resetHome();
    await startWith({KILL_AT: String(index + 1), KILL_SIDE: side, KILL_MARK: mark});
    await playStory();
    const where = existsSync(mark) ? await readFile(mark, 'utf8') : 'never';
    await expectGoodEnd(where);
    expect(where, 'the controller was killed').not.toBe('never');
  });
});

describe('killed when an event is seen', () => {
  const kinds = [
    ['image.saved', 1],
    ['source.resolved', 1],
    ['build.started', 1],
    ['phase.started', 1],
    ['phase.finished', 1],
    ['buildpacks.detected', 1],
    ['phase.started', 3],
    ['buildpack.started', 1],
    ['buildpack.finished', 1],
    ['phase.started', 6],
    ['layer.recorded', 1],
    ['layer.recorded', 6],
    ['phase.finished', 6],
    ['build.succeeded', 1],
    ['image.saved', 2],
    ['build.started', 2],
    ['phase.finished', 7],
    ['phase.started', 8],
    ['build.succeeded', 2],
  ] as const;
  test.for(kinds)('%s number %i', {timeout: 2 * perPoint}, async ([kind, which]) => {
    await resetHome();
    await startWith({});
    const killing = killAt(kind, which);
    await playStory();
    expect(await killing, 'the controller was killed').toBe(true);
    await expectGoodEnd(`after ${kind} ${which}`);
  });
});

describe('killed again and again by the clock', () => {
  test.for([3, 17, 40, 90, 150, 230, 310, 420])(
    'every %i ms after its start, longer each time',
    {timeout: 2 * perPoint},
    async (first) => {
      await resetHome();
      await home.ok('controller', 'start');
      const over = new AbortController();
      const killing = (async () => {
        for (let after = first; !over.signal.aborted && after < 20_000; after = after * 1.6 + 60) {
          await pause(after);
          if (!over.signal.aborted) await home.killController();
        }
      })();
      await playStory();
      over.abort();
      await killing;
      await expectGoodEnd(`by the clock, ${first} ms`);
    },
  );
});

/** Starts the controller with the killer loaded; without an order to kill it only counts. */
async function startWith(env: Readonly<Record<string, string>>): Promise<void> {
  const started = await home.run(['controller', 'start'], {env: {...env, NODE_OPTIONS: `--import ${killer}`}});
  // Killed while it starts is a point like any other: the next command starts another one.
  if (started.code !== 0 && env['KILL_AT'] === undefined) throw new Error(started.stderr);
}

async function resetHome(): Promise<void> {
  await home.killController();
  await expectNoProcesses(home.path);
  await rm(home.path, {recursive: true, force: true});
  await cp(fresh, home.path, {recursive: true, preserveTimestamps: true});
}

/** Two commands and a wait for what each leads to. What failed for want of a controller is asked again; what was acknowledged is not. */
async function playStory(): Promise<void> {
  await acknowledged('image', 'save', 'one', '--tag', 'test/one', '--local-path', app, '--cluster-builder', 'old');
  await acknowledged('build', 'logs', 'one');
  await acknowledged('image', 'patch', 'one', '--cluster-builder', 'new');
  await acknowledged('build', 'logs', 'one');
}

async function acknowledged(...argv: readonly string[]): Promise<void> {
  let printed: Printed | undefined;
  for (let tries = 0; tries < 20; tries += 1) {
    printed = await home.run(argv, {timeout: perPoint});
    if (printed.code === 0) return;
    if (printed.code !== 3) break;
  }
  throw new Error(`slipway ${argv.join(' ')} ended with ${String(printed?.code)}: ${printed?.stderr ?? ''}`);
}

/** Kills the controller as soon as a client hears of the event; true when that happened. */
async function killAt(kind: string, which: number): Promise<boolean> {
  const follower = startSlipway(home.path, ['events', '--follow'], {timeout: perPoint});
  let seen = 0;
  try {
    for await (const line of createInterface({input: follower.stdout})) {
      if ((JSON.parse(line) as SeenEvent).kind === kind) seen += 1;
      if (seen < which) continue;
      await home.killController();
      return true;
    }
    return false;
  } finally {
    follower.kill('SIGKILL');
    await follower;
  }
}

async function expectGoodEnd(where: string): Promise<void> {
  expect(await outcome(), where).toEqual(undisturbed);
  expect(
    (await namesInLayout()).map((name) => name.replace(/\.\d{8}\.\d{6}$/, '')),
    `names, ${where}`,
  ).toEqual(['b1', 'b2', 'latest']);
  expect(await readdir(join(home.path, 'work')), `work, ${where}`).toEqual([]);
  const events = await home.events();
  expect(
    events.map(({sequence}) => sequence),
    `events, ${where}`,
  ).toEqual(events.map((_, index) => index + 1));
  const ended = events.filter(({kind}) => kind === 'build.succeeded').map(({number}) => number);
  expect(ended, `ends, ${where}`).toEqual([1, 2]);
  await home.ok('controller', 'stop');
  await expectNoProcesses(home.path);
}

async function outcome(): Promise<readonly string[]> {
  const {items} = await home.json<BuildList>('build', 'list', 'one');
  return items.map(({metadata, status}) =>
    [
      metadata.labels['image.kpack.io/buildNumber'],
      status.changes.map(({reason}) => reason).join(','),
      status.strategy,
      status.conditions[0]?.status,
      status.latestImage,
    ].join(' '),
  );
}

async function namesInLayout(): Promise<readonly string[]> {
  type Index = {manifests: readonly {annotations: Record<string, string>}[]};
  const file = join(home.path, 'images', 'default', 'one', 'index.json');
  const {manifests} = JSON.parse(await readFile(file, 'utf8')) as Index;
  return manifests.map(({annotations}) => annotations['org.opencontainers.image.ref.name'] ?? '').toSorted();
}

// A story of two commands, played with a controller that is killed at one point: one build, one rebase, the same digests as undisturbed, no number
// left out, nothing left over. Every test file that plays it has a home of its own, so that files run side by side.
import {cp, readdir, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {expect} from 'vitest';
import {aHome, type SeenEvent, type TestHome} from '../../e2e/support/a-home.ts';
import {expectNoProcesses} from '../../e2e/support/processes.ts';
import {type Printed, startSlipway} from '../../e2e/support/program.ts';
import type {BuildList} from '../../e2e/support/resources.ts';
import {makeApp, makeSmallWorld} from '../../e2e/support/small-world.ts';

/** How long one story may take, in milliseconds. */
export const perPoint = 120_000;

export type CrashStory = {
  readonly home: TestHome;
  /** How the story ends when nothing disturbs it. */
  readonly undisturbed: readonly string[];
  /** The steps of the controller that change the disk, in their order. */
  readonly steps: readonly string[];
  /** Brings the home back to what it was before the story. */
  readonly reset: () => Promise<void>;
  /** Starts the controller with the killer loaded; without an order to kill it only counts. */
  readonly startWith: (env: Readonly<Record<string, string>>) => Promise<void>;
  /** Two commands and a wait for what each leads to. What failed for want of a controller is asked again; what was acknowledged is not. */
  readonly play: () => Promise<void>;
  /** Kills the controller as soon as a client hears of the event; true when that happened. */
  readonly killAt: (kind: string, which: number) => Promise<boolean>;
  /** Fails unless all is as it was undisturbed; `where` says at which point the controller died. */
  readonly expectGoodEnd: (where: string) => Promise<void>;
};

const killer = join(import.meta.dirname, '..', 'kill-at-step.mjs');

/** Makes a home and plays the story once, undisturbed. The caller removes the home. */
export async function aCrashStory(): Promise<CrashStory> {
  const home = await aHome();
  await makeSmallWorld(home);
  const app = await makeApp(home, 'one', {'a.txt': 'a', 'b/c.txt': 'c'});
  await home.ok('controller', 'stop');
  const fresh = join(home.files, 'fresh-home');
  await cp(home.path, fresh, {recursive: true, preserveTimestamps: true});

  const trace = join(home.files, 'trace');
  await startWith(home, {KILL_TRACE: trace, KILL_MARK: join(home.files, 'none')});
  await playStory(home, app);
  const undisturbed = await outcome(home);
  const steps = (await readFile(trace, 'utf8')).trim().split('\n');
  return {
    home,
    undisturbed,
    steps,
    reset: () => resetHome(home, fresh),
    startWith: (env) => startWith(home, env),
    play: () => playStory(home, app),
    killAt: (kind, which) => killAt(home, kind, which),
    expectGoodEnd: (where) => expectGoodEnd(home, undisturbed, where),
  };
}

async function startWith(home: TestHome, env: Readonly<Record<string, string>>): Promise<void> {
  const started = await home.run(['controller', 'start'], {env: {...env, NODE_OPTIONS: `--import ${killer}`}});
  // Killed while it starts is a point like any other: the next command starts another one.
  if (started.code !== 0 && env['KILL_AT'] === undefined) throw new Error(started.stderr);
}

async function resetHome(home: TestHome, fresh: string): Promise<void> {
  await home.killController();
  await expectNoProcesses(home.path);
  await rm(home.path, {recursive: true, force: true});
  await cp(fresh, home.path, {recursive: true, preserveTimestamps: true});
}

async function playStory(home: TestHome, app: string): Promise<void> {
  await acknowledged(
    home,
    'image',
    'save',
    'one',
    '--tag',
    'test/one',
    '--local-path',
    app,
    '--cluster-builder',
    'old',
  );
  await acknowledged(home, 'build', 'logs', 'one');
  await acknowledged(home, 'image', 'patch', 'one', '--cluster-builder', 'new');
  await acknowledged(home, 'build', 'logs', 'one');
}

async function acknowledged(home: TestHome, ...argv: readonly string[]): Promise<void> {
  let printed: Printed | undefined;
  for (let tries = 0; tries < 20; tries += 1) {
    printed = await home.run(argv, {timeout: perPoint});
    if (printed.code === 0) return;
    if (printed.code !== 3) break;
  }
  throw new Error(`slipway ${argv.join(' ')} ended with ${String(printed?.code)}: ${printed?.stderr ?? ''}`);
}

async function killAt(home: TestHome, kind: string, which: number): Promise<boolean> {
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

async function expectGoodEnd(home: TestHome, undisturbed: readonly string[], where: string): Promise<void> {
  expect(await outcome(home), where).toEqual(undisturbed);
  expect(
    (await namesInLayout(home)).map((name) => name.replace(/\.\d{8}\.\d{6}$/, '')),
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

async function outcome(home: TestHome): Promise<readonly string[]> {
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

async function namesInLayout(home: TestHome): Promise<readonly string[]> {
  type Index = {manifests: readonly {annotations: Record<string, string>}[]};
  const file = join(home.path, 'images', 'default', 'one', 'index.json');
  const {manifests} = JSON.parse(await readFile(file, 'utf8')) as Index;
  return manifests.map(({annotations}) => annotations['org.opencontainers.image.ref.name'] ?? '').toSorted();
}

// The whole life of a stack patch on a fleet of so many images: planned, begun, its controller killed, ended by the next one,
// and taken back.
import {copyFile, mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {expect} from 'vitest';
import type {Client} from '../../../source/client/client.ts';
import {connectToController} from '../../../source/client/connect.ts';
import {statePaths} from '../../../source/daemon/state-paths.ts';
import {patchIsOpen} from '../../../source/domain/patch.ts';
import type {Event, RecordedEvent} from '../../../source/domain/event.ts';
import {blobPath, readImage} from '../../../source/oci/image-layout.ts';
import {latestSuccess} from '../../../source/state/image-status.ts';
import type {ImageRecord, State} from '../../../source/state/state.ts';
import {eventually} from '../../e2e/support/processes.ts';
import {plainApps, recordDirectly} from './a-fleet.ts';
import {aFleetHome} from './a-running-fleet.ts';

const script = join(import.meta.dirname, 'run-controller.ts');

/** What the story came to; the time is for reading, nothing is promised about it. */
export type StoryFigures = {readonly planMilliseconds: number; readonly interruptedAttempts: number};

/** A home without a controller, what happened there before, and the run image that the patch brings. */
export type StoryPlace = {
  readonly home: string;
  readonly events: readonly Event[];
  readonly runImage: string;
  /** Looks at the images where they went, when the patch is through and when it is taken back. */
  readonly look?: (state: State) => Promise<void>;
};

/** Plays it with images in layouts and checks everything on the way. */
export async function playFleetStory(count: number): Promise<StoryFigures> {
  const {home, events, second, remove} = await aFleetHome(plainApps(count));
  try {
    return await playFleetStoryAt({home, events, runImage: second}, count);
  } finally {
    await remove();
  }
}

/** The same at a place with a fleet of so many images. */
export async function playFleetStoryAt(place: StoryPlace, count: number): Promise<StoryFigures> {
  try {
    recordDirectly(place.home, place.events);
    return await play(place, count);
  } finally {
    await endController(place.home, 'SIGTERM');
  }
}

async function play({home, runImage, look}: StoryPlace, count: number): Promise<StoryFigures> {
  const first = await connect(home, Math.ceil(count / 3));
  const {pid} = await first.status();
  const before = digests(first.state.read());
  const patched = {kind: 'stack.save', mode: 'patch', name: 'base', runImage} as const;
  const began = performance.now();
  const dry = await first.send(patched, {dryRun: true});
  const planMilliseconds = Math.round(performance.now() - began);
  expect(dry.outlook.map(({member}) => member?.planned)).toEqual(Array.from({length: count}, () => 'rebase'));

  const promised = Object.fromEntries(
    dry.outlook.map(({namespace, name, member}) => [`${namespace}/${name}`, member?.becomes]),
  );

  const {patch = ''} = await first.send(patched);
  await disconnected(first);
  first.close();
  await eventually(`controller ${pid} is gone`, () => !isAlive(pid));
  const doneThen = await rebasedDurably(home);
  const writtenThen = await written(home, doneThen);
  expect(doneThen.length, 'killed in the middle').toBeGreaterThanOrEqual(Math.ceil(count / 3));
  expect(doneThen.length, 'killed in the middle').toBeLessThan(count);

  const second = await connect(home);
  await reached(second, ({patches}) => patches[patch] !== undefined && !patchIsOpen(patches[patch]));
  const state = second.state.read();
  expect(state.patches[patch]?.state).toBe('succeeded');
  expect(digests(state), 'the digests that the dry run promised').toEqual(promised);
  for (const record of Object.values(state.images)) expectRebasedOnce(record, patch);
  expect(await written(home, doneThen), 'what was written before the kill').toEqual(writtenThen);
  await expectNamed(home, state);
  await look?.(state);
  const interruptedAttempts = expectWholeHistory(await allEvents(second), count);

  const {patch: back = '', outlook} = await second.send({kind: 'patch.rollback', id: patch});
  expect(outlook.map(({member}) => member?.planned)).toEqual(Array.from({length: count}, () => 'rebase'));
  await reached(second, ({patches}) => patches[back] !== undefined && !patchIsOpen(patches[back]));
  const after = second.state.read();
  expect(after.patches[back]?.state).toBe('succeeded');
  expect(digests(after)).toEqual(before);
  await expectNamed(home, after);
  await look?.(after);
  second.close();
  return {planMilliseconds, interruptedAttempts};
}

/** With `killAfter`, to a controller that does not outlive so many builds. */
function connect(home: string, killAfter?: number): Promise<Client> {
  const argument = killAfter === undefined ? [] : [String(killAfter)];
  return connectToController({
    home,
    version: '0.1.0',
    start: {command: [process.execPath, script, ...argument]},
    timeoutMs: 60_000,
  });
}

function disconnected({connection}: Client): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.subscribe(() => {
      if (connection.read().kind === 'connected') return;
      stop();
      resolve();
    });
  });
}

/** Resolves as soon as the client's state is so. */
function reached(client: Client, isSo: (state: State) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isSo(client.state.read())) {
      resolve();
      return;
    }
    const stop = client.state.subscribe(() => {
      if (!isSo(client.state.read())) return;
      stop();
      resolve();
    });
  });
}

type Rebased = {readonly namespace: string; readonly image: string; readonly digest: string};

/** What the killed controller's history says was rebased, read from a copy: the next controller is to find what a crash leaves. */
async function rebasedDurably(home: string): Promise<readonly Rebased[]> {
  const copy = await mkdtemp(join(tmpdir(), 'killed-history-'));
  try {
    for (const end of ['', '-wal']) await copyFile(join(home, `state.db${end}`), join(copy, `state.db${end}`));
    const opened = new DatabaseSync(join(copy, 'state.db'));
    const rows = opened.prepare("SELECT body FROM event WHERE kind = 'build.succeeded'").all();
    opened.close();
    const ended = rows.map(({body}) => JSON.parse(String(body)) as Extract<Event, {kind: 'build.succeeded'}>);
    return ended
      .filter(({number}) => number === 2)
      .map(({namespace, image, result}) => ({namespace, image, digest: result.digest}));
  } finally {
    await rm(copy, {recursive: true});
  }
}

function digests({images}: State): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(images).map(([key, record]) => [key, latestSuccess(record)?.result?.digest]),
  );
}

/** When and as which file the manifests were written: a blob written again is another file. */
async function written(home: string, images: readonly Rebased[]): Promise<readonly string[]> {
  return Promise.all(
    images.map(async ({namespace, image, digest}) => {
      const {ino, mtimeMs} = await stat(blobPath(statePaths(home).image(namespace, image), digest));
      return `${image} ${ino} ${mtimeMs}`;
    }),
  );
}

/** One build for the patch, a rebase; attempts that the kill interrupted are there to be read. */
function expectRebasedOnce({image, builds}: ImageRecord, patch: string): void {
  expect(
    builds.map(({number, strategy, state}) => `${number} ${strategy} ${state}`),
    image.name,
  ).toEqual(['1 build succeeded', '2 rebase succeeded']);
  const [, rebase] = builds;
  expect(rebase?.inputs.patch).toBe(patch);
  const states = rebase?.attempts.map(({state}) => state) ?? [];
  expect(states.at(-1)).toBe('succeeded');
  expect(
    states.slice(0, -1).every((state) => state === 'interrupted'),
    image.name,
  ).toBe(true);
}

async function expectNamed(home: string, {images}: State): Promise<void> {
  for (const record of Object.values(images)) {
    const {namespace, name} = record.image;
    const {digest} = await readImage(statePaths(home).image(namespace, name), 'latest');
    expect(digest, name).toBe(latestSuccess(record)?.result?.digest);
  }
}

async function allEvents(client: Client): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const more = await client.readEvents({afterSequence: events.at(-1)?.sequence ?? 0, limit: 5_000});
    if (more.length === 0) return events;
    events.push(...more);
  }
}

/** No event is missing, each image's rebase ended once; gives the number of attempts that were interrupted. */
function expectWholeHistory(events: readonly RecordedEvent[], count: number): number {
  expect(events.map(({sequence}) => sequence)).toEqual(events.map((_, index) => index + 1));
  const ended = events.filter(({event}) => event.kind === 'build.succeeded' && event.number === 2);
  expect(ended).toHaveLength(count);
  const started = events.filter(({event}) => event.kind === 'build.started' && event.number === 2);
  const interrupted = events.filter(({event}) => event.kind === 'build.interrupted');
  expect(started).toHaveLength(count + interrupted.length);
  return interrupted.length;
}

async function endController(home: string, signal: NodeJS.Signals): Promise<void> {
  const client = await connectToController({home, version: '0.1.0'}).catch(() => undefined);
  if (!client) return;
  const {pid} = await client.status();
  client.close();
  process.kill(pid, signal);
  await eventually(`controller ${pid} is gone`, () => !isAlive(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

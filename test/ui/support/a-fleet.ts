// A small fleet for tests and screenshots: nine images in every state, made of real events folded by the real reducer.
import {createHash} from 'node:crypto';
import type {Build, BuildInputs, BuildRef} from '../../../source/domain/build.ts';
import type {Builder} from '../../../source/domain/builder.ts';
import type {BuildpackRef} from '../../../source/domain/buildpack.ts';
import type {Change} from '../../../source/domain/change.ts';
import type {Event, RecordedEvent} from '../../../source/domain/event.ts';
import type {BuildFailure} from '../../../source/domain/failure.ts';
import type {Image} from '../../../source/domain/image.ts';
import {embeddedPhases, type PhaseName, rebasePhases} from '../../../source/domain/phase.ts';
import {buildConfigOf} from '../../../source/domain/reasons/config.ts';
import type {BaseImage, Stack} from '../../../source/domain/stack.ts';
import {reduceAll} from '../../../source/state/reduce.ts';
import {emptyState, type State} from '../../../source/state/state.ts';

/** 12:04:31 UTC: the moment at which the fleet is looked at. */
export const fleetNow = Date.UTC(2026, 2, 14, 12, 4, 31);

export const node: BuildpackRef = {id: 'sample/node-engine', version: '1.4.2'};
export const npm: BuildpackRef = {id: 'sample/npm-install', version: '0.9.0'};
export const java: BuildpackRef = {id: 'sample/jvm', version: '2.1.0'};
const oldProcfile: BuildpackRef = {id: 'sample/procfile', version: '1.0.0'};

/** A digest that is always the same for a word. */
export function digestOf(word: string): string {
  return `sha256:${createHash('sha256').update(word).digest('hex')}`;
}

/** A commit that is always the same for a word. */
export function commitOf(word: string): string {
  return createHash('sha1').update(word).digest('hex');
}

export function aBaseImage(name: string, word = name): BaseImage {
  return {
    image: `oci:/srv/bases:${name}`,
    digest: digestOf(word),
    name: `bases/${name}`,
    layout: '/srv/bases',
    topLayer: digestOf(`layer of ${word}`),
  };
}

export function aStack(name: string, run: BaseImage, at = fleetNow - 9_000_000): Stack {
  const build = aBaseImage(`${name}-build`);
  return {
    name,
    generation: 1,
    createdAt: at,
    spec: {id: 'io.slipway.stacks.sample', buildImage: build.image, runImage: run.image},
    resolved: {
      at,
      buildImage: build,
      runImage: run,
      mixins: [],
      userId: 1000,
      groupId: 1000,
      target: {os: 'linux', arch: 'amd64', distroName: 'debian', distroVersion: '13'},
      runnable: true,
    },
  };
}

export function aBuilder(
  name: string,
  stack: string,
  buildpacks: readonly BuildpackRef[] = [node, npm, java],
): Builder {
  return {
    kind: 'ClusterBuilder',
    name,
    generation: 1,
    createdAt: fleetNow - 9_000_000,
    changedAt: fleetNow - 9_000_000,
    spec: {
      stack,
      store: 'default',
      order: [{group: buildpacks.map(({id, version}) => ({id, version}))}],
      trusted: true,
      executor: 'embedded',
    },
  };
}

export function anImage(name: string, change: Partial<Image> & {readonly builder?: string} = {}): Image {
  const {builder = 'default', ...rest} = change;
  return {
    namespace: 'default',
    name,
    generation: 1,
    createdAt: fleetNow - 8_000_000,
    changedAt: fleetNow - 8_000_000,
    paused: false,
    spec: {
      tag: `registry.local/apps/${name}`,
      additionalTags: [],
      builder: {kind: 'ClusterBuilder', name: builder},
      source: {kind: 'git', url: `https://git.local/apps/${name}.git`, revision: 'main'},
      env: [],
      services: [],
      resources: {},
      serviceAccountName: 'default',
      successBuildHistoryLimit: 10,
      failedBuildHistoryLimit: 10,
      imageTaggingStrategy: 'BuildNumber',
      updatePolicy: 'auto',
      export: 'layout',
    },
    ...rest,
  };
}

/** Gathers events in order and numbers them. */
export class Story {
  readonly #events: Event[] = [];

  add(...events: readonly Event[]): this {
    this.#events.push(...events);
    return this;
  }

  recorded(from = 1): readonly RecordedEvent[] {
    return this.#events.map((event, at) => ({sequence: from + at, event}));
  }

  state(): State {
    return reduceAll(emptyState, this.recorded());
  }
}

export type BuildStory = {
  readonly image: Image;
  readonly number: number;
  readonly at: number;
  readonly commit: string;
  readonly run: BaseImage;
  readonly stack?: string;
  readonly changes: readonly Change[];
  readonly strategy?: 'build' | 'rebase';
  readonly previous?: string;
  readonly buildpacks?: readonly BuildpackRef[];
};

/** The beginning of a build. */
export function started(story: BuildStory): Event {
  const {image, number, at, commit, changes} = story;
  const source = {kind: 'git', revision: commit, type: 'Branch'} as const;
  const inputs: BuildInputs = {
    source,
    config: buildConfigOf(image, source, 'embedded'),
    builder: image.spec.builder,
    executor: 'embedded',
    stackName: story.stack ?? 'default',
    stackId: 'io.slipway.stacks.sample',
    runImage: {name: story.run.name, digest: story.run.digest},
    lifecycleVersion: '1',
    imageGeneration: image.generation,
    ...(story.previous ? {previousDigest: story.previous} : {}),
  };
  const strategy = story.strategy ?? 'build';
  const phases = strategy === 'rebase' ? rebasePhases : embeddedPhases;
  return {kind: 'build.started', at, ...refOf(story), attempt: 1, strategy, changes, inputs, phases, number};
}

/** Phases one after the other, each with its length in milliseconds; the last may be left running. */
export function phasesOf(
  story: BuildStory,
  lengths: readonly (readonly [PhaseName, number | 'running' | 'failed'])[],
): readonly Event[] {
  let at = story.at + 40;
  return lengths.flatMap(([phase, length]): readonly Event[] => {
    const begin: Event = {kind: 'phase.started', at, ...refOf(story), phase};
    if (length === 'running') return [begin];
    at += length === 'failed' ? 380 : length;
    const state = length === 'failed' ? 'failed' : 'succeeded';
    return [
      begin,
      {kind: 'phase.finished', at, ...refOf(story), phase, state, ...(state === 'failed' ? {exitCode: 20} : {})},
    ];
  });
}

/** A whole successful build. */
export function succeededBuild(story: BuildStory, took = 41_000): readonly Event[] {
  const rebase = story.strategy === 'rebase';
  const buildpacks = story.buildpacks ?? [node, npm];
  const lengths: readonly (readonly [PhaseName, number])[] = rebase
    ? [
        ['prepare', 120],
        ['rebase', 260],
      ]
    : [
        ['prepare', 320],
        ['detect', 140],
        ['analyze', 60],
        ['restore', 900],
        ['build', Math.max(1, took - 3400)],
        ['export', 1900],
      ];
  const end = story.at + 40 + lengths.reduce((sum, [, length]) => sum + length, 0);
  const {image, number, run} = story;
  return [
    started(story),
    ...phasesOf(story, lengths),
    ...(rebase ? [] : [{kind: 'buildpacks.detected', at: story.at + 500, ...refOf(story), buildpacks} as const]),
    ...layers(story, rebase ? {} : {restored: 2, reused: 4, added: 1, cached: 2}),
    {
      kind: 'build.succeeded',
      at: end,
      ...refOf(story),
      result: {
        digest: digestOf(`${image.name} ${number}`),
        tags: [image.spec.tag, `${image.spec.tag}:b${number}.20260314`],
        runImage: {name: run.name, digest: run.digest},
        stackId: 'io.slipway.stacks.sample',
        lifecycleVersion: '1',
        buildpacks,
        size: 84_300_000 + number * 1_310_000,
      },
    },
  ];
}

export function layers(
  story: BuildStory,
  counts: Partial<Record<'restored' | 'reused' | 'added' | 'cached', number>>,
): readonly Event[] {
  return Object.entries(counts).flatMap(([what, count]) =>
    Array.from({length: count}, (_, at) => ({
      kind: 'layer.recorded' as const,
      at: story.at + 2000,
      ...refOf(story),
      what: what as 'restored',
      layer: `${what}-${at}`,
      size: 1_000_000,
    })),
  );
}

export function refOf({image, number}: {image: Image; number: number}): BuildRef {
  return {namespace: image.namespace, image: image.name, number};
}

export function firstConfig(image: Image, commit: string): Change {
  return {
    reason: 'CONFIG',
    old: {resources: {}, source: {}},
    new: buildConfigOf(image, {kind: 'git', revision: commit, type: 'Branch'}, 'embedded'),
  };
}

export const failure: BuildFailure = {
  phase: 'detect',
  exitCode: 20,
  meaning: 'no group of buildpacks passed detection: this source is nothing the builder knows how to build',
  message: 'ERROR: No buildpack groups passed detection.',
  next: 'add a package.json or a pom.xml to the source, or give the image another builder with p',
};

const minutes = 60_000;

export const oldRun = aBaseImage('run', 'run 2026-02');
export const newRun = aBaseImage('run', 'run 2026-03');
export const slimRun = aBaseImage('run-slim', 'slim 2026-03');

/** The catalog: two stacks, two builders, and a third builder to patch images to. */
export function aCatalog(): Story {
  return new Story().add(
    {
      kind: 'controller.started',
      at: fleetNow - 9_500_000,
      version: '0.1.0',
      lifecycleVersion: '1',
      sandbox: {kind: 'private-root', as: 'user'},
    },
    {
      kind: 'store.saved',
      at: fleetNow - 9_400_000,
      store: {
        name: 'default',
        generation: 1,
        createdAt: fleetNow - 9_400_000,
        spec: {sources: ['/srv/buildpacks']},
        resolved: {
          at: fleetNow - 9_400_000,
          buildpacks: [node, npm, java].map((one) => ({
            ...one,
            api: '0.10',
            digest: digestOf(one.id),
            directory: `/srv/buildpacks/${one.id}`,
            source: '/srv/buildpacks',
          })),
        },
      },
    },
    {kind: 'stack.saved', at: fleetNow - 9_300_000, stack: aStack('default', newRun)},
    {kind: 'stack.saved', at: fleetNow - 9_300_000, stack: aStack('slim', slimRun)},
    {kind: 'builder.saved', at: fleetNow - 9_200_000, builder: aBuilder('default', 'default')},
    {kind: 'builder.saved', at: fleetNow - 9_200_000, builder: aBuilder('node-only', 'default', [node, npm])},
    {kind: 'builder.saved', at: fleetNow - 9_200_000, builder: aBuilder('slim', 'slim')},
  );
}

/** The whole fleet. `spring-petclinic` is being built. */
export function aFleet(): Story {
  const story = aCatalog();
  const image = (name: string, change: Parameters<typeof anImage>[1] = {}) => {
    const made = anImage(name, change);
    story.add({kind: 'image.saved', at: made.createdAt, image: made});
    return made;
  };
  const resolve = (made: Image, commit: string, at: number) =>
    story.add({
      kind: 'source.resolved',
      at,
      namespace: made.namespace,
      name: made.name,
      generation: made.generation,
      source: {kind: 'git', revision: commitOf(commit), type: 'Branch'},
    });
  const ready = (
    name: string,
    ago: number,
    change: Parameters<typeof anImage>[1] = {},
    run = newRun,
    took = 38_000,
  ) => {
    const made = image(name, change);
    const commit = commitOf(`${name} 1`);
    resolve(made, `${name} 1`, fleetNow - ago - 5000);
    story.add(
      ...succeededBuild(
        {image: made, number: 1, at: fleetNow - ago, commit, run, changes: [firstConfig(made, commit)]},
        took,
      ),
    );
    return made;
  };

  ready('billing', 128 * minutes, {paused: true});

  const catalog = image('catalog', {});
  const asking: Image = {...catalog, spec: {...catalog.spec, updatePolicy: 'ask'}};
  story.add({kind: 'image.saved', at: catalog.createdAt, image: asking});
  const catalogCommit = commitOf('catalog 1');
  resolve(asking, 'catalog 1', fleetNow - 130 * minutes);
  story.add(
    ...succeededBuild({
      image: asking,
      number: 1,
      at: fleetNow - 125 * minutes,
      commit: catalogCommit,
      run: oldRun,
      changes: [firstConfig(asking, catalogCommit)],
    }),
  );

  ready('checkout', 117 * minutes, {}, newRun, 52_000);
  ready('gateway', 64 * minutes, {builder: 'slim'}, slimRun, 29_000);

  const orders = ready('orders-api', 51 * minutes, {}, newRun, 47_000);
  const ordersCommit = commitOf('orders 2');
  resolve(orders, 'orders 2', fleetNow - 9 * minutes);
  const failed: BuildStory = {
    image: orders,
    number: 2,
    at: fleetNow - 8 * minutes,
    commit: ordersCommit,
    run: newRun,
    changes: [{reason: 'COMMIT', old: commitOf('orders-api 1'), new: ordersCommit}],
  };
  story.add(
    started(failed),
    ...phasesOf(failed, [
      ['prepare', 310],
      ['detect', 'failed'],
    ]),
    {kind: 'build.failed', at: failed.at + 760, ...refOf(failed), failure},
  );

  const search = ready('search', 44 * minutes);
  resolve(search, 'search 2', fleetNow - 20_000);

  const petclinic = ready('spring-petclinic', 58 * minutes, {}, oldRun, 61_000);
  const rebase: BuildStory = {
    image: petclinic,
    number: 2,
    at: fleetNow - 40 * minutes,
    commit: commitOf('spring-petclinic 1'),
    run: newRun,
    strategy: 'rebase',
    changes: [{reason: 'STACK', old: oldRun.digest, new: newRun.digest}],
    previous: digestOf('spring-petclinic 1'),
  };
  story.add(...succeededBuild(rebase));
  const commit = commitOf('spring-petclinic 2');
  resolve(petclinic, 'spring-petclinic 2', fleetNow - 44_000);
  const running = petclinicBuild(petclinic, commit);
  story.add(
    started(running),
    ...phasesOf(running, [
      ['prepare', 320],
      ['detect', 140],
      ['analyze', 60],
      ['restore', 1240],
      ['build', 'running'],
    ]),
    {kind: 'buildpacks.detected', at: running.at + 500, ...refOf(running), buildpacks: [node, npm]},
    ...layers(running, {restored: 3}),
    {kind: 'buildpack.started', at: running.at + 9000, ...refOf(running), buildpack: npm, index: 2, of: 2},
  );

  const web = ready('storefront', 33 * minutes, {builder: 'node-only'}, newRun, 24_000);
  resolve(web, 'storefront 1', fleetNow - 40 * minutes);
  image('worker', {builder: 'java-17'});
  return story;
}

/** The third build of spring-petclinic, 42 seconds old. */
export function petclinicBuild(image: Image, commit: string): BuildStory {
  return {
    image,
    number: 3,
    at: fleetNow - 42_000,
    commit,
    run: newRun,
    changes: [
      {reason: 'COMMIT', old: commitOf('spring-petclinic 1'), new: commit},
      {reason: 'BUILDPACK', old: [oldProcfile], new: null},
    ],
    previous: digestOf('spring-petclinic 2'),
  };
}

/** Many images in one state, for long lists and sweeps. */
export function aLongFleet(count: number): Story {
  const story = aCatalog();
  for (let at = 0; at < count; at++) {
    const made = anImage(`app-${String(at).padStart(4, '0')}`);
    const commit = commitOf(made.name);
    story.add(
      {kind: 'image.saved', at: made.createdAt, image: made},
      {
        kind: 'source.resolved',
        at: made.createdAt,
        namespace: made.namespace,
        name: made.name,
        generation: 1,
        source: {kind: 'git', revision: commit, type: 'Branch'},
      },
      ...succeededBuild({
        image: made,
        number: 1,
        at: fleetNow - 60 * minutes,
        commit,
        run: newRun,
        changes: [firstConfig(made, commit)],
      }),
    );
  }
  return story;
}

export function buildOf(state: State, name: string, number?: number): Build {
  const builds = state.images[`default/${name}`]?.builds ?? [];
  const found = number === undefined ? builds.at(-1) : builds.find((build) => build.number === number);
  if (!found) throw new Error(`the fleet has no build ${number ?? ''} of ${name}`);
  return found;
}

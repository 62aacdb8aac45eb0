// Every case of rebase.json, and what its fakes could not show: layers, history, layouts on disk.
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {blobPath} from '../../source/oci/blob-store.ts';
import {readImage} from '../../source/oci/image-layout.ts';
import {rebase, type RebaseRequest} from '../../source/oci/rebase.ts';
import {previewRebaseInLayout, rebaseInLayout} from '../../source/oci/rebase-in-layout.ts';
import {aTemporaryDirectory} from './a-tree.ts';
import {aConfig, aManifest, anImage} from './an-image.ts';

type FakeImage = {
  readonly NameV: string;
  readonly OSV: string;
  readonly ArchV: string;
  readonly VariantV: string;
  readonly TopV: string;
  readonly IDV: string;
  readonly LabelsV: Readonly<Record<string, string>>;
  readonly EnvV: Readonly<Record<string, string>>;
};

type RebaseCase = {
  readonly input: {
    readonly Name: string;
    readonly PlatformAPI: string;
    readonly Force: boolean;
    readonly App: FakeImage;
    readonly Base: FakeImage;
  };
  readonly error?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rebasedFromTopLayer?: string;
  readonly log: readonly string[] | null;
};

const cases = JSON.parse(
  readFileSync(new URL('../fixtures/conformance/rebase.json', import.meta.url), 'utf8'),
) as readonly RebaseCase[];

test.each(cases.map((rebaseCase) => ({name: rebaseCase.input.Name, rebaseCase})))(
  'rebases as upstream: $name',
  ({rebaseCase}) => {
    const request = requestOf(rebaseCase);
    const result = rebase(request);
    if (result.kind === 'refused') {
      expect(result.message).toBe(rebaseCase.error);
      return;
    }
    expect(rebaseCase.error).toBeUndefined();
    expect(result.config.config?.Labels).toEqual(rebaseCase.labels);
    expect(result.warnings).toEqual(warningsIn(rebaseCase.log));
    expect(result.config.rootfs.diff_ids).toEqual([rebaseCase.input.Base.TopV, rebaseCase.input.App.TopV]);
    expect(result.layers).toEqual({removed: 1, added: 1, kept: 1});
  },
);

test('the file of rebases has refusals and successes', () => {
  expect(new Set(cases.map((rebaseCase) => rebaseCase.error === undefined))).toEqual(new Set([true, false]));
});

function requestOf({input, rebasedFromTopLayer}: RebaseCase): RebaseRequest {
  const app = fakeConfig(input.App, [rebasedFromTopLayer ?? 'sha256:oldtop', input.App.TopV]);
  const base = fakeConfig(input.Base, [input.Base.TopV]);
  return {
    platformApi: input.PlatformAPI,
    force: input.Force,
    app: {config: app, manifest: aManifest(app), name: input.App.NameV},
    base: {config: base, manifest: aManifest(base), name: input.Base.NameV, reference: input.Base.IDV},
  };
}

function fakeConfig(fake: FakeImage, diffIds: readonly string[]): ReturnType<typeof aConfig> {
  return aConfig({
    architecture: fake.ArchV,
    os: fake.OSV,
    variant: fake.VariantV,
    labels: fake.LabelsV,
    env: Object.entries(fake.EnvV).map(([name, value]) => `${name}=${value}`),
    diffIds,
  });
}

function warningsIn(log: RebaseCase['log']): readonly string[] {
  return (log ?? []).filter((line) => line.startsWith('warn: ')).map((line) => line.slice('warn: '.length).trimEnd());
}

function metadataLabel(topLayer: string): Readonly<Record<string, string>> {
  const runImage = {topLayer, reference: 'old', image: 'acme/run:noble'};
  return {
    'io.buildpacks.stack.id': 'acme',
    'io.buildpacks.lifecycle.metadata': JSON.stringify({
      app: [],
      buildpacks: [],
      runImage,
      stack: {runImage: {image: 'acme/run:noble'}},
    }),
  };
}

/** A request whose app stands on two base layers (and an empty line of history) and whose new base has one. */
function aRequest(changes: Partial<RebaseRequest> = {}, appApi = '0.11'): RebaseRequest {
  const app = aConfig({
    labels: metadataLabel('sha256:base2'),
    env: [`CNB_PLATFORM_API=${appApi}`, 'PATH=/old'],
    diffIds: ['sha256:base1', 'sha256:base2', 'sha256:app1', 'sha256:app2'],
    history: [
      {created_by: 'base1'},
      {created_by: 'base2'},
      {created_by: 'ENV', empty_layer: true},
      {created_by: 'app1'},
      {created_by: 'LABEL', empty_layer: true},
      {created_by: 'app2'},
    ],
  });
  const base = aConfig({
    labels: {'io.buildpacks.stack.id': 'acme'},
    env: ['PATH=/new'],
    variant: 'v8',
    architecture: 'arm64',
    diffIds: ['sha256:new1'],
    history: [{created_by: 'new1'}, {created_by: 'ENV', empty_layer: true}],
  });
  return {
    platformApi: 'kpack',
    force: false,
    app: {config: app, manifest: aManifest(app), name: 'acme/app'},
    base: {config: base, manifest: aManifest(base), name: 'acme/run:other', reference: 'new'},
    ...changes,
  };
}

test('layers and history up to the old top layer are replaced, everything above is kept', () => {
  const result = rebase(aRequest());
  expect(result).toMatchObject({
    kind: 'rebased',
    layers: {removed: 2, added: 1, kept: 2},
    config: {
      architecture: 'arm64',
      variant: 'v8',
      config: {Env: ['CNB_PLATFORM_API=0.11', 'PATH=/old']},
      rootfs: {diff_ids: ['sha256:new1', 'sha256:app1', 'sha256:app2']},
      history: [
        {created_by: 'new1'},
        {created_by: 'ENV', empty_layer: true},
        {created_by: 'app1'},
        {created_by: 'LABEL', empty_layer: true},
        {created_by: 'app2'},
      ],
    },
  });
});

test("kpack's semantics take a run image of another name; the newer Platform API asks for force", () => {
  expect(rebase(aRequest()).kind).toBe('rebased');
  expect(rebase(aRequest({platformApi: '0.12'}))).toMatchObject({
    kind: 'refused',
    reason: 'name-unknown',
    forceHelps: true,
  });
  expect(rebase(aRequest({platformApi: '0.12', force: true}))).toMatchObject({
    kind: 'rebased',
    warnings: [expect.any(String)],
  });
});

const base = aRequest().base;
const app = aRequest().app;

function appWith(config: object): Partial<RebaseRequest> {
  return {app: {...app, config: {...app.config, ...config}}};
}

function appWithLabels(labels: Readonly<Record<string, string>>): Partial<RebaseRequest> {
  return appWith({config: {...app.config.config, Labels: {...app.config.config?.Labels, ...labels}}});
}

test.each([
  ['no-stack-on-app', 'stack not defined on app image', appWithLabels({'io.buildpacks.stack.id': ''})],
  [
    'no-stack-on-base',
    'stack not defined on new base image',
    {base: {...base, config: aConfig({diffIds: ['sha256:n']})}},
  ],
  ['bad-mixins', 'get app image mixins: failed to unmarshal', appWithLabels({'io.buildpacks.stack.mixins': '{"a":1}'})],
  [
    'bad-metadata',
    'get image metadata: failed to unmarshal',
    appWithLabels({'io.buildpacks.lifecycle.metadata': '[]'}),
  ],
  [
    'bad-metadata',
    'runImage.topLayer',
    appWithLabels({'io.buildpacks.lifecycle.metadata': '{"runImage":{"topLayer":1}}'}),
  ],
  [
    'base-layer-not-found',
    'could not find base layer in image',
    appWithLabels({'io.buildpacks.lifecycle.metadata': ''}),
  ],
  ['bad-history', 'malformed image', appWith({history: Array.from({length: 9}, () => ({created_by: 'x'}))})],
  ['bad-platform-api', 'Expected a Platform API', {platformApi: 'latest'}],
  [
    'base-without-layers',
    'image has no layers',
    {base: {...base, config: {...base.config, rootfs: {type: 'layers', diff_ids: []}, history: []}}},
  ],
] as const)('refuses with a reason for code and words for people: %s, %s', (reason, words, changes) => {
  const result = rebase(aRequest(changes as Partial<RebaseRequest>));
  expect(result).toMatchObject({kind: 'refused', reason, message: expect.stringContaining(words), forceHelps: false});
});

test('a base without history gets a line per layer', () => {
  const silent = {...base, config: {...base.config, history: undefined}};
  const result = rebase(aRequest({base: silent}));
  expect(result).toMatchObject({
    config: {history: [{created: '0001-01-01T00:00:00Z'}, {created_by: 'app1'}, {}, {created_by: 'app2'}]},
  });
});

async function twoLayouts(): Promise<Parameters<typeof rebaseInLayout>[0]> {
  const baseLayout = aTemporaryDirectory();
  const appLayout = aTemporaryDirectory();
  const stack = {'io.buildpacks.stack.id': 'acme'};
  await anImage(baseLayout, ['os-2'], {labels: stack});
  const old = await anImage(appLayout, ['os-1'], {names: ['old-base']});
  const labels = metadataLabel(old.written[0]?.diffId ?? '');
  await anImage(appLayout, ['os-1', 'app'], {names: ['latest', 'b1'], labels, env: ['CNB_PLATFORM_API=0.9']});
  return {
    platformApi: 'kpack',
    force: false,
    appLayout,
    app: 'latest',
    appName: 'acme/app',
    baseLayout,
    baseName: 'acme/run:2',
    names: ['latest'],
  };
}

test('in a layout: the digest is known beforehand, base blobs are hard links, only the name asked for moves', async () => {
  const request = await twoLayouts();
  const before = await readImage(request.appLayout, 'latest');
  const preview = await previewRebaseInLayout(request);
  expect((await readImage(request.appLayout, 'latest')).digest).toBe(before.digest);
  const result = await rebaseInLayout(request);
  if (result.kind === 'refused' || preview.kind === 'refused') throw new Error('the rebase was refused');
  expect(result.digest).toBe(preview.digest);
  expect(result.previousDigest).toBe(before.digest);
  const after = await readImage(request.appLayout, 'latest');
  const newBase = await readImage(request.baseLayout);
  expect(after.digest).toBe(result.digest);
  expect(after.config.rootfs.diff_ids).toEqual([newBase.config.rootfs.diff_ids[0], before.config.rootfs.diff_ids[1]]);
  expect((await readImage(request.appLayout, 'b1')).digest).toBe(before.digest);
  const layer = newBase.manifest.layers[0]?.digest ?? '';
  expect(statSync(blobPath(request.appLayout, layer)).ino).toBe(statSync(blobPath(request.baseLayout, layer)).ino);
  expect(JSON.parse(after.config.config?.Labels?.['io.buildpacks.lifecycle.metadata'] ?? '')).toMatchObject({
    runImage: {reference: `index.docker.io/acme/run@${newBase.digest}`, topLayer: newBase.config.rootfs.diff_ids[0]},
  });
});

test('in a layout: doing it again from the same images changes nothing, and a third layout can take the result', async () => {
  const request = {...(await twoLayouts()), app: 'b1'};
  const first = await rebaseInLayout(request);
  const second = await rebaseInLayout({...request, into: aTemporaryDirectory()});
  expect(second).toEqual(first);
});

test('in a layout: a refusal writes nothing', async () => {
  const request = {...(await twoLayouts()), platformApi: '0.13'};
  const files = (): unknown => readdirSync(request.appLayout, {recursive: true}).toSorted();
  const before = [files(), readFileSync(join(request.appLayout, 'index.json'), 'utf8')];
  expect(await rebaseInLayout(request)).toMatchObject({kind: 'refused', reason: 'name-unknown'});
  expect([files(), readFileSync(join(request.appLayout, 'index.json'), 'utf8')]).toEqual(before);
});

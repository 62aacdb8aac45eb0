// Runs a recorded case: builds of one image one after another, phase by phase in upstream's order, and what each of them left behind.
import {createHash} from 'node:crypto';
import {chown, cp, lchown, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {stringify} from 'smol-toml';
import {readImage, writeImage} from '../../source/oci/image-layout.ts';
import {writeLayer} from '../../source/oci/layer-writer.ts';
import type {LifecycleEvent} from '../../source/lifecycle/lifecycle-events.ts';
import {runInRoot} from './private-root.ts';

export type CaseStep = {
  readonly Note?: string;
  readonly PlatformAPI: string;
  readonly ExecEnv?: string;
  readonly ProcessType?: string;
  readonly Order: string;
  readonly System?: string;
  readonly App?: Readonly<Record<string, string>> | null;
  readonly AppDelete?: readonly string[] | null;
  readonly PlatformEnv?: Readonly<Record<string, string>> | null;
  readonly BuildConfig?: Readonly<Record<string, string>> | null;
  readonly SkipLayers?: boolean;
  readonly ClearCache?: boolean;
  readonly Fresh?: boolean;
  readonly Project?: string;
};

export type ImageResult = {
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly entrypoint: readonly string[];
  readonly layers: readonly {readonly diffID: string; readonly createdBy: string; readonly reused: boolean}[];
};

/** What one build left, in the shape of the recorded results. */
export type StepResult = {
  readonly failedAt?: string;
  readonly exitCode?: number;
  readonly message?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly layersAfterRestore?: readonly string[];
  readonly layersAfterBuild?: readonly string[];
  readonly buildOutput?: string;
  readonly image?: ImageResult;
  readonly cacheMetadata?: string;
  readonly cacheFiles?: readonly string[];
};

const user = {uid: 1234, gid: 1000};
const topLayerStandIn = 'sha256:runimagetoplayer';

/** Runs the steps with this bundle of the lifecycle; the buildpacks are the case's own. */
export async function runBuildCase(
  caseDirectory: string,
  steps: readonly CaseStep[],
  bundle: string,
): Promise<readonly StepResult[]> {
  const base = await mkdtemp(path.join(os.tmpdir(), 'slipway-conformance-'));
  try {
    const site = await buildSite(base, caseDirectory, bundle);
    const results: StepResult[] = [];
    let previous: string | undefined;
    for (const step of steps) {
      const {result, digest} = await runStep(site, step, step.Fresh === true ? undefined : previous);
      previous = digest ?? previous;
      results.push(result);
    }
    return results;
  } finally {
    await rm(base, {recursive: true, force: true});
  }
}

type Site = {
  readonly at: (name: string) => string;
  readonly binds: Readonly<Record<string, string>>;
  /** diffID of the run image's layer, which the recorded results call something else. */
  readonly topLayer: string;
};

async function buildSite(base: string, caseDirectory: string, bundle: string): Promise<Site> {
  const at = (name: string) => path.join(base, name);
  for (const name of ['layers', 'workspace', 'platform', 'cnb', 'cache', 'out', 'run-image'])
    await mkdir(at(name), {mode: 0o755});
  await cp(path.join(caseDirectory, 'buildpacks'), at('cnb/buildpacks'), {recursive: true});
  await mkdir(at('cnb/lifecycle'));
  await writeFile(at('cnb/lifecycle/launcher'), '#!/bin/sh\necho fake launcher\n', {mode: 0o755});
  await writeFile(at('cnb/run.toml'), '[[images]]\nimage = "acme/run:noble"\nmirrors = ["mirror.example/run:noble"]\n');
  await writeFile(
    at('cnb/stack.toml'),
    '[run-image]\nimage = "acme/run:noble"\nmirrors = ["mirror.example/run:noble"]\n',
  );
  const topLayer = await writeRunImage(at('run-image'));
  for (const name of ['layers', 'workspace', 'platform', 'cnb', 'cache', 'out']) await chownTree(at(name));
  const binds = {
    '/layers': at('layers'),
    '/workspace': at('workspace'),
    '/platform': at('platform'),
    '/cnb': at('cnb'),
    '/cache': at('cache'),
    '/out': at('out'),
    '/run-image': at('run-image'),
    '/opt/node': process.execPath,
    '/opt/lifecycle.mjs': bundle,
  };
  return {at, binds, topLayer};
}

async function writeRunImage(directory: string): Promise<string> {
  const layer = await writeLayer([], {compress: true, into: directory});
  await writeImage(directory, {
    manifest: {layers: [{mediaType: layer.mediaType, digest: layer.digest, size: layer.size}]},
    config: {
      os: 'linux',
      architecture: 'amd64',
      config: {Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Labels: {'io.buildpacks.base.distro.name': 'ubuntu'}},
      rootfs: {type: 'layers', diff_ids: [layer.diffId]},
    },
    names: ['noble'],
  });
  return layer.diffId;
}

async function chownTree(directory: string): Promise<void> {
  await chown(directory, user.uid, user.gid);
  for (const entry of await readdir(directory, {withFileTypes: true})) {
    const place = path.join(directory, entry.name);
    if (entry.isDirectory()) await chownTree(place);
    else await lchown(place, user.uid, user.gid);
  }
}

type StepOutcome = {readonly result: StepResult; readonly digest?: string};

async function runStep(site: Site, step: CaseStep, previous: string | undefined): Promise<StepOutcome> {
  await prepareStep(site, step);
  const events: LifecycleEvent[] = [];
  let result: StepResult = {files: {}};
  const skip = step.SkipLayers === true ? ['-skip-layers'] : [];
  const phases: readonly {readonly name: string; readonly flags: readonly string[]}[] = [
    {name: 'analyze', flags: [...skip, '-run-image', 'acme/run:noble', 'acme/app']},
    {name: 'detect', flags: []},
    {name: 'restore', flags: ['-cache-dir', '/cache', ...skip]},
    {name: 'build', flags: []},
    {name: 'export', flags: exportFlags(step)},
  ];
  for (const {name, flags} of phases) {
    const {code, stdout} = await runPhase(site, step, previous, name, flags, events);
    if (name === 'build') result = {...result, buildOutput: stdout};
    result = {...result, files: await readFiles(site)};
    if (code !== 0) return {result: {...result, failedAt: name, exitCode: code, message: stdout}};
    if (name === 'restore') result = {...result, layersAfterRestore: await listLayersDir(site)};
    if (name === 'build') result = {...result, layersAfterBuild: await listLayersDir(site)};
  }
  const digest = events.findLast((event) => event.kind === 'image.exported')?.digest;
  return {
    result: {...result, image: await describeImage(site, digest, events), ...(await describeCache(site))},
    digest,
  };
}

async function prepareStep(site: Site, step: CaseStep): Promise<void> {
  for (const name of ['layers', 'platform']) {
    for (const entry of await readdir(site.at(name))) await rm(path.join(site.at(name), entry), {recursive: true});
  }
  if (step.ClearCache === true)
    for (const entry of await readdir(site.at('cache')))
      await rm(path.join(site.at('cache'), entry), {recursive: true});
  for (const name of step.AppDelete ?? [])
    await rm(path.join(site.at('workspace'), name), {recursive: true, force: true});
  for (const [name, text] of Object.entries(step.App ?? {})) {
    await write(path.join(site.at('workspace'), name), text, name.endsWith('.sh') ? 0o755 : 0o644);
  }
  for (const [name, text] of Object.entries(step.PlatformEnv ?? {})) await write(site.at(`platform/env/${name}`), text);
  await rm(site.at('cnb/build-config'), {recursive: true, force: true});
  for (const [name, text] of Object.entries(step.BuildConfig ?? {}))
    await write(site.at(`cnb/build-config/env/${name}`), text);
  await rm(site.at('cnb/project-metadata.toml'), {force: true});
  if (step.System) await write(site.at('layers/system.toml'), step.System);
  if (step.Project)
    await write(site.at('cnb/project-metadata.toml'), stringify(JSON.parse(step.Project) as Record<string, unknown>));
  await write(site.at('layers/order.toml'), step.Order);
  await write(site.at('layers/analyzed.toml'), preparedRunImage);
  for (const name of ['layers', 'workspace', 'platform', 'cnb', 'cache']) await chownTree(site.at(name));
}

/** What the prepare phase would have written: which run image, and what for. */
const preparedRunImage = `[run-image]
reference = "run-image-ref"
image = "acme/run:noble"
[run-image.target]
os = "linux"
arch = "amd64"
[run-image.target.distro]
name = "ubuntu"
version = "24.04"
`;

async function write(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(path.dirname(file), {recursive: true});
  await writeFile(file, text, {mode});
}

function exportFlags(step: CaseStep): readonly string[] {
  const processType = step.ProcessType ? ['-process-type', step.ProcessType] : [];
  const flags = [
    '-cache-dir',
    '/cache',
    '-launcher',
    '/cnb/lifecycle/launcher',
    '-uid',
    '1234',
    '-gid',
    '1000',
    ...processType,
  ];
  return [...flags, '-project-metadata', '/cnb/project-metadata.toml', 'acme/app'];
}

async function runPhase(
  site: Site,
  step: CaseStep,
  previous: string | undefined,
  name: string,
  flags: readonly string[],
  events: LifecycleEvent[],
) {
  return runInRoot({
    binds: site.binds,
    user,
    argv: ['/opt/node', '/opt/lifecycle.mjs', name, '-no-color', ...flags],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: '/home/cnb',
      SECRET_HOST_VAR: 'must not reach a buildpack',
      CNB_PLATFORM_API: step.PlatformAPI,
      CNB_SYSTEM_PATH: '/layers/system.toml',
      ...(step.ExecEnv ? {CNB_EXEC_ENV: step.ExecEnv} : {}),
      SLIPWAY_RUN_IMAGE_LAYOUT: '/run-image',
      SLIPWAY_OUTPUT_LAYOUT: '/out',
      SLIPWAY_LAUNCHER_METADATA: '{"version":"1.2.3","repository":"github.com/buildpacks/lifecycle","commit":"abcdef"}',
      SLIPWAY_EVENTS_FD: '3',
      ...(previous === undefined ? {} : {SLIPWAY_PREVIOUS_IMAGE_LAYOUT: `/out@${previous}`}),
    },
    onEvents: (text) => {
      for (const line of text.split('\n')) if (line !== '') events.push(JSON.parse(line) as LifecycleEvent);
    },
  });
}

async function readFiles(site: Site): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const name of ['analyzed.toml', 'group.toml', 'plan.toml', 'config/metadata.toml']) {
    const text = await readIfAny(site.at(`layers/${name}`));
    if (text !== undefined) files[name] = recordedWords(site, text);
  }
  return files;
}

async function readIfAny(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Our names for the two images, which the recorded results know under stand-ins. */
function recordedWords(site: Site, text: string): string {
  return text
    .replaceAll(site.topLayer, topLayerStandIn)
    .replace(/reference = "\/out@sha256:[0-9a-f]{64}"/g, 'reference = "prev-ref"');
}

async function listLayersDir(site: Site): Promise<readonly string[]> {
  const lines: string[] = [];
  await list(site.at('layers'), '/layers');
  return lines;

  async function list(directory: string, name: string): Promise<void> {
    const entries = await readdir(directory);
    for (const entry of entries.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      const place = path.join(directory, entry);
      if ((await lstat(place)).isDirectory()) {
        lines.push(`${name}/${entry}/`);
        await list(place, `${name}/${entry}`);
      } else {
        lines.push(await describeFile(site, place, `${name}/${entry}`));
      }
    }
  }
}

async function describeFile(site: Site, place: string, name: string): Promise<string> {
  const content = await readFile(place);
  if (name.endsWith('.toml')) return `${name} = ${recordedWords(site, content.toString('utf8'))}`;
  return `${name} (sha256 ${createHash('sha256').update(content).digest('hex').slice(0, 17)}…)`;
}

async function describeImage(
  site: Site,
  digest: string | undefined,
  events: readonly LifecycleEvent[],
): Promise<ImageResult> {
  const {config} = await readImage(site.at('out'), digest);
  const inImage = config.config ?? {};
  const reused = new Set(events.flatMap((event) => (event.kind === 'layer.reused' ? [event.diffId] : [])));
  const above = config.rootfs.diff_ids.slice(1);
  return {
    labels: Object.fromEntries(
      Object.entries(inImage.Labels ?? {}).map(([key, value]) => [key, recordedWords(site, value)]),
    ),
    env: Object.fromEntries(
      (inImage.Env ?? []).map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    ),
    workingDir: inImage.WorkingDir ?? '',
    entrypoint: inImage.Entrypoint ?? [],
    layers: above.map((diffID, index) => ({
      diffID,
      createdBy: config.history?.[index + 1]?.created_by ?? '',
      reused: reused.has(diffID),
    })),
  };
}

async function describeCache(site: Site): Promise<Pick<StepResult, 'cacheMetadata' | 'cacheFiles'>> {
  const cacheFiles = (await readdir(site.at('cache/committed'))).toSorted();
  return {
    cacheFiles,
    cacheMetadata: await readFile(site.at('cache/committed/io.buildpacks.lifecycle.cache.metadata'), 'utf8'),
  };
}

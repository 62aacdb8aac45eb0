// A place to build in: buildpacks, an order, an app, a run image and an output layout below one temporary directory, and the lifecycle run there
// as a process of its own. Works for an ordinary user and for root, who hands the place to another user and becomes it.
import {spawn} from 'node:child_process';
import {chmod, chown, lchown, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {buildSync} from 'esbuild';
import type {LifecycleEvent} from '../../source/lifecycle/lifecycle-events.ts';
import {type LayoutImage, readImage, writeImage} from '../../source/oci/image-layout.ts';
import {writeLayer} from '../../source/oci/layer-writer.ts';

export type BuildpackSpec = {
  readonly id: string;
  readonly detect?: string;
  readonly build?: string;
  /** The whole buildpack.toml below [buildpack]'s id and version. */
  readonly toml?: string;
};

export type SiteSpec = {
  readonly buildpacks: readonly BuildpackSpec[];
  /** The ids of each group; all buildpacks in one group unless given. */
  readonly order?: readonly (readonly string[])[];
  readonly app?: Readonly<Record<string, string>>;
  readonly runImageLabels?: Readonly<Record<string, string>>;
};

export type PhaseResult = {readonly code: number; readonly output: string; readonly events: readonly LifecycleEvent[]};

export type Site = {
  readonly at: (name: string) => string;
  readonly run: (
    phase: string,
    flags?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<PhaseResult>;
  readonly image: () => Promise<LayoutImage>;
  readonly read: (name: string) => Promise<string>;
  readonly write: (name: string, text: string) => Promise<void>;
  readonly remove: () => Promise<void>;
};

const root = path.resolve(import.meta.dirname, '../..');
const user = process.getuid?.() === 0 ? {uid: 1234, gid: 1000} : undefined;

/** Lays a site out. Everything an unprivileged build may change belongs to the user that builds. */
export async function buildSite({
  buildpacks,
  order,
  app = {'app.sh': 'echo hi\n'},
  runImageLabels = {},
}: SiteSpec): Promise<Site> {
  const base = await mkdtemp(path.join(os.tmpdir(), 'slipway-site-'));
  await chmod(base, 0o755);
  const at = (name: string) => path.join(base, name);
  for (const name of ['layers', 'app', 'platform', 'cache', 'layout', 'tmp']) await mkdir(at(name));
  for (const buildpack of buildpacks) await writeBuildpack(at('buildpacks'), buildpack);
  for (const [name, text] of Object.entries(app)) await write(at(`app/${name}`), text);
  await write(at('order.toml'), orderText(order ?? [buildpacks.map(({id}) => id)]));
  await write(at('run.toml'), '[[images]]\nimage = "registry.example/run:1"\n');
  await writeRunImage(at('layout/registry.example/run/1'), runImageLabels);
  bundleTo(at('lifecycle.mjs'));
  if (user !== undefined) await chownTree(base);
  return {
    at,
    run: (phase, flags = [], env = {}) => runPhase(at, phase, flags, env),
    image: () => readImage(at('layout/registry.example/app/latest')),
    read: (name) => readFile(at(name), 'utf8'),
    write: (name, text) => writeFile(at(name), text),
    remove: () => rm(base, {recursive: true, force: true}),
  };
}

async function writeBuildpack(
  directory: string,
  {id, detect = '', build = '', toml = ''}: BuildpackSpec,
): Promise<void> {
  const home = path.join(directory, id.replaceAll('/', '_'), '1.0.0');
  const api = toml.includes('api =') ? '' : 'api = "0.10"\n';
  await write(
    path.join(home, 'buildpack.toml'),
    `${api}${toml.startsWith('api') ? `${toml}\n` : ''}[buildpack]\nid = "${id}"\nversion = "1.0.0"\n${toml.startsWith('api') ? '' : toml}`,
  );
  if (toml.includes('[[order]]')) return;
  await write(path.join(home, 'bin/detect'), `#!/bin/bash\n${detect}\n`, 0o755);
  await write(path.join(home, 'bin/build'), `#!/bin/bash\n${build}\n`, 0o755);
}

async function write(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(path.dirname(file), {recursive: true});
  await writeFile(file, text, {mode});
}

function orderText(order: readonly (readonly string[])[]): string {
  return order
    .map((group) => `[[order]]\n${group.map((id) => `[[order.group]]\nid = "${id}"\nversion = "1.0.0"\n`).join('')}`)
    .join('');
}

async function writeRunImage(directory: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const bash = {
    path: 'usr/bin/bash',
    kind: 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    content: Buffer.alloc(0),
  } as const;
  const {mediaType, digest, size, diffId} = await writeLayer([bash], {compress: true, into: directory});
  await writeImage(directory, {
    manifest: {layers: [{mediaType, digest, size}]},
    config: {
      os: 'linux',
      architecture: 'amd64',
      config: {User: '1234:1000', Env: ['PATH=/usr/bin:/bin'], Labels: labels},
      rootfs: {type: 'layers', diff_ids: [diffId]},
    },
    names: ['1'],
  });
}

function bundleTo(outfile: string): void {
  buildSync({
    entryPoints: [path.join(root, 'source/lifecycle/main.ts')],
    absWorkingDir: root,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
  });
}

async function chownTree(directory: string): Promise<void> {
  if (user === undefined) return;
  await chown(directory, user.uid, user.gid);
  for (const entry of await readdir(directory, {withFileTypes: true})) {
    const place = path.join(directory, entry.name);
    if (entry.isDirectory()) await chownTree(place);
    else await lchown(place, user.uid, user.gid);
  }
}

function runPhase(
  at: Site['at'],
  phase: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<PhaseResult> {
  const child = spawn(process.execPath, [at('lifecycle.mjs'), phase, ...flags], {
    ...user,
    cwd: at('.'),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: at('tmp'),
      TMPDIR: at('tmp'),
      CNB_PLATFORM_API: '0.13',
      CNB_LAYERS_DIR: at('layers'),
      CNB_APP_DIR: at('app'),
      CNB_PLATFORM_DIR: at('platform'),
      CNB_BUILDPACKS_DIR: at('buildpacks'),
      CNB_BUILD_CONFIG_DIR: at('build-config'),
      CNB_ORDER_PATH: at('order.toml'),
      CNB_RUN_PATH: at('run.toml'),
      CNB_CACHE_DIR: at('cache'),
      CNB_USE_LAYOUT: 'true',
      CNB_LAYOUT_DIR: at('layout'),
      CNB_USER_ID: '1234',
      CNB_GROUP_ID: '1000',
      SLIPWAY_EVENTS_FD: '3',
      ...env,
    },
  });
  const texts = [child.stdout, child.stderr, child.stdio[3]].map((stream) => readAll(stream as NodeJS.ReadableStream));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      Promise.all(texts).then(([stdout = '', stderr = '', reported = '']) => {
        const events = reported.split('\n').filter((line) => line !== '');
        resolve({
          code: code ?? -1,
          output: stdout + stderr,
          events: events.map((line) => JSON.parse(line) as LifecycleEvent),
        });
      }, reject);
    });
  });
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

// One side's directories in a state that every phase can go on from, made by that side's own phases, and one malformed file at a time in them.
import {spawn} from 'node:child_process';
import {chmod, chown, cp, lchown, mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {writeImage} from '../../../source/oci/image-layout.ts';
import {writeLayer} from '../../../source/oci/layer-writer.ts';
import {rewriteAsGoWould} from '../run-image.ts';
import type {MalformedCase, Phase} from './malformed-cases.ts';

export type PhaseResult = {readonly code: number; readonly output: string};

/** Runs a case's phase on the state before it, with the malformed file in it. */
export type MalformedSite = {readonly run: (malformed: MalformedCase) => Promise<PhaseResult>};

const user = {uid: 1234, gid: 1000};
const runImage = 'registry.example/run:1';
const outputImage = 'registry.example/app';
const phases: readonly Phase[] = ['analyze', 'detect', 'restore', 'build', 'export'];

/** `command` stands before the phase's name. The site is made below `base`, which everybody must be able to enter. */
export async function openMalformedSite(base: string, command: readonly string[]): Promise<MalformedSite> {
  const live = path.join(base, 'live');
  const before = (phase: Phase) => path.join(base, `before-${phase}`);
  const runPhase = (phase: Phase, platformApi = '0.13') =>
    spawnPhase(live, [...command, ...callOf(live, phase)], phase, platformApi);
  await layOut(live);
  for (const isSecond of [false, true]) {
    for (const phase of phases) {
      await giveToUser(live);
      if (isSecond) await copy(live, before(phase));
      const {code, output} = await runPhase(phase);
      if (code !== 0) throw new Error(`${phase} of a sound site ended with ${code}: ${output}`);
    }
    if (!isSecond) {
      await rm(path.join(live, 'layers'), {recursive: true});
      await mkdir(path.join(live, 'layers'));
    }
  }
  await copy(live, before('rebase'));
  return {
    async run(malformed) {
      await copy(before(malformed.phase), live);
      await place(live, malformed);
      await giveToUser(live);
      return runPhase(malformed.phase, malformed.platformApi);
    },
  };
}

async function copy(from: string, to: string): Promise<void> {
  await rm(to, {recursive: true, force: true});
  await cp(from, to, {recursive: true, verbatimSymlinks: true, preserveTimestamps: true});
}

async function layOut(live: string): Promise<void> {
  const at = (name: string) => path.join(live, name);
  for (const name of ['layers', 'app', 'platform/env', 'platform/out/dep', 'cache', 'layouts', 'tmp']) {
    await mkdir(at(name), {recursive: true});
  }
  const buildpack = at('cnb/buildpacks/acme_a/1.0.0');
  await mkdir(path.join(buildpack, 'bin'), {recursive: true});
  await writeFile(path.join(buildpack, 'buildpack.toml'), buildpackToml);
  await writeFile(path.join(buildpack, 'bin/detect'), detectProgram, {mode: 0o755});
  await writeFile(path.join(buildpack, 'bin/build'), buildProgram, {mode: 0o755});
  await writeFile(at('cnb/order.toml'), '[[order]]\n[[order.group]]\nid = "acme/a"\nversion = "1.0.0"\n');
  await writeFile(at('cnb/run.toml'), `[[images]]\nimage = "${runImage}"\n`);
  await writeFile(at('cnb/project-metadata.toml'), '[source]\ntype = "git"\n');
  await writeFile(at('cnb/launcher'), '#!/bin/sh\n', {mode: 0o755});
  await writeFile(at('app/app.sh'), 'echo hi\n');
  await writeFile(at('platform/detected'), '[[provides]]\nname = "dep"\n[[requires]]\nname = "dep"\n');
  await writeFile(
    at('platform/out/dep.toml'),
    '[types]\nlaunch = true\ncache = true\nbuild = true\n[metadata]\nv = "1"\n',
  );
  await writeFile(at('platform/out/dep/file'), 'content\n');
  await writeFile(at('platform/out/launch.toml'), '[[processes]]\ntype = "web"\ncommand = ["x"]\ndefault = true\n');
  await writeRunImage(at('layouts/registry.example/run/1'));
}

const buildpackToml = `api = "0.10"
[buildpack]
id = "acme/a"
version = "1.0.0"
sbom-formats = ["application/vnd.cyclonedx+json"]
`;
const detectProgram = '#!/bin/bash\ncat "$CNB_PLATFORM_DIR/detected" > "$2"\n';
const buildProgram = '#!/bin/bash\ncp -r "$CNB_PLATFORM_DIR/out/." "$1"\n';

async function writeRunImage(layout: string): Promise<void> {
  await mkdir(layout, {recursive: true});
  const layer = await writeLayer([], {compress: true, into: layout});
  await writeImage(layout, {
    manifest: {layers: [{mediaType: layer.mediaType, digest: layer.digest, size: layer.size}]},
    config: {
      os: 'linux',
      architecture: 'amd64',
      created: '1980-01-01T00:00:01Z',
      history: [{created: '1980-01-01T00:00:01Z', created_by: 'base'}],
      config: {User: '1234:1000', Env: ['PATH=/usr/bin:/bin'], Labels: {'org.example': 'kept'}},
      rootfs: {type: 'layers', diff_ids: [layer.diffId]},
    },
    names: ['1'],
  });
  await rewriteAsGoWould(layout, '1');
}

async function place(live: string, {file, content}: MalformedCase): Promise<void> {
  const inSite = file === 'plan' ? 'platform/detected' : file.replace(/^out\//, 'platform/out/');
  const target = path.join(live, inSite);
  await rm(target, {recursive: true, force: true});
  if (content === undefined) return;
  await mkdir(path.dirname(target), {recursive: true});
  if (typeof content !== 'string' && 'kind' in content) await mkdir(target);
  else await writeFile(target, content);
  if (inSite.includes('/bin/')) await chmod(target, 0o755);
}

async function giveToUser(directory: string): Promise<void> {
  await chown(directory, user.uid, user.gid);
  for (const entry of await readdir(directory, {withFileTypes: true})) {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) await giveToUser(name);
    else await lchown(name, user.uid, user.gid);
  }
}

function callOf(live: string, phase: Phase): readonly string[] {
  const at = (name: string) => path.join(live, name);
  const layout = ['-layout', '-layout-dir', at('layouts')];
  const run = ['-run', at('cnb/run.toml')];
  switch (phase) {
    case 'analyze':
      return [phase, ...layout, ...run, '-run-image', runImage, outputImage];
    case 'detect':
    case 'build':
      return [phase];
    case 'restore':
      return [phase, ...layout, '-cache-dir', at('cache')];
    case 'export': {
      const metadata = ['-project-metadata', at('cnb/project-metadata.toml'), '-launcher', at('cnb/launcher')];
      return [phase, ...layout, ...run, '-cache-dir', at('cache'), ...metadata, outputImage];
    }
    case 'rebase':
      return [phase, ...layout, '-run-image', runImage, outputImage];
    default:
      return phase satisfies never;
  }
}

function spawnPhase(
  live: string,
  [program = '', ...words]: readonly string[],
  phase: Phase,
  platformApi: string,
): Promise<PhaseResult> {
  const at = (name: string) => path.join(live, name);
  const child = spawn(program, words, {
    ...user,
    cwd: at('app'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: at('tmp'),
      TMPDIR: at('tmp'),
      CNB_PLATFORM_API: platformApi,
      CNB_EXPERIMENTAL_MODE: 'quiet',
      CNB_NO_COLOR: 'true',
      CNB_LAYERS_DIR: at('layers'),
      CNB_APP_DIR: at('app'),
      CNB_PLATFORM_DIR: at('platform'),
      CNB_BUILDPACKS_DIR: at('cnb/buildpacks'),
      CNB_BUILD_CONFIG_DIR: at('cnb/build-config'),
      CNB_ORDER_PATH: at('cnb/order.toml'),
      CNB_SYSTEM_PATH: at('cnb/system.toml'),
      CNB_USER_ID: String(user.uid),
      CNB_GROUP_ID: String(user.gid),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === null) reject(new Error(`${phase} was ended by ${signal}: ${output}`));
      else resolve({code, output});
    });
  });
}

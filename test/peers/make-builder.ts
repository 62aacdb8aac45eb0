// A builder image made of this machine's own files: bash, the usual small programs and upstream's real lifecycle. No registry is needed.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {chmod, copyFile, cp, mkdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {UpstreamLifecycle} from './find-lifecycle.ts';

export type BuilderParts = {
  readonly lifecycle: UpstreamLifecycle;
  /** Directories by their paths below /cnb/buildpacks. */
  readonly buildpacks?: Readonly<Record<string, string>>;
  /** The content of /cnb/order.toml. */
  readonly order?: string;
  /** A node for the buildpacks, at /usr/bin/node. */
  readonly node?: string;
  /** The stack id; without it `slipway.test`. */
  readonly stackId?: string;
  /** The run image its metadata names. */
  readonly runImage?: string;
  /** What the label `io.buildpacks.builder.metadata` lists. */
  readonly listed?: readonly {readonly id: string; readonly version: string; readonly homepage?: string}[];
};

export const builderUser = {userId: 1001, groupId: 1000};

const programs = [
  'bash',
  'ls',
  'cat',
  'mkdir',
  'rm',
  'cp',
  'mv',
  'head',
  'tail',
  'tr',
  'date',
  'sleep',
  'id',
  'env',
  'dirname',
  'basename',
  'chmod',
  'sort',
  'setsid',
  'readlink',
  'ln',
  'touch',
  'wc',
  'cut',
  'sed',
  'grep',
  'find',
  'tee',
  'stat',
  'uname',
  'mktemp',
  'seq',
  'tar',
  'sha256sum',
  'ldd',
  'install',
  'xargs',
  'cmp',
  'gzip',
] as const;

const phases = ['analyzer', 'detector', 'restorer', 'builder', 'exporter', 'creator', 'rebaser'] as const;

/** Writes `<directory>/<name>.tar`, a docker archive that an engine can load under `reference`, and gives its path. */
export async function makeBuilder(directory: string, reference: string, parts: BuilderParts): Promise<string> {
  const root = path.join(directory, 'root');
  await rm(root, {recursive: true, force: true});
  await makeRoot(root, parts);
  return writeDockerArchive(directory, root, {
    reference,
    environment: [
      'PATH=/usr/bin:/bin',
      `CNB_USER_ID=${builderUser.userId}`,
      `CNB_GROUP_ID=${builderUser.groupId}`,
      `CNB_STACK_ID=${parts.stackId ?? 'slipway.test'}`,
    ],
    user: `${builderUser.userId}:${builderUser.groupId}`,
    labels: builderLabels(parts),
  });
}

/** The labels that `pack builder create` writes, as far as a platform reads them. */
export function builderLabels({
  listed = [],
  stackId = 'slipway.test',
  runImage = 'registry.example/run:noble',
}: Pick<BuilderParts, 'listed' | 'stackId' | 'runImage'>): Readonly<Record<string, string>> {
  const apis = {
    buildpack: {deprecated: [], supported: ['0.7', '0.8', '0.9', '0.10', '0.11', '0.12']},
    platform: {deprecated: [], supported: ['0.7', '0.8', '0.9', '0.10', '0.11', '0.12', '0.13', '0.14', '0.15']},
  };
  return {
    'io.buildpacks.stack.id': stackId,
    'io.buildpacks.lifecycle.version': '0.21.17',
    'io.buildpacks.lifecycle.apis': JSON.stringify(apis),
    'io.buildpacks.builder.metadata': JSON.stringify({
      description: 'a builder for tests',
      buildpacks: listed,
      stack: {runImage: {image: runImage, mirrors: []}},
      lifecycle: {version: '0.21.17', apis},
      createdBy: {name: 'slipway tests', version: '0'},
    }),
  };
}

async function makeRoot(root: string, parts: BuilderParts): Promise<void> {
  for (const name of [
    'usr/bin',
    'etc',
    'cnb/lifecycle',
    'cnb/buildpacks',
    'platform/env',
    'home/cnb',
    'layers',
    'workspace',
  ]) {
    await mkdir(path.join(root, name), {recursive: true});
  }
  await mkdir(path.join(root, 'tmp'));
  await chmod(path.join(root, 'tmp'), 0o1777);
  await symlink('usr/bin', path.join(root, 'bin'));
  const places = programs.map(findProgram);
  for (const place of places) await copyFile(place, path.join(root, 'usr/bin', path.basename(place)));
  await symlink('bash', path.join(root, 'usr/bin/sh'));
  if (parts.node) await copyFile(parts.node, path.join(root, 'usr/bin/node'));
  await copyLibraries(root, [...places, ...(parts.node ? [parts.node] : []), parts.lifecycle.lifecycle]);
  await copyFile(parts.lifecycle.lifecycle, path.join(root, 'cnb/lifecycle/lifecycle'));
  await copyFile(parts.lifecycle.launcher, path.join(root, 'cnb/lifecycle/launcher'));
  for (const phase of phases) await symlink('lifecycle', path.join(root, 'cnb/lifecycle', phase));
  await writeFile(
    path.join(root, 'etc/passwd'),
    `root:x:0:0::/root:/bin/bash\ncnb:x:${builderUser.userId}:${builderUser.groupId}::/home/cnb:/bin/bash\n`,
  );
  await writeFile(path.join(root, 'etc/os-release'), 'ID=ubuntu\nVERSION_ID="24.04"\n');
  await writeFile(path.join(root, 'cnb/order.toml'), parts.order ?? '');
  for (const [name, from] of Object.entries(parts.buildpacks ?? {})) {
    await cp(from, path.join(root, 'cnb/buildpacks', name), {recursive: true, verbatimSymlinks: true});
  }
}

function findProgram(name: string): string {
  const found = spawnSync('bash', ['-c', `readlink -f "$(type -P ${name})"`], {encoding: 'utf8'}).stdout.trim();
  if (found === '') throw new Error(`expected ${name} on this machine, to put it into a builder image`);
  // a program that is a link to one of many names (as in some distributions) keeps its own name
  return path.basename(found) === name
    ? found
    : spawnSync('bash', ['-c', `type -P ${name}`], {encoding: 'utf8'}).stdout.trim();
}

async function copyLibraries(root: string, files: readonly string[]): Promise<void> {
  const printed = spawnSync('ldd', files, {encoding: 'utf8'}).stdout;
  for (const library of new Set(printed.match(/\/\S+\.so\S*/g) ?? [])) {
    const place = path.join(root, library);
    await mkdir(path.dirname(place), {recursive: true});
    await copyFile(library, place);
  }
}

type ArchiveImage = {
  readonly reference: string;
  readonly environment: readonly string[];
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
};

async function writeDockerArchive(directory: string, root: string, image: ArchiveImage): Promise<string> {
  const content = path.join(directory, 'archive');
  await rm(content, {recursive: true, force: true});
  await mkdir(content, {recursive: true});
  tar([
    '--sort=name',
    '--mtime=@315532801',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--exclude=./layers',
    '--exclude=./workspace',
    '--exclude=./home/cnb',
    '-cf',
    path.join(content, 'layer.tar'),
    '-C',
    root,
    '.',
  ]);
  const own = [
    '--mtime=@315532801',
    `--owner=${builderUser.userId}`,
    `--group=${builderUser.groupId}`,
    '--numeric-owner',
  ];
  tar([...own, '-rf', path.join(content, 'layer.tar'), '-C', root, './layers', './workspace', './home/cnb']);
  const layer = await readFile(path.join(content, 'layer.tar'));
  const config = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    created: '1980-01-01T00:00:01Z',
    config: {Env: image.environment, User: image.user, Labels: image.labels, WorkingDir: '/layers'},
    rootfs: {type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`]},
    history: [{created: '1980-01-01T00:00:01Z', created_by: 'make-builder'}],
  };
  await writeFile(path.join(content, 'config.json'), JSON.stringify(config));
  await writeFile(
    path.join(content, 'manifest.json'),
    JSON.stringify([{Config: 'config.json', RepoTags: [image.reference], Layers: ['layer.tar']}]),
  );
  const archive = path.join(directory, 'builder.tar');
  tar(['-cf', archive, '-C', content, 'manifest.json', 'config.json', 'layer.tar']);
  await rm(content, {recursive: true});
  return archive;
}

function tar(args: readonly string[]): void {
  const {status, stderr} = spawnSync('tar', args, {encoding: 'utf8'});
  if (status !== 0) throw new Error(`tar ended with ${String(status)}: ${stderr}`);
}

// The prepare phase: fetches the source and writes what the lifecycle's phases read, all below the run's work directory.
import {execFile} from 'node:child_process';
import {lchown, lstat, mkdir, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {stringify} from 'smol-toml';
import type {StoredBuildpack} from '../domain/buildpack.ts';
import type {EnvVar} from '../domain/image.ts';
import {withoutIdentifier} from '../lifecycle/layout-image.ts';
import type {BuildJob} from '../ports/executor.ts';
import type {SourceResolver} from '../ports/source-resolver.ts';
import {changeText} from './change-text.ts';
import {builderText, checkVariableName, projectMetadataToml, runToml} from './build-files.ts';
import {makeOutputPipes, type OutputPipes} from './output-pipes.ts';
import {buildpackPath, reachableBuildpacks} from './reachable-buildpacks.ts';
import {removeTree} from './remove-tree.ts';
import type {Mount, Sandbox, SandboxRoom, SandboxUser} from './sandbox.ts';

const run = promisify(execFile);

/** Where the parts of a build lie; each phase gets those it needs and no other. */
export type RunMounts = {
  readonly layers: Mount;
  readonly workspace: Mount;
  readonly platform: Mount;
  readonly cnb: Mount;
  readonly buildpacks: readonly Mount[];
  readonly cache: Mount;
  readonly previous: Mount | undefined;
  readonly runImage: Mount;
  readonly out: Mount;
  readonly knownLayers: Mount;
};

export type PreparedRun = {
  readonly job: BuildJob;
  readonly room: SandboxRoom;
  readonly pipes: OutputPipes;
  readonly mounts: RunMounts;
  /** The buildpacks the order can reach; nothing else is taken from an event. */
  readonly buildpacks: readonly StoredBuildpack[];
  /** False when neither a cache nor a previous image is there. */
  readonly hasSomethingToRestore: boolean;
};

export type PrepareTools = {
  readonly sandbox: Sandbox;
  readonly sources: SourceResolver;
  readonly knownLayers?: () => Promise<Readonly<Record<string, unknown>>>;
  /** Receives lines without their newline. */
  readonly log: (line: string) => void;
  /** Says what is not as usual; part of the build's record too. */
  readonly remark: (remark: string) => void;
};

/** Rejects with an `Error` in words when the source or anything else cannot be had. */
export async function prepareRun(job: BuildJob, tools: PrepareTools, signal: AbortSignal): Promise<PreparedRun> {
  tools.log(changeText(job.changes).trimEnd());
  refuse(job, tools);
  const user = {uid: job.builder.userId, gid: job.builder.groupId};
  const owner = newOwner(tools.sandbox, user);
  const directory = job.workDirectory;
  const {order, buildpacks} = reachableBuildpacks(job.builder.order, job.builder.buildpacks);
  await Promise.all(ownDirectories.map((name) => mkdir(path.join(directory, name), {recursive: true})));
  const [room, pipes] = await Promise.all([
    tools.sandbox.open(path.join(directory, 'room'), user),
    makeOutputPipes(path.join(directory, 'pipes')),
  ]);
  const mounts = mountsOf(job, buildpacks);
  const hasSomethingToRestore = await prepareCache(job.cacheDirectory, owner, tools.remark);
  const fetched = await tools.sources.fetch(job.source, job.revision, mounts.workspace.from, {
    signal,
    log: tools.log,
    projectDescriptorPath: job.projectDescriptorPath,
  });
  signal.throwIfAborted();
  tools.log(builderText(job));
  const cnb = mounts.cnb.from;
  await Promise.all([
    writePlatformEnv(path.join(mounts.platform.from, 'env'), [...fetched.env, ...job.env]),
    writeFile(
      path.join(cnb, 'order.toml'),
      stringify({order: order.map(({group}) => ({group: group.map(orderEntry)}))}),
    ),
    writeFile(path.join(cnb, 'run.toml'), runToml(job)),
    writeFile(path.join(cnb, 'project-metadata.toml'), projectMetadataToml(fetched.metadata)),
    writeFile(path.join(mounts.layers.from, 'analyzed.toml'), stringify({'run-image': runImageTable(job)})),
    writeFile(mounts.knownLayers.from, JSON.stringify((await tools.knownLayers?.()) ?? {})),
    placeBuildpacks(cnb, buildpacks, tools.sandbox),
  ]);
  if (owner) await handOver([mounts.layers.from, mounts.workspace.from, mounts.out.from], owner);
  return {
    job,
    room,
    pipes,
    mounts,
    buildpacks,
    hasSomethingToRestore: hasSomethingToRestore || job.previous !== undefined,
  };
}

const ownDirectories = ['layers', 'workspace', 'platform/env', 'cnb/buildpacks', 'out', 'pipes', 'room'];

/** Without a private root a buildpack can do whatever the controller's user can: only for builders marked trusted, never as root. */
function refuse(job: BuildJob, tools: PrepareTools): void {
  const {statement} = tools.sandbox;
  if (job.builder.userId === 0) {
    throw new Error(
      'expected a build image whose user is not root (CNB_USER_ID), got user 0; buildpacks never run as root',
    );
  }
  if (statement.kind === 'private-root') return;
  if (process.getuid?.() === 0) {
    throw new Error(
      `no private root can be had here (${statement.why}), and without one nothing is built as root; start the controller as an ordinary user, or use the container executor`,
    );
  }
  if (!job.builder.trusted) {
    throw new Error(
      `no private root can be had here (${statement.why}), and without one only trusted builders run; mark ${job.builder.kind} ${job.builder.name} as trusted, or use the container executor`,
    );
  }
  tools.remark(
    `Built without a private root (${statement.why}): the buildpacks of this trusted builder ran as the controller's user on the host's own paths, and the image records those paths`,
  );
}

/** As root everything the build may write is the build user's; as an ordinary user it is ours, and mapped. */
function newOwner(sandbox: Sandbox, user: SandboxUser): SandboxUser | undefined {
  return sandbox.statement.kind === 'private-root' && sandbox.statement.as === 'root' ? user : undefined;
}

function mountsOf(job: BuildJob, buildpacks: readonly StoredBuildpack[]): RunMounts {
  const own = (name: string, writable: boolean): Mount => ({
    from: path.join(job.workDirectory, name),
    to: `/${name}`,
    writable,
  });
  return {
    layers: own('layers', true),
    workspace: own('workspace', true),
    platform: own('platform', false),
    cnb: own('cnb', false),
    buildpacks: buildpacks.map((buildpack) => ({
      from: buildpack.directory,
      to: `/cnb/buildpacks/${buildpackPath(buildpack)}`,
      writable: false,
    })),
    cache: {from: job.cacheDirectory, to: '/cache', writable: true},
    previous: job.previous && {from: job.previous.layout, to: '/previous', writable: false},
    runImage: {from: job.builder.runImage.layout, to: '/run-image', writable: false},
    out: own('out', true),
    knownLayers: {
      from: path.join(job.workDirectory, 'known-layers.json'),
      to: '/slipway/known-layers.json',
      writable: false,
    },
  };
}

/** Makes the cache usable by the build user; one that belongs to another user is dropped, not read. True when there is something in it. */
async function prepareCache(
  directory: string,
  owner: SandboxUser | undefined,
  remark: (text: string) => void,
): Promise<boolean> {
  await mkdir(directory, {recursive: true});
  const wanted = owner?.uid ?? process.getuid?.() ?? 0;
  const found = await lstat(directory);
  if (!found.isDirectory())
    throw new Error(`expected a directory for the cache at ${directory}, got something else; remove it`);
  const hasCache = await exists(path.join(directory, 'committed'));
  if (found.uid === wanted) return hasCache;
  if (hasCache) {
    remark('The cache belonged to another build user and was dropped');
    await removeTree(directory);
    await mkdir(directory);
  }
  if (owner) await lchown(directory, owner.uid, owner.gid);
  return false;
}

/** One file per variable (specification: platform, `<platform>/env/`); what the image says overrides the project descriptor. */
async function writePlatformEnv(directory: string, variables: readonly EnvVar[]): Promise<void> {
  for (const {name, value} of variables) {
    checkVariableName(name);
    await writeFile(path.join(directory, name), value);
  }
}

function orderEntry(entry: {readonly id: string; readonly version?: string; readonly optional?: boolean}) {
  return {id: entry.id, version: entry.version ?? '', ...(entry.optional ? {optional: true} : {})};
}

/** The run image as it was resolved when the stack was saved; the analyzer keeps it. */
function runImageTable(job: BuildJob): Record<string, unknown> {
  const {runImage, target} = job.builder;
  const hasDistro = target.distroName !== undefined || target.distroVersion !== undefined;
  return {
    reference: `${withoutIdentifier(runImage.name)}@${runImage.digest}`,
    image: runImage.name,
    target: {
      os: target.os,
      arch: target.arch,
      ...(target.archVariant ? {'arch-variant': target.archVariant} : {}),
      ...(hasDistro ? {distro: {name: target.distroName ?? '', version: target.distroVersion ?? ''}} : {}),
    },
  };
}

/** Places to mount the stored buildpacks on; without a private root, links to them. */
async function placeBuildpacks(cnb: string, buildpacks: readonly StoredBuildpack[], sandbox: Sandbox): Promise<void> {
  for (const buildpack of buildpacks) {
    const place = path.join(cnb, 'buildpacks', buildpackPath(buildpack));
    await mkdir(path.dirname(place), {recursive: true});
    if (sandbox.statement.kind === 'private-root') await mkdir(place);
    else await symlink(buildpack.directory, place);
  }
}

/** Links in the source change hands themselves; what they point at does not. */
async function handOver(directories: readonly string[], owner: SandboxUser): Promise<void> {
  await run('chown', ['-R', '-h', '-P', '--', `${owner.uid}:${owner.gid}`, ...directories]);
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

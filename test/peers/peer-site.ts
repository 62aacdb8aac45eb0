// One side of a comparison: the directories a lifecycle works on, with a run image, buildpacks and an app, and the command of every phase, the
// same for both sides. Image layouts only.
import {chown, cp, lchown, mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Binds} from '../conformance/private-root.ts';

/** A lifecycle to run: `command` stands before a phase's name, by paths inside the private root that `binds` puts there. */
export type Peer = {readonly name: string; readonly command: readonly string[]; readonly binds: Binds};

export const user = {uid: 1000, gid: 1000};
export const runImageName = 'registry.example/slipway/run:noble';
export const outputName = 'registry.example/slipway/app';

export type SiteSources = {
  /** A directory of the host to make the site in. */
  readonly base: string;
  readonly peer: Peer;
  /** The layout that holds the run image, copied. */
  readonly runImageLayout: string;
  /** Directories by their paths below /cnb/buildpacks. */
  readonly buildpacks: Readonly<Record<string, string>>;
  readonly order: string;
  /** The launcher both sides export. */
  readonly launcher: string;
  /** A node for the buildpacks. */
  readonly node: string;
};

export type PeerSite = {
  readonly peer: Peer;
  /** A directory of the site: layers, workspace, platform, cnb, cache, layouts. */
  readonly at: (name: string) => string;
  /** The layout of the exported image. */
  readonly imageLayout: string;
  readonly binds: Binds;
};

const directories = ['layers', 'workspace', 'platform', 'cnb', 'cache', 'layouts', 'tmp'];

/** Lays the site out; /layers and /workspace are empty until `layOut`. */
export async function openSite(sources: SiteSources): Promise<PeerSite> {
  const at = (name: string) => path.join(sources.base, name);
  for (const name of directories) await mkdir(at(name), {recursive: true, mode: 0o755});
  await mkdir(at('platform/env'));
  for (const [name, from] of Object.entries(sources.buildpacks)) {
    await cp(from, at(`cnb/buildpacks/${name}`), {recursive: true, verbatimSymlinks: true});
  }
  await writeFile(at('cnb/order.toml'), sources.order);
  await writeFile(
    at('cnb/run.toml'),
    `[[images]]\nimage = "${runImageName}"\nmirrors = ["mirror.example/slipway/run:noble"]\n`,
  );
  await writeFile(at('cnb/project-metadata.toml'), projectMetadata);
  await cp(sources.runImageLayout, at('layouts/registry.example/slipway/run/noble'), {recursive: true});
  await writeFile(at('passwd'), `cnb:x:${user.uid}:${user.gid}::/home/cnb:/bin/bash\n`);
  for (const name of directories) await giveToUser(at(name));
  return {
    peer: sources.peer,
    at,
    imageLayout: at('layouts/registry.example/slipway/app/latest'),
    binds: {
      ...Object.fromEntries(directories.map((name) => [`/${name}`, at(name)])),
      '/opt/node/bin/node': sources.node,
      '/opt/launcher': sources.launcher,
      '/etc/passwd': at('passwd'),
      ...sources.peer.binds,
    },
  };
}

const projectMetadata = `[source]
type = "git"
[source.version]
commit = "0a1b2c3d"
[source.metadata]
repository = "https://git.example/app?a=1&b=<2>"
refs = ["main"]
`;

/** A new container's state: /layers is empty, /workspace is a copy of the app. Cache and layouts stay. */
export async function layOut(site: PeerSite, app: string): Promise<void> {
  for (const name of ['layers', 'workspace', 'tmp']) {
    for (const entry of await readdir(site.at(name))) await rm(path.join(site.at(name), entry), {recursive: true});
  }
  await cp(app, site.at('workspace'), {recursive: true, verbatimSymlinks: true});
  await giveToUser(site.at('workspace'));
}

export type PhaseCall = {readonly phase: string; readonly argv: readonly string[]};

export type CallOptions = {
  readonly platformApi: string;
  /** Let the exporter use the lifecycle's own launcher. */
  readonly ownLauncher?: boolean;
};

/** The five phases in upstream's order. */
export function phaseCalls({command}: Peer, {ownLauncher = false}: CallOptions): readonly PhaseCall[] {
  const launcher = ownLauncher ? [] : ['-launcher', '/opt/launcher'];
  const calls: readonly (readonly string[])[] = [
    ['analyze', ...layoutFlags, '-run', '/cnb/run.toml', '-run-image', runImageName, outputName],
    ['detect'],
    ['restore', ...layoutFlags, '-cache-dir', '/cache'],
    ['build'],
    ['export', ...layoutFlags, ...exportFlags, ...launcher, '-run', '/cnb/run.toml', outputName],
  ];
  return calls.map(([phase = '', ...flags]) => ({phase, argv: [...command, phase, ...flags]}));
}

/** All phases in one process. */
export function creatorCall({command}: Peer, {ownLauncher = false}: CallOptions): PhaseCall {
  const launcher = ownLauncher ? [] : ['-launcher', '/opt/launcher'];
  const flags = [...layoutFlags, ...exportFlags, ...launcher, '-run', '/cnb/run.toml', '-run-image', runImageName];
  return {phase: 'create', argv: [...command, 'create', ...flags, outputName]};
}

const layoutFlags = ['-layout', '-layout-dir', '/layouts'];
const exportFlags = ['-cache-dir', '/cache', '-project-metadata', '/cnb/project-metadata.toml'];

/** The environment of every phase. */
export function phaseEnvironment({platformApi}: CallOptions): Readonly<Record<string, string>> {
  return {
    PATH: '/opt/node/bin:/usr/bin:/bin',
    HOME: '/home/cnb',
    CNB_PLATFORM_API: platformApi,
    CNB_EXPERIMENTAL_MODE: 'quiet',
    CNB_NO_COLOR: 'true',
    CNB_USER_ID: String(user.uid),
    CNB_GROUP_ID: String(user.gid),
  };
}

async function giveToUser(directory: string): Promise<void> {
  await chown(directory, user.uid, user.gid);
  for (const entry of await readdir(directory, {withFileTypes: true})) {
    const place = path.join(directory, entry.name);
    if (entry.isDirectory()) await giveToUser(place);
    else await lchown(place, user.uid, user.gid);
  }
}

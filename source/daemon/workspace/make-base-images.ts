// Makes the base images of a demo stack as image layouts. The same host gives the same digests.
import {join} from 'node:path';
import type {ImageConfig} from '../../oci/image-config.ts';
import {readLayout, writeImage} from '../../oci/image-layout.ts';
import {writeLayer, type WrittenLayer} from '../../oci/layer-writer.ts';
import type {TarEntry} from '../../oci/tar-writer.ts';
import {imageNameAnnotation, metadataOnlyLabel} from '../base-images.ts';
import {type DemoStack, demoDistribution, demoStackId, dpkgStatus, osRelease} from './demo-stacks.ts';
import {type HostFile, hostPrograms} from './host-programs.ts';

export type MadeBaseImages = {readonly buildImage: string; readonly runImage: string; readonly runnable: boolean};

const created = '1980-01-01T00:00:01Z';
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Makes build image and run image of a stack below `directory`; both exist afterwards, made now or before. */
export async function makeBaseImages(stack: DemoStack, directory: string): Promise<MadeBaseImages> {
  const programs = await hostPrograms();
  const run = join(directory, stack.name, 'run');
  const build = join(directory, stack.name, 'build');
  await makeImage(run, stack, stack.runImage, programs, []);
  await makeImage(build, stack, stack.buildImage, programs, ['CNB_USER_ID=1000', 'CNB_GROUP_ID=1000']);
  return {buildImage: `oci:${build}`, runImage: `oci:${run}`, runnable: programs !== undefined};
}

async function makeImage(
  layout: string,
  stack: DemoStack,
  name: string,
  programs: readonly HostFile[] | undefined,
  env: readonly string[],
): Promise<void> {
  if (await isThere(layout)) return;
  const system = await writeLayer(systemEntries(programs ?? []), {compress: true, into: layout});
  const packages = await writeLayer(packageEntries(stack), {compress: true, into: layout});
  await writeImage(layout, {
    manifest: {layers: [system, packages].map(({mediaType, digest, size}) => ({mediaType, digest, size}))},
    config: imageConfig([system, packages], env, programs !== undefined),
    names: ['latest'],
    annotations: {[imageNameAnnotation]: name},
  });
}

async function isThere(layout: string): Promise<boolean> {
  return readLayout(layout).then(
    ({index}) => index.manifests.length > 0,
    () => false,
  );
}

function imageConfig(layers: readonly WrittenLayer[], env: readonly string[], runnable: boolean): ImageConfig {
  const {name, version} = demoDistribution;
  return {
    created,
    architecture: architecture(),
    os: 'linux',
    config: {
      User: '1000:1000',
      Env: [`PATH=${path}`, `CNB_STACK_ID=${demoStackId}`, ...env],
      WorkingDir: '/',
      Labels: {
        'io.buildpacks.stack.id': demoStackId,
        'io.buildpacks.base.distro.name': name,
        'io.buildpacks.base.distro.version': version,
        'io.buildpacks.base.maintainer': 'Slipway demo',
        ...(runnable ? {} : {[metadataOnlyLabel]: 'true'}),
      },
    },
    rootfs: {type: 'layers', diff_ids: layers.map(({diffId}) => diffId)},
    history: [
      {created, created_by: 'Slipway demo: bash and the C library of the host'},
      {created, created_by: 'Slipway demo: os-release and package database'},
    ],
  };
}

function architecture(): string {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

/** The merged-/usr tree with the programs in it; libraries keep the paths they have on the host. */
function systemEntries(programs: readonly HostFile[]): readonly TarEntry[] {
  const links = ['bin', 'lib', 'lib64', 'sbin'].map((name) => link(`/${name}`, `usr/${name}`));
  const files = programs.map((file) => ({...file, path: mergedPath(file.path)}));
  const shell = files.some((file) => file.path === '/usr/bin/bash') ? [link('/usr/bin/sh', 'bash')] : [];
  const directories = new Set(['/etc', '/home', '/usr', '/usr/bin', '/usr/lib', '/usr/lib64', '/usr/sbin', '/var']);
  for (const file of files) for (const parent of parents(file.path)) directories.add(parent);
  const entries = [
    ...[...directories].map((name) => directory(name)),
    {...directory('/home/cnb'), uid: 1000, gid: 1000},
    {...directory('/tmp'), mode: 0o1777},
    ...links,
    ...shell,
    ...files.map(({path: name, content, mode}) => file(name, content, mode)),
    file('/etc/passwd', Buffer.from('root:x:0:0:root:/root:/bin/bash\ncnb:x:1000:1000::/home/cnb:/bin/bash\n')),
    file('/etc/group', Buffer.from('root:x:0:\ncnb:x:1000:\n')),
    file('/etc/nsswitch.conf', Buffer.from('passwd: files\ngroup: files\nhosts: files dns\n')),
  ];
  return sorted(entries);
}

function packageEntries({packages}: DemoStack): readonly TarEntry[] {
  return sorted([
    ...['/etc', '/usr', '/usr/lib', '/var', '/var/lib', '/var/lib/dpkg'].map((name) => directory(name)),
    link('/etc/os-release', '../usr/lib/os-release'),
    file('/usr/lib/os-release', Buffer.from(osRelease())),
    file('/var/lib/dpkg/status', Buffer.from(dpkgStatus(packages, architecture()))),
  ]);
}

function mergedPath(name: string): string {
  return /^\/(bin|lib|lib64|sbin)\//.test(name) ? `/usr${name}` : name;
}

function parents(name: string): readonly string[] {
  const parts = name.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/** Names as an image's tar has them: without the leading slash. */
function entryName(name: string): string {
  return name.slice(1);
}

function directory(name: string): TarEntry {
  return {path: `${entryName(name)}/`, kind: 'directory', mode: 0o755, uid: 0, gid: 0};
}

function link(name: string, linkTarget: string): TarEntry {
  return {path: entryName(name), kind: 'symlink', mode: 0o777, uid: 0, gid: 0, linkTarget};
}

function file(name: string, content: Buffer, mode = 0o644): TarEntry {
  return {path: entryName(name), kind: 'file', mode, uid: 0, gid: 0, size: content.length, content};
}

function sorted(entries: readonly TarEntry[]): readonly TarEntry[] {
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

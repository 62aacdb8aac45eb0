// A state directory of its own, images made for it, and what a refusal says.
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {statePaths} from '../../source/daemon/state-paths.ts';
import {Refusal} from '../../source/daemon/refusal.ts';
import {writeDockerArchive} from '../../source/oci/archive-docker-write.ts';
import {writeImage} from '../../source/oci/image-layout.ts';
import {writeLayer} from '../../source/oci/layer-writer.ts';
import type {TarEntry} from '../../source/oci/tar-writer.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {aConfig} from '../oci/an-image.ts';

/** Paths of a state directory that is gone when the test ends. */
export function aHome() {
  return statePaths(aTemporaryDirectory());
}

/** Files by their absolute path, as the entries of a layer; a path with `bin/` in it can be run. */
export function filesOf(files: Readonly<Record<string, string>>): readonly TarEntry[] {
  return Object.entries(files).map(([path, content]) => ({
    path,
    kind: 'file',
    mode: path.includes('/bin/') ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    content: Buffer.from(content),
  }));
}

/** An image with these layers in a layout; `labels` may depend on the layers' diffIDs. */
export async function aLayeredImage(
  layout: string,
  layers: readonly (readonly TarEntry[])[],
  labels: (diffIds: readonly string[]) => Readonly<Record<string, string>> = () => ({}),
  names: readonly string[] = ['latest'],
) {
  const written = [];
  for (const entries of layers) written.push(await writeLayer(entries, {compress: true, into: layout}));
  const diffIds = written.map(({diffId}) => diffId);
  const config = aConfig({diffIds, labels: labels(diffIds)});
  const descriptors = written.map(({mediaType, digest, size}) => ({mediaType, digest, size}));
  const image = await writeImage(layout, {manifest: {layers: descriptors}, config, names});
  return {...image, diffIds, written};
}

/** The same image as `docker save` would write it. */
export async function savedAsArchive(layout: string, digest: string, file: string, tags: readonly string[] = []) {
  const handle = await open(file, 'wx');
  try {
    await writeDockerArchive(layout, [{digest, tags}], async (chunk) => {
      await handle.write(chunk);
    });
  } finally {
    await handle.close();
  }
}

/** `kind: message` of the Refusal that a promise rejects with. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refusal) return `${error.kind}: ${error.message}`;
    throw error;
  }
  throw new Error('expected a refusal, got none');
}

/** What is left of images on their way. */
export function leftovers({incoming}: ReturnType<typeof statePaths>): readonly string[] {
  try {
    return readdirSync(incoming);
  } catch {
    return [];
  }
}

/** A docker config with this user for a registry; gives the environment that leads to it. */
export function dockerConfig(host: string, username: string, password: string): NodeJS.ProcessEnv {
  const directory = join(aTemporaryDirectory(), 'docker');
  mkdirSync(directory);
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  writeFileSync(join(directory, 'config.json'), JSON.stringify({auths: {[host]: {auth}}}));
  return {...process.env, DOCKER_CONFIG: directory};
}

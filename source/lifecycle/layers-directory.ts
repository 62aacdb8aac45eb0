/** A buildpack's directory below <layers>: which layers lie in it (upstream's buildpack/layers.go). */
import type {Dirent} from 'node:fs';
import {lstat, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {compareBytes} from './compare-bytes.ts';
import {escapeId} from './group-element.ts';
import {type LayerFile, readLayerFile} from './layer-file.ts';
import {errorCode} from './read-regular-file.ts';

export type Layer = {
  readonly name: string;
  /** `<buildpack id>:<layer>`, its name in logs. */
  readonly identifier: string;
  readonly path: string;
};

/** Files of a buildpack's directory that end in .toml and are no layer. */
const notLayers: ReadonlySet<string> = new Set(['launch', 'build', 'store']);

/** `<layers>/<escaped id>`. */
export function buildpackDirectory(layersDir: string, buildpackId: string): string {
  return join(layersDir, escapeId(buildpackId));
}

/** Every directory and every `<layer>.toml` as a layer, in the order of their identifiers; none when there is no directory. */
export async function listLayers(layersDir: string, buildpackId: string): Promise<readonly Layer[]> {
  const directory = buildpackDirectory(layersDir, buildpackId);
  const entries = await listDirectory(directory);
  const names = new Set(entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name));
  for (const name of tomlNames(entries)) if (!notLayers.has(name)) names.add(name);
  return [...names]
    .map((name) => ({name, identifier: `${buildpackId}:${name}`, path: join(directory, name)}))
    .toSorted((a, b) => compareBytes(a.identifier, b.identifier));
}

/** The names before `.toml` in a directory, sorted; launch, build and store are among them. */
export async function listTomlNames(directory: string): Promise<readonly string[]> {
  return tomlNames(await listDirectory(directory));
}

function tomlNames(entries: readonly Dirent[]): readonly string[] {
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.toml'))
    .map((entry) => entry.name.slice(0, -'.toml'.length))
    .toSorted(compareBytes);
}

/** A directory's entries; none when it does not exist. */
export async function listDirectory(directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, {withFileTypes: true});
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

export type ReadLayer = {readonly layer: Layer} & (
  | {readonly kind: 'read'; readonly file: LayerFile}
  | {readonly kind: 'malformed'; readonly error: unknown}
);

/** The layers with their files; one that cannot be read is malformed, not an error yet. */
export async function readLayers(layersDir: string, buildpackId: string): Promise<readonly ReadLayer[]> {
  const layers = await listLayers(layersDir, buildpackId);
  return Promise.all(layers.map(readLayer));
}

async function readLayer(layer: Layer): Promise<ReadLayer> {
  try {
    return {kind: 'read', layer, file: await readLayerFile(`${layer.path}.toml`)};
  } catch (error) {
    return {kind: 'malformed', layer, error};
  }
}

/** True when the layer has a directory on disk. */
export async function hasContents(layer: Layer): Promise<boolean> {
  try {
    await lstat(layer.path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes a layer's directory and files. */
export async function removeLayer(layer: Layer): Promise<void> {
  for (const path of [layer.path, `${layer.path}.sha`, `${layer.path}.toml`])
    await rm(path, {recursive: true, force: true});
}

/** Software bills of materials: which files a buildpack wrote, where they go, and how they come back (spec/buildpack.md, upstream's bomfile.go). */
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {compareBytes} from './compare-bytes.ts';
import type {BuildpackDescriptor} from './buildpack-descriptor.ts';
import {describeElement, escapeId, type GroupElement} from './group-element.ts';
import type {LayerFile} from './layer-file.ts';
import {listDirectory} from './layers-directory.ts';
import {NotARegularFileError, readRegularFile} from './read-regular-file.ts';
import {writeWholeFile} from './write-file.ts';

const formats = [
  {mediaType: 'application/vnd.cyclonedx+json', suffix: 'sbom.cdx.json'},
  {mediaType: 'application/spdx+json', suffix: 'sbom.spdx.json'},
  {mediaType: 'application/vnd.syft+json', suffix: 'sbom.syft.json'},
] as const;

export type SbomFile = {
  /** Below <layers>/sbom: the launch ones go into the image, the cache ones into the cache. */
  readonly destination: 'launch' | 'build' | 'cache';
  readonly buildpackId: string;
  /** Absent for launch.sbom.* and build.sbom.*. */
  readonly layer?: string;
  readonly path: string;
  /** `sbom.cdx.json` and its like. */
  readonly name: string;
};

/** Finds a buildpack's SBOM files. Throws when a format is unknown or was not declared in buildpack.toml. */
export async function findSbomFiles(
  directory: string,
  descriptor: BuildpackDescriptor,
  layers: ReadonlyMap<string, LayerFile>,
): Promise<readonly SbomFile[]> {
  const entries = await listDirectory(directory);
  const names = entries.map((entry) => entry.name).filter((name) => /\.sbom\..*\.json$/s.test(name));
  return names.toSorted(compareBytes).flatMap((fileName) => {
    const destinations = destinationsOf(fileName, layers);
    if (destinations.length === 0) return [];
    const path = join(directory, fileName);
    const name = checkFormat(fileName, path, descriptor);
    const buildpackId = descriptor.id;
    return destinations.map(({destination, layer}) => ({destination, layer, buildpackId, path, name}));
  });
}

function destinationsOf(
  fileName: string,
  layers: ReadonlyMap<string, LayerFile>,
): readonly Pick<SbomFile, 'destination' | 'layer'>[] {
  const layer = fileName.split('.')[0] ?? '';
  if (layer === 'launch') return [{destination: 'launch'}];
  if (layer === 'build') return [{destination: 'build'}];
  const file = layers.get(layer);
  if (file === undefined) return [];
  const inUse = {destination: file.launch ? 'launch' : 'build', layer} as const;
  return file.cache ? [inUse, {destination: 'cache', layer}] : [inUse];
}

function checkFormat(fileName: string, path: string, descriptor: BuildpackDescriptor): string {
  const format = formats.find(({suffix}) => fileName.endsWith(`.${suffix}`));
  if (format === undefined) throw new Error(`unsupported SBOM file format: '${path}'`);
  const declared = descriptor.sbomFormats.map((type) => (type.split(';')[0] ?? '').trim().toLowerCase());
  if (declared.includes(format.mediaType)) return format.suffix;
  const name = describeElement(descriptor);
  throw new Error(
    `validating SBOM file '${path}' for buildpack: '${name}': undeclared SBOM media type: '${format.mediaType}'`,
  );
}

/** Copies SBOM files to <layers>/sbom/<destination>/<buildpack>[/<layer>]/. Only regular files: what a link points to is not the buildpack's to ship. */
export async function copySbomFiles(layersDir: string, files: readonly SbomFile[]): Promise<void> {
  for (const file of files) {
    const directory = join(layersDir, 'sbom', file.destination, escapeId(file.buildpackId), file.layer ?? '');
    await copyRegularFile(file.path, join(directory, file.name));
  }
}

const maximumSbom = 256 * 1024 * 1024;

async function copyRegularFile(from: string, to: string): Promise<void> {
  const content = await readRegularFile(from, {limit: maximumSbom});
  if (content === undefined) throw new NotARegularFileError(from, 'nothing');
  await writeWholeFile(to, content);
}

/**
 * Puts the SBOM files that an image and a cache kept beside the layers of this build's buildpacks, then removes <layers>/sbom.
 * A buildpack whose directory does not exist got no layer back and gets no SBOM either.
 */
export async function restoreSbomFiles(layersDir: string, buildpacks: readonly GroupElement[]): Promise<void> {
  try {
    for (const kind of ['cache', 'launch'] as const) {
      for (const buildpack of buildpacks) await restoreBuildpackSbom(layersDir, kind, escapeId(buildpack.id));
    }
  } finally {
    await rm(join(layersDir, 'sbom'), {recursive: true, force: true});
  }
}

async function restoreBuildpackSbom(layersDir: string, kind: 'cache' | 'launch', directory: string): Promise<void> {
  const known = await listDirectory(layersDir);
  if (!known.some((entry) => entry.name === directory && entry.isDirectory())) return;
  const kept = join(layersDir, 'sbom', kind, directory);
  for (const layer of await listDirectory(kept)) {
    if (!layer.isDirectory()) continue;
    for (const file of await listDirectory(join(kept, layer.name))) {
      if (!file.isFile() || !/^sbom.+json$/s.test(file.name)) continue;
      await copyRegularFile(
        join(kept, layer.name, file.name),
        join(layersDir, directory, `${layer.name}.${file.name}`),
      );
    }
  }
}

/** Makes <layers>/sbom ready for a build: whatever stands there is removed. */
export async function clearSbomDirectory(layersDir: string): Promise<void> {
  await rm(join(layersDir, 'sbom'), {recursive: true, force: true});
  await mkdir(layersDir, {recursive: true});
}

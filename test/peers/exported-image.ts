// What an export left behind, in a form that two lifecycles can be compared in.
import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {parse, type TomlTable} from 'smol-toml';
import type {ImageConfig} from '../../source/oci/image-config.ts';
import {hasBlob, readImage} from '../../source/oci/image-layout.ts';
import type {PeerSite} from './peer-site.ts';

export type Labels = Readonly<Record<string, unknown>>;

export type ExportedState = {
  /** Digest of the manifest: differs between lifecycles, as compressed layers do. */
  readonly digest: string;
  readonly diffIds: readonly string[];
  /** All of the config but labels and diffIDs. */
  readonly config: unknown;
  /** Parsed where they hold JSON; without the launcher's version and source. */
  readonly labels: Labels;
  /** Blobs of the image's layers that the layout does not hold. */
  readonly missingLayers: number;
  /** The files of /layers that later phases and platforms read. */
  readonly files: Readonly<Record<string, unknown>>;
  readonly cacheMetadata: unknown;
  readonly cacheFiles: readonly string[];
};

/** Reads image, files and cache of a site after a build. */
export async function readExportedState(site: PeerSite): Promise<ExportedState> {
  const {digest, config, manifest} = await readImage(site.imageLayout);
  const held = await Promise.all(manifest.layers.map((layer) => hasBlob(site.imageLayout, layer.digest, layer.size)));
  const committed = site.at('cache/committed');
  return {
    digest,
    diffIds: config.rootfs.diff_ids,
    config: withoutLabels(config),
    labels: comparableLabels(config.config?.Labels ?? {}),
    missingLayers: held.filter((isHeld) => !isHeld).length,
    files: await readFiles(site, digest),
    cacheMetadata: JSON.parse(await readFile(path.join(committed, 'io.buildpacks.lifecycle.cache.metadata'), 'utf8')),
    cacheFiles: (await readdir(committed)).toSorted(),
  };
}

function withoutLabels(config: ImageConfig): unknown {
  const {rootfs: _rootfs, ...rest} = config;
  const {Labels: _labels, ...settings} = config.config ?? {};
  return {...rest, config: settings};
}

function comparableLabels(labels: Readonly<Record<string, string>>): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, text]) => [
      name,
      name === 'io.buildpacks.build.metadata' ? withoutLauncher(text) : text,
    ]),
  );
}

/** The text as it is, so that the order of its fields counts, with the two fields taken out that tell the lifecycles apart. */
function withoutLauncher(text: string): string {
  return text.replace(/"launcher":\{"version":"[^"]*","source":\{"git":\{[^}]*\}\}\}/, '"launcher":{}');
}

const fileNames = ['analyzed.toml', 'group.toml', 'plan.toml', 'config/metadata.toml', 'report.toml'];

async function readFiles(site: PeerSite, digest: string): Promise<Readonly<Record<string, unknown>>> {
  const files: Record<string, unknown> = {};
  for (const name of fileNames) {
    const text = await readFile(site.at(`layers/${name}`), 'utf8');
    files[name] = comparableFile(name, parse(text.replaceAll(digest, 'this image')));
  }
  return files;
}

/** Upstream's order of plan.toml's entries is random; the size of a manifest and the previous image's digest go with the compressed layers. */
function comparableFile(name: string, table: TomlTable): unknown {
  switch (name) {
    case 'plan.toml':
      return ((table['entries'] ?? []) as unknown[]).map((entry) => JSON.stringify(entry)).toSorted();
    case 'report.toml':
      return {...table, image: {...(table['image'] as TomlTable), 'manifest-size': 'any'}};
    case 'analyzed.toml': {
      const image = table['image'] as TomlTable | undefined;
      return {...table, ...(image && {image: String(image['reference']).replace(/[0-9a-f]{64}$/, 'previous')})};
    }
    default:
      return table;
  }
}

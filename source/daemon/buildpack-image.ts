// The buildpacks in an image: a buildpackage as pack makes it, or a builder (pack `pkg/buildpack`, kpack `pkg/cnb/remote_store_reader.go`).
import {lstat, mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {readLayerTar} from '../oci/archive-layer-tar.ts';
import {finishDigest, startDigest} from '../oci/digest.ts';
import {extractTar} from '../oci/extract-tar.ts';
import type {Descriptor} from '../oci/image-manifest.ts';
import type {ForeignImage} from './foreign-image.ts';
import {Refusal} from './refusal.ts';

/** A buildpack that was unpacked, by the id and version that the image's label has for it. */
export type UnpackedBuildpack = {readonly directory: string; readonly id: string; readonly version: string};

/** The label of buildpackages and builders that lists every buildpack, members of composite ones too, with its layer. */
export const buildpackLayersLabel = 'io.buildpacks.buildpack.layers';

/**
 * Unpacks the layers that hold buildpacks into `into`, each once and checked against its diffID: regular files, directories and links that
 * stay among the buildpacks. Refused, with `what` before it, when the label or a layer is missing or not as it should be.
 */
export async function unpackBuildpacks(
  foreign: ForeignImage,
  into: string,
  what: string,
): Promise<readonly UnpackedBuildpack[]> {
  const roots = new Map<string, string>();
  const unpacked: UnpackedBuildpack[] = [];
  for (const {id, version, layerDiffID} of listedBuildpacks(foreign, what)) {
    const root = roots.get(layerDiffID) ?? join(into, String(roots.size));
    if (!roots.has(layerDiffID)) {
      await extractLayer(foreign.directory, layerOf(foreign, layerDiffID, what), layerDiffID, root, what);
      roots.set(layerDiffID, root);
    }
    unpacked.push({directory: await buildpackDirectory(root, id, version, what), id, version});
  }
  return unpacked;
}

const text = z.string().max(300);
const id = text.regex(/^[A-Za-z0-9][A-Za-z0-9./-]*$/);
const version = text.regex(/^[A-Za-z0-9][A-Za-z0-9.+_-]*$/);
const labelSchema = z.record(id, z.record(version, z.object({layerDiffID: text})));
const mostBuildpacks = 2000;

type Listed = {readonly id: string; readonly version: string; readonly layerDiffID: string};

function listedBuildpacks({image}: ForeignImage, what: string): readonly Listed[] {
  const label = image.config.config?.Labels?.[buildpackLayersLabel];
  if (label === undefined) {
    throw new Refusal(
      'invalid',
      `${what}: expected an image with the label ${buildpackLayersLabel}, got one without; make it with \`pack buildpack package\``,
    );
  }
  const parsed = labelSchema.safeParse(parsedJson(label));
  if (!parsed.success) {
    throw new Refusal(
      'invalid',
      `${what}: expected ids, versions and layers of buildpacks in the label ${buildpackLayersLabel}, got something else at ${JSON.stringify(parsed.error.issues[0]?.path.join('.') ?? '')}`,
    );
  }
  const listed = Object.entries(parsed.data).flatMap(([id, versions]) =>
    Object.entries(versions).map(([version, {layerDiffID}]) => ({id, version, layerDiffID})),
  );
  if (listed.length > 0 && listed.length <= mostBuildpacks) return listed;
  throw new Refusal(
    'invalid',
    `${what}: expected 1 to ${mostBuildpacks} buildpacks in the image, got ${listed.length}`,
  );
}

/** What is no JSON is refused by the schema like any other wrong value. */
function parsedJson(label: string): unknown {
  try {
    return JSON.parse(label);
  } catch {
    return undefined;
  }
}

function layerOf({image}: ForeignImage, diffId: string, what: string): Descriptor {
  const layer = image.manifest.layers[image.config.rootfs.diff_ids.indexOf(diffId)];
  if (layer) return layer;
  throw new Refusal('invalid', `${what}: expected the layer ${diffId} of its label in the image, but it has none such`);
}

const buildpacksPlace = '/cnb/buildpacks';
const limits = {entries: 300_000, bytes: 8 * 1024 ** 3};

async function extractLayer(layout: string, layer: Descriptor, diffId: string, root: string, what: string) {
  await mkdir(root, {recursive: true});
  const hash = startDigest();
  const chunks = readLayerTar(layout, layer, limits.bytes);
  try {
    const stream = hashing(chunks, (chunk) => hash.update(chunk));
    await extractTar({stream, root, allowedPrefixes: [buildpacksPlace], limits, modeMask: 0o777, linksInside: true});
    // Behind the archive's end there may be more that counts for the digest.
    for await (const chunk of chunks) hash.update(chunk);
  } finally {
    await chunks.return(undefined);
  }
  const got = finishDigest(hash);
  if (got === diffId) return;
  throw new Refusal('invalid', `${what}: expected a layer with the diffID ${diffId}, got ${got}; the image is damaged`);
}

/** The chunks on their way; whoever reads them may stop early without ending the source. */
function hashing(
  chunks: AsyncGenerator<Buffer, undefined>,
  onChunk: (chunk: Buffer) => void,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const next = await chunks.next();
        if (!next.done) onChunk(next.value);
        return next;
      },
    }),
  };
}

/** `/cnb/buildpacks/<id, slashes as underscores>/<version>` (buildpack specification, distribution.md). */
async function buildpackDirectory(root: string, id: string, version: string, what: string): Promise<string> {
  const place = join(buildpacksPlace, id.replaceAll('/', '_'), version);
  const directory = join(root, place);
  const stats = await lstat(directory).catch(() => undefined);
  if (stats?.isDirectory()) return directory;
  throw new Refusal('invalid', `${what}: expected ${id}@${version} at ${place} in its layer, found nothing`);
}

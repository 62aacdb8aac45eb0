// The images of this machine: one layout per image over the pool, written only here, under the image's lock.
import {rm} from 'node:fs/promises';
import type {Build} from '../domain/build.ts';
import type {Descriptor} from '../oci/image-manifest.ts';
import {linkBlob, nameManifest, readImage, readLayout, refName, removeNames} from '../oci/image-layout.ts';
import {OciError} from '../oci/oci-error.ts';
import {nameImage} from '../oci/put-image.ts';
import {readDocumentsAtOnce} from '../oci/read-at-once.ts';
import {
  type LayoutRebaseRequest,
  prepareRebaseInLayout,
  previewRebaseInLayout,
  type ReadImage,
} from '../oci/rebase-in-layout.ts';
import {parseRegistryReference} from '../oci/reference.ts';
import type {BuildJob, CheckPublish, PublishImage, PublishOptions} from '../ports/executor.ts';
import type {ImageExport, ImageInspection, ImageSbom} from '../protocol/message.ts';
import {createDeliveries, type Deliveries, type Delivery, type DeliveryParts} from './deliver-image.ts';
import {exportImage, type ExportRequest} from './export-image.ts';
import {type SbomRequest, writeSbom} from './image-sbom.ts';
import {createLocks} from './locks.ts';
import {inspectionOf} from './inspect-image.ts';
import {moveIntoPool, sweepLayout} from './pool.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/** A blob by the diffID of the layer it holds: what the exporter need not compress again. */
export type KnownLayer = {readonly digest: string; readonly size: number; readonly mediaType: string};

export type RebaseOrder = {
  readonly namespace: string;
  readonly image: string;
  readonly appDigest: string;
  readonly base: {readonly layout: string; readonly digest: string; readonly name: string};
  readonly tags: readonly string[];
  /** Where the image goes besides; absent means nowhere. */
  readonly delivery?: Delivery;
};

export type ImageLibrary = {
  readonly publish: PublishImage;
  readonly checkPublish: CheckPublish;
  /** Puts the image's layers on another run image; no layer is read. A refusal carries upstream's words. */
  rebase(
    order: RebaseOrder,
    options?: PublishOptions,
  ): Promise<{readonly digest: string; readonly previousDigest: string; readonly size: number}>;
  /** The digest that the rebase would give; nothing is written. Rejects with the Refusal that `rebase` would reject with. */
  previewRebase(order: RebaseOrder): Promise<string>;
  /** Whether the image of that digest is there, whatever names point at. */
  has(namespace: string, name: string, digest: string): Promise<boolean>;
  /** Points the image's names back to an image it had before. */
  restore(
    order: Pick<RebaseOrder, 'namespace' | 'image' | 'tags' | 'delivery'> & {readonly digest: string},
    options?: PublishOptions,
  ): Promise<void>;
  readonly knownLayers: () => Promise<Readonly<Record<string, KnownLayer>>>;
  inspect(namespace: string, name: string, digest: string): Promise<ImageInspection>;
  exportImage(request: Omit<ExportRequest, 'paths'>): Promise<ImageExport>;
  writeSbom(request: Omit<SbomRequest, 'paths'>): Promise<ImageSbom>;
  /** Takes the names of a pruned build away, and the blobs nothing names any more. `keep` are digests that stay. */
  prune(build: Build, keep: readonly string[]): Promise<void>;
  /** Removes everything an image left: its layout, its cache. */
  remove(namespace: string, name: string): Promise<void>;
};

/** The controller's rebase follows kpack's. */
const rebaserApi = 'kpack';

/** The library over a state directory. `parts` say how images get to registries and engines. */
export function createImageLibrary(paths: StatePaths, parts: DeliveryParts = {}): ImageLibrary {
  const deliveries = createDeliveries(parts);
  const locks = createLocks();
  const known = new Map<string, KnownLayer>();
  const baseDocuments = rememberBase();
  const remember = (diffIds: readonly string[], layers: readonly Descriptor[]) =>
    diffIds.forEach((diffId, index) => {
      const layer = layers[index];
      if (layer) known.set(diffId, {digest: layer.digest, size: layer.size, mediaType: layer.mediaType});
    });

  return {
    checkPublish: (job, options) => deliveries.check(deliveryOf(job), options),
    publish: (job, staged, options) =>
      locks.hold(`${job.namespace}/${job.image}`, async () => {
        const layout = paths.image(job.namespace, job.image);
        const {manifest, config, descriptor} = await readImage(staged.layout, staged.digest);
        for (const blob of [manifest.config, ...manifest.layers, descriptor]) {
          await moveIntoPool(paths.pool, staged.layout, blob);
          await linkBlob(paths.pool, layout, blob.digest);
        }
        await deliveries.deliver(deliveryOf(job), {kind: 'built', layout, digest: descriptor.digest}, options);
        await nameManifest(layout, plainDescriptor(descriptor), refNames(job.tags));
        remember(config.rootfs.diff_ids, manifest.layers);
        return {digest: staged.digest, size: layersSize(manifest.layers)};
      }),
    rebase: (order, options) =>
      locks.hold(`${order.namespace}/${order.image}`, () =>
        rebaseInLibrary(order, {paths, baseDocuments, deliveries}, options),
      ),
    previewRebase: (order) => previewRebase(order, paths, baseDocuments),
    has: (namespace, name, digest) =>
      readDocuments(paths.image(namespace, name), digest).then(
        () => true,
        (error: unknown) => absent(error) ?? false,
      ),
    restore: ({namespace, image, tags, digest, delivery}, options) =>
      locks.hold(`${namespace}/${image}`, async () => {
        const layout = paths.image(namespace, image);
        const {descriptor} = readDocumentsAtOnce(layout, digest);
        if (delivery) await deliveries.deliver(delivery, {kind: 'known', layout, digest: descriptor.digest}, options);
        await nameImage(layout, descriptor, refNames(tags));
      }),
    knownLayers: async () => Object.fromEntries(known),
    inspect: async (namespace, name, digest) => {
      const layout = paths.image(namespace, name);
      return inspectionOf(layout, await readImage(layout, digest));
    },
    exportImage: (request) => exportImage({...request, paths}),
    writeSbom: (request) => writeSbom({...request, paths}),
    prune: (build, keep) => locks.hold(`${build.namespace}/${build.image}`, () => pruneBuild(paths, build, keep)),
    remove: (namespace, name) =>
      locks.hold(`${namespace}/${name}`, async () => {
        const layout = paths.image(namespace, name);
        await sweepLayout(paths.pool, layout, new Set()).catch(absent);
        await rm(layout, {recursive: true, force: true});
        await rm(paths.cache(namespace, name), {recursive: true, force: true});
      }),
  };
}

function deliveryOf({export: target = 'layout', tags, builder}: BuildJob): Delivery {
  const {engine, runImage} = builder;
  return {target, tags, runImage: runImage.name, ...(engine ? {engine} : {})};
}

/** The name an image's tag has inside its layout: the tag part of the reference. */
export function refNames(tags: readonly string[]): readonly string[] {
  return [...new Set(tags.map((tag) => parseRegistryReference(tag).tag ?? 'latest'))];
}

/** Reads the image's two documents and, once for a fleet, the base's. */
async function previewRebase(order: RebaseOrder, paths: StatePaths, baseDocuments: ReadBase): Promise<string> {
  const app = await readDocuments(paths.image(order.namespace, order.image), order.appDigest);
  const read = {app, base: await baseDocuments(order.base)};
  const result = await previewRebaseInLayout({...rebaseRequest(order, paths), read});
  if (result.kind === 'refused') throw new Refusal('invalid', result.message);
  return result.digest;
}

type ReadBase = (base: RebaseOrder['base']) => Promise<ReadImage>;

async function readDocuments(layout: string, digest: string): Promise<ReadImage> {
  return readDocumentsAtOnce(layout, digest);
}

/** The documents of the base looked at last: those of a digest never change. */
function rememberBase(): ReadBase {
  let last: {readonly digest: string; readonly documents: Promise<ReadImage>} | undefined;
  return ({layout, digest}) => {
    if (last?.digest === digest) return last.documents;
    const documents = readDocuments(layout, digest);
    last = {digest, documents};
    documents.catch(() => {
      if (last?.documents === documents) last = undefined;
    });
    return documents;
  };
}

type RebaseTools = {
  readonly paths: StatePaths;
  readonly baseDocuments: ReadBase;
  readonly deliveries: Deliveries;
};

/**
 * Here without a name and, meanwhile, what it needs where it goes; when it is here the names there; the names here last. Each step done twice is
 * done once.
 */
async function rebaseInLibrary(order: RebaseOrder, tools: RebaseTools, options: PublishOptions | undefined) {
  const {delivery} = order;
  const layout = tools.paths.image(order.namespace, order.image);
  const previous = await readDocuments(layout, order.appDigest);
  const read = {app: previous, base: await tools.baseDocuments(order.base)};
  const request = {...rebaseRequest(order, tools.paths), read};
  const travels = delivery !== undefined && delivery.target !== 'layout';
  const prepared = await prepareRebaseInLayout(travels ? {...request, names: []} : request);
  if (prepared.kind === 'refused') throw new Refusal('invalid', prepared.message);
  const {digest, previousDigest, manifest} = prepared.rebased;
  const written = prepared.write();
  if (travels) {
    const {image} = prepared;
    const [ended] = await Promise.allSettled([
      tools.deliveries.deliver(delivery, {kind: 'rebased', layout, digest, image, previous, written}, options),
      written,
    ]);
    if (ended.status === 'rejected') throw ended.reason;
  }
  await written;
  if (travels) await nameImage(layout, readDocumentsAtOnce(layout, digest).descriptor, request.names);
  return {digest, previousDigest, size: layersSize(manifest.layers)};
}

function rebaseRequest(order: RebaseOrder, paths: StatePaths): LayoutRebaseRequest {
  const {base} = order;
  return {
    platformApi: rebaserApi,
    force: false,
    appLayout: paths.image(order.namespace, order.image),
    app: order.appDigest,
    appName: order.tags[0] ?? order.image,
    baseLayout: base.layout,
    base: base.digest,
    baseName: base.name,
    names: refNames(order.tags),
  };
}

async function pruneBuild(paths: StatePaths, build: Build, keep: readonly string[]): Promise<void> {
  const layout = paths.image(build.namespace, build.image);
  const prefix = new RegExp(`(^|-)b${build.number}\\.\\d{8}\\.\\d{6}$`);
  const names =
    (await readLayout(layout).catch(absent))?.index.manifests.flatMap((found) => refName(found) ?? []) ?? [];
  const stale = names.filter((name) => prefix.test(name));
  if (stale.length > 0) await removeNames(layout, stale);
  await sweepLayout(paths.pool, layout, await reachable(layout, keep)).catch(absent);
}

async function reachable(layout: string, keep: readonly string[]): Promise<ReadonlySet<string>> {
  const named = (await readLayout(layout)).index.manifests.map(({digest}) => digest);
  const digests = new Set<string>();
  for (const digest of new Set([...named, ...keep])) {
    const image = await readImage(layout, digest).catch(absent);
    if (!image) continue;
    for (const blob of [{digest}, image.manifest.config, ...image.manifest.layers]) digests.add(blob.digest);
  }
  return digests;
}

/** What is not there needs no removing. */
function absent(error: unknown): undefined {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || (error instanceof OciError && error.kind === 'not-found')) return undefined;
  throw error;
}

function plainDescriptor({mediaType, digest, size}: Descriptor): Descriptor {
  return {mediaType, digest, size};
}

function layersSize(layers: readonly Descriptor[]): number {
  return layers.reduce((sum, {size}) => sum + size, 0);
}

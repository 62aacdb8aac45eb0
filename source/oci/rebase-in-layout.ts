// A rebase between image layouts on disk: four small documents are read, two are written, the new base's blobs come by hard link. The digest is
// known before anything is written, and doing it twice gives the same image.
import type {Digest} from './digest.ts';
import {type EncodedImage, encodeImage, type LayoutImage, readImage, writeImage} from './image-layout.ts';
import {OciError} from './oci-error.ts';
import {linkLayer, putImage} from './put-image.ts';
import {rebase, type RebasedImage, type RebaseRefusal} from './rebase.ts';
import {formatReference, parseRegistryReference} from './reference.ts';

/**
 * What to rebase. `app` and `base` say which image of a layout is meant (tag or digest; without one the only image). `into` is where the result
 * goes, the app's layout if absent; `names` are the names it gets there. `baseName` is the run image's name as people write it; `baseReference`
 * is what the metadata will say, by default that name with the base's digest. `read` holds what was read already and is not read again.
 */
export type LayoutRebaseRequest = {
  readonly platformApi: string;
  readonly force: boolean;
  readonly appLayout: string;
  readonly app?: string;
  readonly appName: string;
  readonly baseLayout: string;
  readonly base?: string;
  readonly baseName: string;
  readonly baseReference?: string;
  readonly into?: string;
  readonly names: readonly string[];
  readonly read?: {readonly app?: ReadImage; readonly base?: ReadImage};
};

/** An image's documents. */
export type ReadImage = Pick<LayoutImage, 'digest' | 'manifest' | 'config'>;

/** The rebased image: its digest, what it was before, and what the rebase did. */
export type LayoutRebase = Omit<RebasedImage, 'manifest'> &
  Pick<EncodedImage, 'digest' | 'manifest'> & {readonly previousDigest: Digest; readonly baseDigest: Digest};

/** What `rebaseInLayout` would do, digest included; nothing is written. Rejects as `readImage` does. */
export async function previewRebaseInLayout(request: LayoutRebaseRequest): Promise<LayoutRebase | RebaseRefusal> {
  const found = await rebasedDocuments(request);
  return found.kind === 'refused' ? found : found.rebased;
}

type RebasedDocuments = {readonly kind: 'rebased'; readonly rebased: LayoutRebase; readonly image: EncodedImage};

async function rebasedDocuments(request: LayoutRebaseRequest): Promise<RebasedDocuments | RebaseRefusal> {
  const app = request.read?.app ?? (await readImage(request.appLayout, request.app));
  const base = request.read?.base ?? (await readImage(request.baseLayout, request.base));
  const result = rebase({
    platformApi: request.platformApi,
    force: request.force,
    app: {config: app.config, manifest: app.manifest, name: request.appName},
    base: {
      config: base.config,
      manifest: base.manifest,
      name: request.baseName,
      reference: baseReference(request, base),
    },
  });
  if (result.kind === 'refused') return result;
  const image = encodeImage(result);
  const {digest, manifest} = image;
  const digests = {digest, previousDigest: app.digest, baseDigest: base.digest};
  return {kind: 'rebased', rebased: {...result, ...digests, manifest}, image};
}

/** A rebase that is computed and not written yet; `image` has the documents' bytes. */
export type PreparedRebase = {
  readonly kind: 'prepared';
  readonly rebased: LayoutRebase;
  readonly image: EncodedImage;
  /** The new base's layers first, then config, manifest and, in one step, the names. Rejects as writing a layout does. */
  readonly write: () => Promise<void>;
};

/** Computes the rebase, so that its digest is known before anything is written. Rejects as reading a layout does. */
export async function prepareRebaseInLayout(request: LayoutRebaseRequest): Promise<PreparedRebase | RebaseRefusal> {
  const found = await rebasedDocuments(request);
  if (found.kind === 'refused') return found;
  const {rebased, image} = found;
  return {kind: 'prepared', rebased, image, write: () => writeRebased(request, found)};
}

/** Rebases and writes. Rejects as reading and writing a layout do. */
export async function rebaseInLayout(request: LayoutRebaseRequest): Promise<LayoutRebase | RebaseRefusal> {
  const prepared = await prepareRebaseInLayout(request);
  if (prepared.kind === 'refused') return prepared;
  await prepared.write();
  return prepared.rebased;
}

async function writeRebased(request: LayoutRebaseRequest, {rebased, image}: RebasedDocuments): Promise<void> {
  const into = request.into ?? request.appLayout;
  const {layers} = image.manifest;
  const {added} = rebased.layers;
  for (const layer of layers.slice(0, added)) await linkLayer(request.baseLayout, into, layer);
  if (into !== request.appLayout) {
    for (const layer of layers.slice(added)) await linkLayer(request.appLayout, into, layer);
  }
  if (into === request.appLayout) await putImage(into, image, request.names);
  else await writeImage(into, {manifest: rebased.manifest, config: rebased.config, names: request.names});
}

function baseReference({baseReference: given, baseName}: LayoutRebaseRequest, base: ReadImage): string {
  if (given !== undefined) return given;
  try {
    const {host, repository} = parseRegistryReference(baseName);
    return formatReference({kind: 'registry', host, repository, digest: base.digest});
  } catch (error) {
    if (error instanceof OciError) return `${baseName}@${base.digest}`;
    throw error;
  }
}

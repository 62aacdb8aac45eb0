/**
 * Images in registries as the phases meet them: found with manifest and config only, layers when they are wanted, the app pushed from a layout in a
 * directory of the phase's own (upstream's image/{remote,registry}_handler.go).
 */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {blobPath, hasBlob, writeBlob} from '../oci/image-layout.ts';
import {OciError} from '../oci/oci-error.ts';
import {formatReference, type RegistryReference} from '../oci/reference.ts';
import {createRegistryClient, type RegistryClient} from '../oci/registry-client.ts';
import type {CredentialSource, FoundCredential} from '../oci/registry-credentials.ts';
import {dockerConfigCredentials} from '../oci/registry-docker-config.ts';
import {pushImage} from '../oci/registry-push.ts';
import type {HostEnvironment} from './inputs.ts';
import {type FoundImage, parseImageName} from './layout-image.ts';

export type RegistrySite = {
  readonly client: RegistryClient;
  /** A directory for what passes through this machine; gone with `close`. */
  readonly scratch: string;
  /** The image with this name or digest, none of its layers; undefined when the registry has no such image. */
  readonly find: (name: string) => Promise<FoundImage | undefined>;
  /** The file of one of its layers, fetched if need be. */
  readonly layerFile: (image: FoundImage, digest: string) => Promise<string>;
  /** Can it be read (or is it only missing)? */
  readonly canRead: (name: string) => Promise<boolean>;
  /** Throws in upstream's words when one of the images cannot be read. */
  readonly ensureReadable: (names: readonly string[]) => Promise<void>;
  /** Throws in upstream's words when one of the names cannot be written to. */
  readonly ensureWritable: (names: readonly string[]) => Promise<void>;
  /** Pushes the image from a layout; layers that are not in it come out of `bases`. */
  readonly push: (
    layout: string,
    digest: string,
    names: readonly string[],
    bases: readonly FoundImage[],
  ) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type RegistrySiteOptions = {readonly env: HostEnvironment; readonly insecure: readonly string[]};

/** Opens the way to registries. `hosts` are asked for credentials now: they may be out of reach once privileges are dropped. */
export async function openRegistrySite(
  {env, insecure}: RegistrySiteOptions,
  names: readonly string[],
): Promise<RegistrySite> {
  const hosts = new Set(names.filter((name) => name !== '').map((name) => parseImageName(name).host));
  const credentials = await rememberCredentials(dockerConfigCredentials({env}), hosts);
  const client = createRegistryClient({credentials, insecure: insecure.map((name) => name.split('/', 1)[0] ?? name)});
  const scratch = await mkdtemp(join(tmpdir(), 'lifecycle.registry.'));
  return {
    client,
    scratch,
    find: (name) => find(client, scratch, name),
    layerFile: (image, digest) => layerFile(client, image, digest),
    canRead: (name) => isReadable(client, name),
    ensureReadable: (wanted) => ensureEach(wanted, 'read', (name) => checkReadable(client, name)),
    ensureWritable: (wanted) => ensureEach(wanted, 'read/write', (name) => checkWritable(client, name)),
    push: (layout, digest, targets, bases) => push(client, layout, digest, targets, bases),
    close: async () => {
      client.close();
      await rm(scratch, {recursive: true, force: true});
    },
  };
}

async function rememberCredentials(source: CredentialSource, hosts: ReadonlySet<string>): Promise<CredentialSource> {
  const found = new Map<string, FoundCredential>();
  for (const host of hosts) found.set(host, await source.find(host));
  return {find: async (host, options) => found.get(host) ?? source.find(host, options)};
}

async function find(client: RegistryClient, scratch: string, name: string): Promise<FoundImage | undefined> {
  const reference = parseImageName(name);
  const image = await orNothing(client.readImage(reference));
  if (image === undefined) return undefined;
  const {kind, host, repository} = image.reference;
  const identity = {kind, host, repository, digest: image.digest} as const;
  const directory = join(scratch, 'found');
  await writeBlob(directory, image.configBytes);
  await writeBlob(directory, image.manifestBytes);
  return {directory, reference: formatReference(identity), image, repository: identity};
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OciError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

async function layerFile(client: RegistryClient, image: FoundImage, digest: string): Promise<string> {
  const layer = image.image.manifest.layers.find((candidate) => candidate.digest === digest);
  if (layer === undefined || image.repository === undefined)
    throw new Error(`${image.reference} has no layer ${digest}`);
  await client.downloadBlob(image.repository, layer, image.directory);
  return blobPath(image.directory, digest);
}

async function isReadable(client: RegistryClient, name: string): Promise<boolean> {
  try {
    return (await client.headManifest(parseImageName(name))) !== undefined;
  } catch (error) {
    if (error instanceof OciError) return false;
    throw error;
  }
}

async function ensureEach(
  names: readonly string[],
  access: 'read' | 'read/write',
  check: (name: string) => Promise<void>,
): Promise<void> {
  for (const name of names.filter((candidate) => candidate !== '')) {
    try {
      await check(name);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const kind = access === 'read' ? 'read' : 'write';
      throw new Error(
        `validating registry ${kind} access: failed to ensure registry ${access} access to ${name}: ${problem}`,
        {cause: error},
      );
    }
  }
}

async function checkReadable(client: RegistryClient, name: string): Promise<void> {
  await client.headManifest(parseImageName(name));
}

/** Begins an upload that is never ended, which is how go-containerregistry asks (remote.CheckPushPermission). */
async function checkWritable(client: RegistryClient, name: string): Promise<void> {
  const reference = parseImageName(name);
  await client.headManifest(reference);
  await client.checkPush(reference);
}

async function push(
  client: RegistryClient,
  layout: string,
  digest: string,
  names: readonly string[],
  bases: readonly FoundImage[],
): Promise<void> {
  const references = names.map(parseImageName);
  const [target] = references;
  if (target === undefined) return;
  const repositories = bases.map((base) => base.repository).filter((repository) => repository !== undefined);
  for (const base of bases) await bringFromElsewhere(client, layout, base, target);
  await pushImage(client, layout, digest, references, {mountFrom: repositories});
}

/** Layers of an image in another registry pass through the layout; those of the same registry are mounted. */
async function bringFromElsewhere(
  client: RegistryClient,
  layout: string,
  base: FoundImage,
  target: RegistryReference,
): Promise<void> {
  const {repository} = base;
  if (repository === undefined || repository.host === target.host) return;
  for (const layer of base.image.manifest.layers) {
    if (await hasBlob(layout, layer.digest, layer.size)) continue;
    if ((await client.headBlob(target, layer.digest)) !== undefined) continue;
    await client.downloadBlob(repository, layer, layout);
  }
}

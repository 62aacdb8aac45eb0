// Brings an image of the library to where its spec wants it: a registry, or an engine's own store. The controller does it itself, so that no
// container and no process of a buildpack is ever near a credential or an engine's socket.
import type {EngineKind} from '../domain/engine.ts';
import type {ExportTarget} from '../domain/export-target.ts';
import {type EngineCli, EngineError} from '../executors/container/engine-cli.ts';
import type {Digest} from '../oci/digest.ts';
import {OciError} from '../oci/oci-error.ts';
import {comparableName, formatReference, parseRegistryReference, type RegistryReference} from '../oci/reference.ts';
import {createRegistryClient} from '../oci/registry-client.ts';
import {dockerConfigCredentials} from '../oci/registry-docker-config.ts';
import {type PushedImage, pushImage} from '../oci/registry-push.ts';
import {pushAgain} from '../oci/registry-push-again.ts';
import {pushRebased, type RebasedPush} from '../oci/registry-push-rebased.ts';
import type {PublishOptions} from '../ports/executor.ts';
import {inWords} from './foreign-image.ts';
import {loadIntoEngine} from './load-into-engine.ts';
import {Refusal} from './refusal.ts';
import {type SharedRegistry, shareRegistry} from './shared-registry.ts';

/**
 * Where an image goes. `tags` are its names, the one it goes by first. `runImage` is the name of what it stands on: layers are mounted from
 * there where it lives in the same registry. `engine` is the builder's; without one any that answers will do.
 */
export type Delivery = {
  readonly target: ExportTarget;
  readonly tags: readonly string[];
  readonly runImage: string;
  readonly engine?: EngineKind;
};

export type Deliveries = {
  /** Whether the place takes it, as far as can be known beforehand; nothing is written. Refused in words that name the next step. */
  check(delivery: Delivery, options?: PublishOptions): Promise<void>;
  /**
   * Brings the image there; what is there already is not brought again. The name it goes by is moved last. Refused in the words of the
   * registry or the engine; a signal's reason stays what it is.
   */
  deliver(delivery: Delivery, image: Delivered, options?: PublishOptions): Promise<void>;
};

export type DeliveryParts = {
  /** The command line of an engine; rejects with a Refusal when none answers. */
  readonly engineCli?: (kind: EngineKind | undefined) => Promise<EngineCli>;
  /** Says where credentials are; the process's own environment when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** How registries are reached; with the credentials of `env` when absent. */
  readonly registry?: SharedRegistry;
};

/**
 * An image of a layout: built and never seen there, one that was there before, or made by a rebase of one that is there. That last may still be
 * on its way into the layout: `written` tells when it is there.
 */
export type Delivered = {readonly layout: string} & (
  | {readonly kind: 'built' | 'known'; readonly digest: Digest}
  | ({readonly kind: 'rebased'; readonly digest: Digest} & Pick<RebasedPush, 'image' | 'previous' | 'written'>)
);

export function createDeliveries({
  engineCli = noEngine,
  env = process.env,
  registry = registryOf(env),
}: DeliveryParts): Deliveries {
  return {
    check: async (delivery, {signal} = {}) => {
      if (delivery.target === 'layout') return;
      refuseRunImage(delivery);
      await inDeliveryWords(delivery, signal, async () => {
        if (delivery.target === 'engine') await engineCli(delivery.engine);
        else await checkRegistry(delivery, registry, signal);
      });
    },
    deliver: async (delivery, image, {signal, log} = {}) => {
      if (delivery.target === 'layout') return;
      await inDeliveryWords(delivery, signal, async () => {
        if (delivery.target === 'registry') {
          log?.(pushedText(await push(delivery, image, registry, signal), delivery));
          return;
        }
        const cli = await engineCli(delivery.engine);
        if (image.kind === 'rebased') await image.written;
        const said = await loadIntoEngine(cli, {...image, tags: delivery.tags}, signal);
        for (const line of said) log?.(line);
      });
    },
  };
}

/** A build must not replace what others stand on (the finding HIGH-1 of the 2024 audit of pack). */
function refuseRunImage({tags, runImage}: Delivery): void {
  const clash = tags.find((tag) => comparableName(tag) === comparableName(runImage));
  if (clash === undefined) return;
  throw new Refusal(
    'invalid',
    `expected a name of its own for the image, got ${clash}, which is its run image's; give the image another tag`,
  );
}

async function inDeliveryWords<T>(
  {target, tags}: Delivery,
  signal: AbortSignal | undefined,
  act: () => Promise<T>,
): Promise<T> {
  const [tag = 'the image'] = tags;
  const what = target === 'registry' ? `${tag} cannot be pushed` : `${tag} cannot be loaded into a container engine`;
  try {
    return await act();
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof EngineError) throw new Refusal('unavailable', `${what}: ${cause.message}`, {cause});
    throw inWords(what, cause);
  }
}

function registryOf(env: NodeJS.ProcessEnv): SharedRegistry {
  return shareRegistry(() => createRegistryClient({credentials: dockerConfigCredentials({env})}));
}

/** One upload begun and given up for each repository. */
async function checkRegistry(delivery: Delivery, registry: SharedRegistry, signal?: AbortSignal): Promise<void> {
  const repositories = new Map(
    references(delivery).map((reference) => [`${reference.host}/${reference.repository}`, reference]),
  );
  await registry.use(async (client) => {
    for (const repository of repositories.values()) await client.checkPush(repository, {signal});
  });
}

async function push(
  delivery: Delivery,
  image: Delivered,
  registry: SharedRegistry,
  signal: AbortSignal | undefined,
): Promise<PushedImage> {
  const {layout, digest} = image;
  const mountFrom = runImageRepository(delivery);
  // the name people pull is moved last, when everything else is there
  const names = references(delivery).toReversed();
  return registry.use((client, neighbours) => {
    switch (image.kind) {
      case 'built':
        return pushImage(client, layout, digest, names, {mountFrom, signal});
      case 'known':
        return pushAgain(client, layout, digest, names, {mountFrom, signal});
      case 'rebased': {
        const {image: made, previous, written} = image;
        return pushRebased(client, {layout, image: made, previous, written, names, mountFrom, neighbours, signal});
      }
      default:
        return image satisfies never;
    }
  });
}

function references({tags}: Delivery): readonly RegistryReference[] {
  return tags.map(parseRegistryReference);
}

/** A run image may be called something that no registry knows. */
function runImageRepository({runImage}: Delivery): readonly RegistryReference[] {
  try {
    return [parseRegistryReference(runImage)];
  } catch (error) {
    if (error instanceof OciError) return [];
    throw error;
  }
}

function pushedText({uploaded, mounted, present, bytes}: PushedImage, delivery: Delivery): string {
  const names = references(delivery).map(formatReference).join(', ');
  return `Pushed to ${names}: ${uploaded} blobs uploaded (${bytes} bytes), ${mounted} mounted, ${present} there already`;
}

function noEngine(): Promise<never> {
  return Promise.reject(new Refusal('unavailable', 'expected a container engine to load the image into, got none'));
}

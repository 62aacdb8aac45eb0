// What a run has in the engine's store: names that nobody can guess, labels that say whose it is, and its removal.
import {randomBytes} from 'node:crypto';
import type {BuildJob} from '../../ports/executor.ts';
import type {EngineCli} from './engine-cli.ts';
import {
  createNetwork,
  createVolume,
  type Labels,
  listLabelled,
  removeContainers,
  removeNetworks,
  removeVolumes,
  type VolumeOwner,
} from './engine-commands.ts';

export type RunResources = {
  /** What all of their names begin with. */
  readonly prefix: string;
  readonly labels: Labels;
  readonly layers: string;
  readonly workspace: string;
  readonly layout: string;
  readonly network: string;
  /** The name of the container of one program of the lifecycle. */
  readonly container: (program: string) => string;
  /** Containers that may exist: noted before they are created, taken out when they are removed. */
  readonly containers: Set<string>;
  /** Volumes that may exist, in the same way. */
  readonly volumes: Set<string>;
  /** Networks that may exist. */
  readonly networks: Set<string>;
  /** What is being made or removed while phases run; it never rejects. */
  readonly pending: Set<Promise<unknown>>;
};

/** Names for one run. `owner` stands for the state directory, so that another controller leaves them alone. */
export function nameResources(owner: string, job: BuildJob): RunResources {
  const prefix = `slipway-${randomBytes(10).toString('hex')}`;
  return {
    prefix,
    labels: {[labels.run]: owner, [labels.image]: imageOf(job), [labels.build]: `${job.number}.${job.attempt}`},
    layers: `${prefix}-layers`,
    workspace: `${prefix}-workspace`,
    layout: `${prefix}-layout`,
    network: `${prefix}-network`,
    container: (program) => `${prefix}-${program}`,
    containers: new Set(),
    volumes: new Set(),
    networks: new Set(),
    pending: new Set(),
  };
}

/** Each found by one filter: the engines do not agree on what two filters of a kind mean. */
const labels = {
  run: 'dev.slipway.run',
  cache: 'dev.slipway.cache',
  cacheOf: 'dev.slipway.cache-of',
  image: 'dev.slipway.image',
  build: 'dev.slipway.build',
} as const;

/** The label that says whose cache a volume is: `namespace/name`. */
export const cacheImageLabel = labels.image;

function imageOf({namespace, image}: Pick<BuildJob, 'namespace' | 'image'>): string {
  return `${namespace}/${image}`;
}

/** Makes the volumes, at the same time. */
export async function createVolumes(cli: EngineCli, resources: RunResources, owner: VolumeOwner): Promise<void> {
  const {layers, workspace, layout, volumes} = resources;
  const results = await Promise.allSettled(
    [layers, workspace, layout].map((name) => {
      volumes.add(name);
      return cli.call(createVolume(cli.engine, name, resources.labels, owner));
    }),
  );
  // settled, not raced: what is still being made when the first fails could not be removed
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

export async function createRunNetwork(cli: EngineCli, {network, networks, labels: said}: RunResources): Promise<void> {
  networks.add(network);
  await cli.call(createNetwork(network, said));
}

/** Removes a container that is not needed any more, while the run goes on; what fails here the end of the run tries again. */
export function retireContainer(cli: EngineCli, {containers, pending}: RunResources, name: string): void {
  if (!containers.has(name)) return;
  const removal = cli.call(removeContainers(cli.engine, [name]), {timeout: 60_000}).then(
    () => containers.delete(name),
    () => undefined,
  );
  pending.add(removal);
}

/** Removes all that a run has so far while its image is published; what fails here the end of the run tries again. */
export function retireAll(cli: EngineCli, resources: RunResources): void {
  const {pending} = resources;
  const others = [...pending];
  pending.add(Promise.all(others).then(() => removeWhatIsThere(cli, resources).catch(() => undefined)));
}

/** Removes all of a run: containers first, which ends what runs in them. Rejects with the first error after trying everything. */
export async function removeResources(cli: EngineCli, resources: RunResources): Promise<void> {
  await Promise.all(resources.pending);
  await removeWhatIsThere(cli, resources);
}

async function removeWhatIsThere(cli: EngineCli, {containers, volumes, networks}: RunResources): Promise<void> {
  await removeAll(cli, {containers: [...containers], volumes: [...volumes], networks: [...networks]});
  for (const gone of [containers, volumes, networks]) gone.clear();
}

/**
 * Removes everything that runs of this owner left, whatever became of the controller that started them; caches and what begins with the
 * prefix of a run that is under way stay.
 */
export async function sweepResources(
  cli: EngineCli,
  owner: string,
  underWay: ReadonlySet<string> = new Set(),
): Promise<void> {
  const ours = `${labels.run}=${owner}`;
  const [containers, volumes, networks] = await Promise.all([
    listed(cli, 'container', ours),
    listed(cli, 'volume', ours),
    listed(cli, 'network', ours),
  ]);
  const isLeft = (name: string) => ![...underWay].some((prefix) => name.startsWith(prefix));
  await removeAll(cli, {
    containers: containers.filter(isLeft),
    volumes: volumes.filter(isLeft),
    networks: networks.filter(isLeft),
  });
}

async function removeAll(
  cli: EngineCli,
  found: Readonly<Record<'containers' | 'volumes' | 'networks', readonly string[]>>,
): Promise<void> {
  const {containers, volumes, networks} = found;
  const call = (names: readonly string[], args: readonly string[]) =>
    names.length === 0 ? Promise.resolve('') : cli.call(args, {timeout: 60_000});
  const ofContainers = await Promise.allSettled([call(containers, removeContainers(cli.engine, containers))]);
  const ofTheRest = await Promise.allSettled([
    call(volumes, removeVolumes(volumes)),
    call(networks, removeNetworks(networks)),
  ]);
  const failed = [...ofContainers, ...ofTheRest].find(
    (result): result is PromiseRejectedResult => result.status === 'rejected' && !saysItIsGone(result.reason),
  );
  if (failed) throw failed.reason;
}

/** Removing what was never made, or is being removed already, has done what it should. */
function saysItIsGone(error: unknown): boolean {
  return error instanceof Error && /no such|not found|already in progress|does not exist/i.test(error.message);
}

async function listed(
  cli: EngineCli,
  what: 'container' | 'volume' | 'network',
  label: string,
): Promise<readonly string[]> {
  const printed = await cli.call(listLabelled(what, label), {timeout: 60_000});
  return printed.split('\n').filter((name) => name !== '');
}

/** The volume that holds an image's cache, found by its label; only one build of an image runs at a time. */
export async function findCache(
  cli: EngineCli,
  owner: string,
  job: Pick<BuildJob, 'namespace' | 'image'>,
): Promise<string | undefined> {
  const [found] = await listCaches(cli, owner, job);
  return found;
}

/** Makes that volume, under a name that nobody can guess. */
export async function createCache(
  cli: EngineCli,
  owner: string,
  job: Pick<BuildJob, 'namespace' | 'image'>,
  volumeOwner: VolumeOwner,
): Promise<string> {
  const volume = `slipway-cache-${randomBytes(10).toString('hex')}`;
  const of = imageOf(job);
  const said = {[labels.cache]: owner, [labels.cacheOf]: `${owner}/${of}`, [labels.image]: of};
  await cli.call(createVolume(cli.engine, volume, said, volumeOwner));
  return volume;
}

/** The cache volumes of this owner, or of one of its images. */
export async function listCaches(
  cli: EngineCli,
  owner: string,
  image?: {readonly namespace: string; readonly image: string},
): Promise<readonly string[]> {
  return listed(cli, 'volume', image ? `${labels.cacheOf}=${owner}/${imageOf(image)}` : `${labels.cache}=${owner}`);
}

/** Removes cache volumes; what is gone already is fine. */
export async function removeCaches(cli: EngineCli, volumes: readonly string[]): Promise<void> {
  await removeAll(cli, {containers: [], volumes, networks: []});
}

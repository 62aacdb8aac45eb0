// The image of a builder that is composed of stack, buildpack store and lifecycle (kpack pkg/cnb/create_builder.go, pack internal/builder):
// assembled here, loaded into the engine as a docker archive, and kept there under a name that says what it is made of.
import path from 'node:path';
import {canonicalText} from '../../domain/canonical-text.ts';
import {digestHex, sha256Of} from '../../oci/digest.ts';
import {linkBlob, readImage, writeImage} from '../../oci/image-layout.ts';
import {type WrittenLayer, writeLayer} from '../../oci/layer-writer.ts';
import type {BuildJob} from '../../ports/executor.ts';
import {composedConfig, composedLayers} from './composed-layers.ts';
import {type EngineCli, EngineError} from './engine-cli.ts';
import {inspectImage, type Labels, listImages, removeImage} from './engine-commands.ts';
import {loadArchive} from './load-archive.ts';

/** The builders that one executor composes, each once at a time. */
export type ComposedBuilders = {
  /**
   * The name of the builder's image in the engine, made when it is not there. It stays until `release`. Rejects with an `Error` in words.
   */
  use(job: BuildJob, log: (line: string) => void, signal: AbortSignal): Promise<string>;
  release(job: BuildJob): void;
};

export function createComposedBuilders(cli: EngineCli, owner: string): ComposedBuilders {
  const making = new Map<string, Promise<void>>();
  const inUse = new Map<string, string>();

  async function make(job: BuildJob, name: string, log: (line: string) => void, signal: AbortSignal): Promise<void> {
    if (await isThere(cli, name)) return;
    log(`Composing the builder image ${name}`);
    const {layout, digest} = await assemble(job, name, labelsOf(owner, job));
    await loadArchive(cli, layout, [{digest, tags: [name]}], {signal});
    await removeOlder(cli, owner, job, new Set([name, ...inUse.values()]));
  }

  return {
    async use(job, log, signal) {
      const name = nameOf(job);
      inUse.set(job.workDirectory, name);
      const under = making.get(name) ?? make(job, name, log, signal).finally(() => making.delete(name));
      making.set(name, under);
      await under;
      return name;
    },
    release: (job) => void inUse.delete(job.workDirectory),
  };
}

const composedLabels = {builder: 'dev.slipway.builder', of: 'dev.slipway.builder-of'} as const;

/** Removes every image that was composed for a builder; what a container uses stays. `key` is `ClusterBuilder/NAME`. */
export async function removeComposed(cli: EngineCli, owner: string, key: string): Promise<void> {
  await removeAllBut(cli, `${composedLabels.of}=${owner}/${key}`, new Set());
}

function labelsOf(owner: string, job: BuildJob): Labels {
  return {[composedLabels.builder]: owner, [composedLabels.of]: `${owner}/${keyOf(job)}`};
}

function keyOf({builder, namespace}: BuildJob): string {
  return builder.kind === 'ClusterBuilder'
    ? `${builder.kind}/${builder.name}`
    : `${builder.kind}/${namespace}/${builder.name}`;
}

/** The same content has the same name, in whatever order its parts were put together. */
function nameOf(job: BuildJob): string {
  const {compose, buildpacks, order, stackId, runImage, userId, groupId} = job.builder;
  const content = {
    form: 1,
    base: compose?.buildImage.digest,
    lifecycle: compose?.lifecycle.resolved.digest,
    buildpacks: buildpacks.map(({id, version, digest}) => [id, version, digest]),
    order,
    stack: [stackId, runImage.name, userId, groupId],
  };
  const digest = digestHex(sha256Of(canonicalText(content))).slice(0, 24);
  return `slipway.local/builder/${keyOf(job).toLowerCase()}:${digest}`;
}

async function isThere(cli: EngineCli, name: string): Promise<boolean> {
  try {
    await cli.call(inspectImage(name));
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'refused') return false;
    throw error;
  }
}

type Assembled = {readonly layout: string; readonly digest: string};

async function assemble(job: BuildJob, name: string, labels: Labels): Promise<Assembled> {
  const {compose} = job.builder;
  if (!compose) {
    throw new Error(`expected a builder image to run, got ${job.builder.kind} ${job.builder.name} without a lifecycle`);
  }
  const layout = path.join(job.workDirectory, 'builder');
  const base = await readImage(compose.buildImage.layout, compose.buildImage.digest);
  for (const {digest} of base.manifest.layers) await linkBlob(compose.buildImage.layout, layout, digest);
  const added: WrittenLayer[] = [];
  for (const entries of composedLayers(job, compose.lifecycle)) {
    added.push(await writeLayer(entries, {compress: false, into: layout}));
  }
  const layers = added.map(({digest, size, mediaType}) => ({digest, size, mediaType}));
  const {digest} = await writeImage(layout, {
    manifest: {layers: [...base.manifest.layers, ...layers]},
    config: composedConfig(base.config, job, compose.lifecycle, labels, added),
    names: [name],
  });
  return {layout, digest};
}

/** What this builder was composed of before; what a run still uses goes the next time. */
async function removeOlder(cli: EngineCli, owner: string, job: BuildJob, keep: ReadonlySet<string>): Promise<void> {
  await removeAllBut(cli, `${composedLabels.of}=${owner}/${keyOf(job)}`, keep);
}

async function removeAllBut(cli: EngineCli, label: string, keep: ReadonlySet<string>): Promise<void> {
  const listed = (await cli.call(listImages(label), {timeout: 60_000})).split('\n');
  const old = listed.filter((name) => name !== '' && !name.includes('<none>') && !keep.has(name));
  // one at a time: what a container uses is refused, and the others must go all the same
  for (const name of old) {
    await cli.call(removeImage(name), {timeout: 60_000}).catch((error: unknown) => {
      if (!(error instanceof EngineError) || error.kind === 'unreachable') throw error;
    });
  }
}

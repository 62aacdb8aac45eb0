// A ready-made builder image, looked up when a builder that names it is saved: read in the engine that will run it, its run image made this
// machine's own.
import {createHash} from 'node:crypto';
import {isAbsolute, join} from 'node:path';
import {PassThrough} from 'node:stream';
import type {BuilderSpec} from '../domain/builder.ts';
import type {FoundBuilderImage} from '../domain/builder-image.ts';
import {canonicalText} from '../domain/canonical-text.ts';
import {type BuilderImage, findBuilderImage, findNewestBuilderImage} from '../executors/container/builder-image.ts';
import {type EngineCli, EngineError} from '../executors/container/engine-cli.ts';
import {inspectImage, loadImages, saveImage} from '../executors/container/engine-commands.ts';
import {writeToStream} from '../executors/container/write-to-stream.ts';
import {choosePlatformApi} from '../executors/container/platform-api.ts';
import {writeDockerArchive} from '../oci/archive-docker-write.ts';
import {findBaseImage, type FoundBaseImage} from './base-images.ts';
import {isRegistryName} from './engine-names.ts';
import {withForeignImage, withIncoming} from './foreign-image.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

export type ReadyMadeQuery = {
  readonly spec: BuilderSpec;
  readonly image: string;
  readonly before: FoundBuilderImage | undefined;
  readonly paths: StatePaths;
  readonly now: number;
};

/**
 * Reads the image's labels for stack, run image, order, mixins and lifecycle. One that came from a registry is asked for there again, so that
 * saving a builder follows its tag. A Refusal says what is missing; `notes` are lines about what was fetched.
 */
export async function findReadyMadeBuilder(
  cli: EngineCli,
  {spec, image, before, paths, now}: ReadyMadeQuery,
): Promise<{readonly found: FoundBuilderImage; readonly notes: readonly string[]}> {
  const notes: string[] = [];
  const log = (line: string) => void notes.push(line);
  const builder = await refusing(() => findInEngine(cli, image, paths, log));
  await refusing(() => Promise.resolve(choosePlatformApi(builder.platformApis)));
  const run = spec.stack === undefined ? await findRunImage(cli, spec.runImage, builder, paths) : undefined;
  if (run) checkRunImage(builder, run);
  notes.push(`Uploading '${image}@${builder.pinned?.split('@')[1] ?? builder.id}'`);
  if (run) notes.push(`Uploading '${run.base.name}@${run.base.digest}'`);
  return {found: foundBuilder(builder, run, before, now), notes};
}

/** What the engine or the image said, as an answer to the person who asked. */
async function refusing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof Refusal || !(cause instanceof Error)) throw cause;
    const kind = cause instanceof EngineError && cause.kind === 'unreachable' ? 'unavailable' : 'invalid';
    throw new Refusal(kind, cause.message, {cause});
  }
}

async function findInEngine(
  cli: EngineCli,
  image: string,
  paths: StatePaths,
  log: (line: string) => void,
): Promise<BuilderImage> {
  const told = {signal: AbortSignal.timeout(1_800_000), log};
  if (!isOfThisMachine(image)) return findNewestBuilderImage(cli, image, told);
  return findBuilderImage(cli, await loadForeign(cli, image, paths, log), told);
}

/** A layout or an archive, which an engine must be given first. */
function isOfThisMachine(image: string): boolean {
  return /^(oci|docker-archive):/.test(image) || isAbsolute(image);
}

/** What an image's own labels may name: no file of this machine, no option of the engine's command line. */
function isForeign(image: string): boolean {
  return !isOfThisMachine(image) && isRegistryName(image);
}

const mostBytes = 32 * 1024 ** 3;

/** Loads it under a name made of its digest, unless the engine has it. */
async function loadForeign(
  cli: EngineCli,
  reference: string,
  paths: StatePaths,
  log: (line: string) => void,
): Promise<string> {
  const what = `builder image "${reference}"`;
  return withForeignImage({reference, what, paths, mostBytes}, async ({directory, image}) => {
    const name = `slipway.local/builder-image:${createHash('sha256').update(image.digest).digest('hex').slice(0, 24)}`;
    if (await has(cli, name)) return name;
    log(`Loading ${reference} into ${cli.engine.kind}`);
    const input = new PassThrough();
    const writing = writeDockerArchive(directory, [{digest: image.digest, tags: [name]}], (chunk) =>
      writeToStream(input, chunk),
    ).then(
      () => input.end(),
      (error: unknown) => {
        input.destroy();
        throw error;
      },
    );
    const [written, loaded] = await Promise.allSettled([writing, cli.call(loadImages(), {input})]);
    if (written.status === 'rejected') throw written.reason;
    if (loaded.status === 'rejected') throw loaded.reason;
    return name;
  });
}

async function has(cli: EngineCli, name: string): Promise<boolean> {
  try {
    await cli.call(inspectImage(name));
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'refused') return false;
    throw error;
  }
}

async function findRunImage(
  cli: EngineCli,
  wanted: string | undefined,
  builder: BuilderImage,
  paths: StatePaths,
): Promise<FoundBaseImage> {
  const [first, ...mirrors] = wanted === undefined ? builder.runImages.filter(isForeign) : [wanted];
  if (first === undefined) {
    throw new Refusal(
      'invalid',
      'expected a builder image whose metadata names a run image in a registry, got one that names none; give one with --run-image or --stack',
    );
  }
  try {
    return await findOneRunImage(cli, first, paths);
  } catch (error) {
    for (const mirror of mirrors) {
      const found = await findOneRunImage(cli, mirror, paths).catch(() => undefined);
      if (found) return found;
    }
    throw error;
  }
}

/** In its registry or its place on this machine; one that only the engine has is taken from there. */
async function findOneRunImage(cli: EngineCli, reference: string, paths: StatePaths): Promise<FoundBaseImage> {
  if (isOfThisMachine(reference)) return findBaseImage(reference, paths);
  const local = await localImage(cli, reference);
  if (local === 'of its own') return takeFromEngine(cli, reference, paths);
  try {
    return await findBaseImage(reference, paths);
  } catch (error) {
    if (local === 'none') throw error;
    return takeFromEngine(cli, reference, paths);
  }
}

/** Whether the engine has it, and whether a registry ever did. */
async function localImage(cli: EngineCli, reference: string): Promise<'none' | 'of its own' | 'of a registry'> {
  try {
    const [image] = JSON.parse(await cli.call(inspectImage(reference))) as [{readonly RepoDigests?: unknown}?];
    const digests = image?.RepoDigests;
    return Array.isArray(digests) && digests.length > 0 ? 'of a registry' : 'of its own';
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'refused') return 'none';
    throw error;
  }
}

async function takeFromEngine(cli: EngineCli, reference: string, paths: StatePaths): Promise<FoundBaseImage> {
  return withIncoming(paths, async (incoming) => {
    const file = join(incoming, 'run.tar');
    await cli.call(saveImage(reference, file), {timeout: 1_800_000});
    const found = await findBaseImage(`docker-archive:${file}`, paths);
    return {...found, base: {...found.base, image: reference, name: reference}};
  });
}

/** What kpack checks of a stack (`remote_stack_reader.go`), as far as the two say anything. */
function checkRunImage(builder: BuilderImage, run: FoundBaseImage): void {
  const {stackId = '', mixins} = builder;
  if (stackId !== '' && run.stackId !== undefined && run.stackId !== stackId) {
    throw new Refusal(
      'invalid',
      `expected a run image of the stack ${stackId}, which the builder image is for, got one of ${run.stackId}; give another with --run-image`,
    );
  }
  if (run.stackId === undefined) return;
  const missing = mixins.filter((mixin) => !/^(build|run):/.test(mixin) && !run.mixins.includes(mixin));
  if (missing.length === 0) return;
  throw new Refusal('invalid', `runImage missing required mixin(s): ${missing.join(', ')}`);
}

/** Times stay what they were where nothing moved. */
function foundBuilder(
  builder: BuilderImage,
  run: FoundBaseImage | undefined,
  before: FoundBuilderImage | undefined,
  now: number,
): FoundBuilderImage {
  const {id, pinned, buildpacks, order, lifecycleVersion, platformApis, stackId = '', userId, groupId} = builder;
  const sameBuildpacks = before !== undefined && canonicalText(before.buildpacks) === canonicalText(buildpacks);
  const sameLifecycle = before?.lifecycle.version === lifecycleVersion;
  return {
    at: now,
    id,
    ...(pinned === undefined ? {} : {pinned}),
    buildpacks,
    buildpacksSince: sameBuildpacks ? before.buildpacksSince : now,
    order,
    lifecycle: {
      version: lifecycleVersion,
      since: sameLifecycle ? before.lifecycle.since : now,
      platformApis,
    },
    stackId: stackId === '' ? (run?.stackId ?? '') : stackId,
    mixins: builder.mixins,
    userId,
    groupId,
    ...(run ? {base: baseOf(run, before, now)} : {}),
  };
}

function baseOf(
  {base, target}: FoundBaseImage,
  before: FoundBuilderImage | undefined,
  now: number,
): NonNullable<FoundBuilderImage['base']> {
  const same = before?.base?.runImage.digest === base.digest;
  // the lifecycle's launcher is a program of its own: it needs no shell
  return {at: same ? (before.base?.at ?? now) : now, runImage: base, target, runnable: true};
}

// What a ready-made builder image says about itself (specification: platform, Build Image; buildpacks/pack internal/builder/builder.go).
import {z} from 'zod';
import type {BuildpackRef, OrderGroup} from '../../domain/buildpack.ts';
import {comparableName} from '../../oci/reference.ts';
import type {EngineCli} from './engine-cli.ts';
import {inspectImage, pullImage} from './engine-commands.ts';
import {inspectOrPull} from './inspect-or-pull.ts';

export type BuilderImage = {
  /** The image's id in the engine's store: what runs, whatever becomes of the name. */
  readonly id: string;
  readonly userId: number;
  readonly groupId: number;
  readonly stackId?: string;
  readonly lifecycleVersion: string;
  /** Platform APIs its lifecycle supports, deprecated ones included. */
  readonly platformApis: readonly string[];
  /** What its metadata lists; empty when it lists nothing. */
  readonly buildpacks: readonly BuildpackRef[];
  /** Empty when no label says it. */
  readonly order: readonly OrderGroup[];
  readonly mixins: readonly string[];
  /** Names of the run image its metadata asks for, mirrors after it. */
  readonly runImages: readonly string[];
  /** `name@sha256:…` by which a registry gives it again, when the engine knows one. */
  readonly pinned?: string;
};

/**
 * Looks the image up in the engine's store and pulls it when it is not there, with the credentials the person has given the engine.
 * Rejects with an `Error` in words when it cannot be had or is no builder.
 */
export async function findBuilderImage(
  cli: EngineCli,
  name: string,
  {signal, log}: {readonly signal: AbortSignal; readonly log: (line: string) => void},
): Promise<BuilderImage> {
  return readBuilderImage(name, await inspectOrPull(cli, name, {as: 'builder image', signal, log}));
}

/**
 * The same, asking the image's registry for a newer one first where it came from one; when that does not answer, what the engine has is taken,
 * and said so.
 */
export async function findNewestBuilderImage(
  cli: EngineCli,
  name: string,
  {signal, log}: {readonly signal: AbortSignal; readonly log: (line: string) => void},
): Promise<BuilderImage> {
  const known = readBuilderImage(name, await inspectOrPull(cli, name, {as: 'builder image', signal, log}));
  if (known.pinned === undefined) return known;
  try {
    await cli.call(pullImage(name), {signal, timeout: 600_000});
  } catch (error) {
    log(`${name}: took the one that ${cli.engine.kind} has; ${error instanceof Error ? error.message : String(error)}`);
    return known;
  }
  return readBuilderImage(name, await cli.call(inspectImage(name)));
}

const inspected = z.object({
  Id: z.string().min(1),
  RepoDigests: z.array(z.string()).nullish(),
  Os: z.string().optional(),
  Config: z.object({
    User: z.string().nullish(),
    Env: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
});

const inspection = z.tuple([inspected]);

const apis = z.object({deprecated: z.array(z.string()).nullish(), supported: z.array(z.string()).nullish()}).nullish();

const runImageLabel = z.object({image: z.string().nullish(), mirrors: z.array(z.string()).nullish()}).nullish();

const metadataLabel = z.object({
  buildpacks: z.array(z.object({id: z.string(), version: z.string(), homepage: z.string().nullish()})).nullish(),
  stack: z.object({runImage: runImageLabel}).nullish(),
  images: z.array(runImageLabel).nullish(),
  lifecycle: z.object({version: z.string().nullish(), apis: z.object({platform: apis}).nullish()}).nullish(),
});

const apisLabel = z.object({platform: apis});

const orderLabel = z
  .array(
    z.object({
      group: z.array(z.object({id: z.string().min(1), version: z.string().nullish(), optional: z.boolean().nullish()})),
    }),
  )
  .nullish();

const mixinsLabel = z.array(z.string()).nullish();

/** Reads what `image inspect` printed. Throws an `Error` in words that names what is missing. */
export function readBuilderImage(name: string, printed: string): BuilderImage {
  const [{Id: id, Os: os, Config: config, RepoDigests: digests}] = inspection.parse(JSON.parse(printed));
  if (os !== undefined && os !== '' && os !== 'linux') throw noBuilder(name, `an image for linux, got one for ${os}`);
  const labels = config.Labels ?? {};
  const metadata = labelOf(name, labels, 'io.buildpacks.builder.metadata', metadataLabel);
  const declared = labelOf(name, labels, 'io.buildpacks.lifecycle.apis', apisLabel)?.platform;
  const platform = declared ?? metadata?.lifecycle?.apis?.platform;
  const ids = {userId: idOf(name, config.Env, 'CNB_USER_ID'), groupId: idOf(name, config.Env, 'CNB_GROUP_ID')};
  const user = config.User ?? '';
  if (['', '0', 'root'].includes(user.split(':')[0] ?? '') || ids.userId === 0) {
    throw noBuilder(name, `a user other than root, got ${JSON.stringify(user)} with CNB_USER_ID ${ids.userId}`);
  }
  return {
    id,
    ...ids,
    stackId: labels['io.buildpacks.stack.id'],
    lifecycleVersion: metadata?.lifecycle?.version ?? labels['io.buildpacks.lifecycle.version'] ?? 'unknown',
    platformApis: [...(platform?.supported ?? []), ...(platform?.deprecated ?? [])],
    buildpacks: (metadata?.buildpacks ?? []).map(({id: buildpack, version, homepage}) => ({
      id: buildpack,
      version,
      ...(homepage ? {homepage} : {}),
    })),
    order: (labelOf(name, labels, 'io.buildpacks.buildpack.order', orderLabel) ?? []).map(({group}) => ({
      group: group.map(({id: buildpack, version, optional}) => ({
        id: buildpack,
        ...(version ? {version} : {}),
        ...(optional ? {optional} : {}),
      })),
    })),
    mixins: labelOf(name, labels, 'io.buildpacks.stack.mixins', mixinsLabel) ?? [],
    runImages: [...(metadata?.images ?? []), metadata?.stack?.runImage].flatMap((run) =>
      [run?.image ?? '', ...(run?.mirrors ?? [])].filter((image) => image !== ''),
    ),
    ...pinnedAs(name, digests ?? []),
  };
}

/** The digest under which the image stands in the repository of its name. */
function pinnedAs(name: string, digests: readonly string[]): {readonly pinned?: string} {
  const repository = (text: string) => comparableName(text.replace(/@.*$/, '')).replace(/:[^/:]*$/, '');
  const pinned = digests.find((digest) => repository(digest) === repository(name));
  return pinned === undefined ? {} : {pinned};
}

function labelOf<Value>(
  name: string,
  labels: Readonly<Record<string, string>>,
  label: string,
  schema: z.ZodType<Value>,
): Value | undefined {
  const text = labels[label];
  if (text === undefined || text === '') return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw noBuilder(name, `JSON as packs write it in the label ${label}`, cause);
  }
}

function idOf(name: string, environment: readonly string[] | null | undefined, variable: string): number {
  const value = environment?.find((entry) => entry.startsWith(`${variable}=`))?.slice(variable.length + 1) ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw noBuilder(name, `the variable ${variable} with a number, got ${JSON.stringify(value)}`);
}

function noBuilder(name: string, expected: string, cause?: unknown): Error {
  return new Error(
    `the image ${name} is no builder that can be used: expected ${expected}; take an image made by \`pack builder create\``,
    {cause},
  );
}

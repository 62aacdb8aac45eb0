// What a ready-made builder image says about itself (specification: platform, Build Image; buildpacks/pack internal/builder/builder.go).
import {z} from 'zod';
import type {BuildpackRef} from '../../domain/buildpack.ts';
import {type EngineCli, EngineError} from './engine-cli.ts';
import {inspectImage, pullImage} from './engine-commands.ts';

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
  return readBuilderImage(name, await inspectOrPull(cli, name, signal, log));
}

async function inspectOrPull(
  cli: EngineCli,
  name: string,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<string> {
  try {
    return await cli.call(inspectImage(name));
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'unreachable') throw error;
  }
  log(`Pulling ${name}`);
  try {
    await cli.call(pullImage(name), {signal});
  } catch (cause) {
    throw new Error(
      `expected the builder image ${name} in ${cli.engine.kind}'s store or a registry, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      {cause},
    );
  }
  return cli.call(inspectImage(name));
}

const inspected = z.object({
  Id: z.string().min(1),
  Os: z.string().optional(),
  Config: z.object({
    User: z.string().nullish(),
    Env: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
});

const inspection = z.tuple([inspected]);

const apis = z.object({deprecated: z.array(z.string()).nullish(), supported: z.array(z.string()).nullish()}).nullish();

const metadataLabel = z.object({
  buildpacks: z.array(z.object({id: z.string(), version: z.string(), homepage: z.string().nullish()})).nullish(),
  lifecycle: z.object({version: z.string().nullish(), apis: z.object({platform: apis}).nullish()}).nullish(),
});

const apisLabel = z.object({platform: apis});

/** Reads what `image inspect` printed. Throws an `Error` in words that names what is missing. */
export function readBuilderImage(name: string, printed: string): BuilderImage {
  const [{Id: id, Os: os, Config: config}] = inspection.parse(JSON.parse(printed));
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
  };
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

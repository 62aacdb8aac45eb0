// An image with a lifecycle and no buildpacks, as upstream publishes them (buildpacksio/lifecycle): what analyze, restore and export of an untrusted
// builder run from when the person pinned one, so that nothing of the builder's own runs where images are written.
import {z} from 'zod';
import type {EngineCli} from './engine-cli.ts';
import {type InspectOrPull, inspectOrPull} from './inspect-or-pull.ts';

export type LifecycleImage = {
  readonly name: string;
  /** The image's id in the engine's store. */
  readonly id: string;
  readonly version: string;
  /** Platform APIs it supports, deprecated ones included. */
  readonly platformApis: readonly string[];
};

/** Looks it up in the engine's store, pulls it when it is not there. Rejects with an `Error` in words when it cannot be had or is no such image. */
export async function findLifecycleImage(
  cli: EngineCli,
  name: string,
  told: Omit<InspectOrPull, 'as'>,
): Promise<LifecycleImage> {
  return readLifecycleImage(name, await inspectOrPull(cli, name, {...told, as: 'lifecycle image'}));
}

const inspection = z.tuple([
  z.object({
    Id: z.string().min(1),
    Config: z.object({Labels: z.record(z.string(), z.string()).nullish()}),
  }),
]);

const apisLabel = z.object({
  platform: z.object({deprecated: z.array(z.string()).nullish(), supported: z.array(z.string())}),
});

/** Reads what `image inspect` printed. Throws an `Error` in words. */
export function readLifecycleImage(name: string, printed: string): LifecycleImage {
  const [{Id: id, Config: config}] = inspection.parse(JSON.parse(printed));
  const {platform} = apisOf(name, config.Labels?.['io.buildpacks.lifecycle.apis']);
  return {
    name,
    id,
    version: config.Labels?.['io.buildpacks.lifecycle.version'] ?? 'unknown',
    platformApis: [...platform.supported, ...(platform.deprecated ?? [])],
  };
}

function apisOf(name: string, label: string | undefined): z.infer<typeof apisLabel> {
  try {
    return apisLabel.parse(JSON.parse(label ?? 'null'));
  } catch (cause) {
    throw new Error(
      `the image ${name} is no lifecycle image: expected the label io.buildpacks.lifecycle.apis with its Platform APIs, got ${JSON.stringify(label ?? 'none').slice(0, 200)}; take one of buildpacksio/lifecycle`,
      {cause},
    );
  }
}

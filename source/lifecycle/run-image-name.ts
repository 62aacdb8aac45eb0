/** Which names a run image has: run.toml (Platform API 0.12), stack.toml before it (spec/platform.md#runtoml-toml). */
import {comparableName, parseRegistryReference} from '../oci/reference.ts';
import {atLeast} from './api-version.ts';
import {exitCodes} from './exit-codes.ts';
import type {Inputs} from './inputs.ts';
import {type RunImageName, readRunImageName} from './layers-metadata.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import type {Log} from './log.ts';
import type {PhaseContext} from './phase-context.ts';
import {readTomlFile, subTable, tableList} from './read-toml.ts';

/** The run image to use when nobody named one: the first of run.toml, or stack.toml's; the one on the output's registry if there is one. */
export async function defaultRunImage(context: PhaseContext): Promise<string> {
  const name = (await knownRunImages(context.inputs, context.log))[0];
  return bestRunImage(context, name ?? {});
}

/** Of an image and its mirrors the one on the output's registry, else the first; of those in registries only such as can be read. */
export async function bestRunImage(
  {inputs, registry}: PhaseContext,
  {image = '', mirrors = []}: RunImageName,
): Promise<string> {
  const candidates = [image, ...mirrors].filter((candidate) => candidate !== '');
  const host = inputs.outputImage === '' ? undefined : hostOf(inputs.outputImage);
  const isNear = (candidate: string) => hostOf(candidate) === host;
  const ordered = [...candidates.filter(isNear), ...candidates];
  if (registry === undefined || inputs.useLayout || inputs.own.runImageLayout !== undefined) return ordered[0] ?? '';
  for (const candidate of ordered) if (await registry.canRead(candidate)) return candidate;
  if (candidates.length === 0) return '';
  throw new LifecycleFailure('failed to find accessible run image', {
    action: 'resolve inputs',
    code: exitCodes.invalidArgs,
  });
}

/** The name and mirrors to record in the image: the entry that the analyzed run image belongs to, else the first. */
export async function runImageForExport(inputs: Inputs, analyzedName: string, log: Log): Promise<RunImageName> {
  const known = await knownRunImages(inputs, log);
  return known.find((name) => containsName(name, analyzedName)) ?? known[0] ?? {};
}

function containsName(name: RunImageName, candidate: string): boolean {
  const wanted = comparableName(candidate);
  return [name.image ?? '', ...(name.mirrors ?? [])].some((known) => known !== '' && comparableName(known) === wanted);
}

async function knownRunImages(inputs: Inputs, log: Log): Promise<readonly RunImageName[]> {
  if (atLeast(inputs.platformApi, '0.12')) {
    const run = await readTomlFile(inputs.runPath, {followLinks: true});
    if (run === undefined) log.info(`No run metadata found at path "${inputs.runPath}"`);
    return run === undefined ? [] : tableList(run, 'images').map(readRunImageName);
  }
  const stack = await readTomlFile(inputs.stackPath, {followLinks: true});
  if (stack === undefined) log.info(`No stack metadata found at path "${inputs.stackPath}"`);
  const runImage = stack === undefined ? undefined : subTable(stack, 'run-image');
  return runImage === undefined ? [] : [readRunImageName(runImage)];
}

function hostOf(reference: string): string {
  try {
    return parseRegistryReference(reference).host;
  } catch {
    return ''; // no name of a registry: on no registry
  }
}

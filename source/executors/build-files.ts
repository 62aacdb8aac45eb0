// What every executor writes for the lifecycle's phases, whatever runs them (specification: platform, Data Format).
import {stringify} from 'smol-toml';
import {withoutIdentifier} from '../lifecycle/layout-image.ts';
import type {BuildJob} from '../ports/executor.ts';

/** The builder and its run image as the prepare section of the log shows them. */
export function builderText(job: BuildJob): string {
  const {kind, name, runImage} = job.builder;
  return `Builder:\n Name: ${name}\n Kind: ${kind}\n Run Image: ${withoutIdentifier(runImage.name)}@${runImage.digest}`;
}

/** run.toml: the one run image of the stack. */
export function runToml(job: BuildJob): string {
  return stringify({images: [{image: job.builder.runImage.name}]});
}

/** project-metadata.toml: where the source came from. */
export function projectMetadataToml(metadata: unknown): string {
  return stringify({source: defined(metadata)});
}

/** Plain data as TOML can hold it: what is undefined or null is left out. */
function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== undefined && item !== null).map(defined);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return Object.fromEntries(entries.map(([name, field]) => [name, defined(field)]));
}

/** Throws an `Error` in words when a variable cannot be a file below `<platform>/env/`. */
export function checkVariableName(name: string): void {
  if (/^[^/\0=]{1,255}$/.test(name) && name !== '.' && name !== '..') return;
  throw new Error(
    `expected the name of an environment variable, got ${JSON.stringify(name)}; correct the image's env or the project descriptor`,
  );
}

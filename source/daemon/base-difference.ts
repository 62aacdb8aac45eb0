// Answers what differs between two run images: finds both, reads their packages (once per digest), and asks a scanner if there is one.
import type {BaseDifference, FindingsDifference} from '../domain/base-difference.ts';
import type {BaseImage} from '../domain/stack.ts';
import {differenceOf} from '../oci/base-image-difference.ts';
import {OciError} from '../oci/oci-error.ts';
import {type ImagePackages, readPackages} from '../oci/package-database.ts';
import {findingsDifference} from '../oci/package-database-findings.ts';
import {findScanner, scanLayout} from '../oci/package-database-scanner.ts';
import type {BaseDifferenceQuery} from '../protocol/message.ts';
import {entry} from '../state/entry.ts';
import type {State} from '../state/state.ts';
import {findBaseImage} from './base-images.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

export type BaseDifferenceParts = {
  readonly paths: StatePaths;
  readonly state: () => State;
  /** Of the controller: PATH is where a scanner is looked for. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Answers `baseDifference`. Refused as `not-found` for a stack or image that is not there, `invalid` for one that cannot be read. */
export function createBaseDifference({paths, state, env = process.env}: BaseDifferenceParts) {
  const packagesOf = rememberPackages();
  return async ({from, to, scan = true}: BaseDifferenceQuery): Promise<BaseDifference> => {
    const old = await oldImage(from, state(), paths);
    const now = (await findBaseImage(to, paths)).base;
    // One after the other: both may want half a gigabyte of scratch space.
    const before = await packagesOf(old);
    const after = await packagesOf(now);
    const {findings, notes} = scan && old.digest !== now.digest ? await scanned(old, now, env) : noFindings;
    const difference = differenceOf(before, after, findings);
    return {
      ...difference,
      from: {...difference.from, name: old.name},
      to: {...difference.to, name: now.name},
      notes: [...difference.notes, ...notes],
    };
  };
}

/** Both scans together may take so long; a first scan downloads the scanner's own database. */
const longestScan = 90_000;
const mostRemembered = 32;

type Scanned = {readonly findings?: FindingsDifference; readonly notes: readonly string[]};
const noFindings: Scanned = {notes: []};

async function oldImage(from: BaseDifferenceQuery['from'], state: State, paths: StatePaths): Promise<BaseImage> {
  switch (from.kind) {
    case 'stack': {
      const stack = entry(state.stacks, from.name);
      if (!stack) throw new Refusal('not-found', `clusterstacks.kpack.io "${from.name}" not found`);
      return stack.resolved.runImage;
    }
    case 'image':
      return (await findBaseImage(from.reference, paths)).base;
    default:
      return from satisfies never;
  }
}

/** A digest always has the same packages. The same question asked twice at once is answered by one reading; a failure is not remembered. */
function rememberPackages() {
  const known = new Map<string, Promise<ImagePackages>>();
  return async ({digest, layout}: BaseImage): Promise<ImagePackages> => {
    const remembered = known.get(digest);
    if (remembered) return remembered;
    const reading = readOrRefuse(layout, digest);
    known.set(digest, reading);
    const [oldest] = known.keys();
    if (known.size > mostRemembered && oldest !== undefined) known.delete(oldest);
    try {
      return await reading;
    } catch (error) {
      known.delete(digest);
      throw error;
    }
  };
}

async function readOrRefuse(layout: string, digest: string): Promise<ImagePackages> {
  try {
    return await readPackages(layout, digest);
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    throw new Refusal('invalid', `the packages of ${digest} cannot be read: ${cause.message}`, {cause});
  }
}

async function scanned(old: BaseImage, now: BaseImage, env: NonNullable<BaseDifferenceParts['env']>): Promise<Scanned> {
  const scanner = await findScanner(env);
  if (!scanner) return noFindings;
  const signal = AbortSignal.timeout(longestScan);
  const options = {env, milliseconds: longestScan, signal};
  try {
    const before = await scanLayout(scanner, old.layout, options);
    const after = await scanLayout(scanner, now.layout, options);
    return {findings: findingsDifference(scanner.name, before, after), notes: []};
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    return {notes: [`No findings: ${error.message}`]};
  }
}

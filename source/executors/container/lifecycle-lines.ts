// The few lines of upstream's lifecycle that say what no file and no exit code says: which layer was taken, which buildpack runs. Only these are
// read, each from a stream that the lifecycle writes; a buildpack that imitates them in the build phase is believed no further than its name goes.
import type {PhaseName} from '../../domain/phase.ts';

export type LayerLine = {readonly what: 'restored' | 'reused' | 'added' | 'cached'; readonly layer: string};

/** A line of the restore or export phase that names a layer (lifecycle `phase/{restorer,exporter,cache}.go`). */
export function layerNamedBy(phase: PhaseName, line: string): LayerLine | undefined {
  switch (phase) {
    case 'restore': {
      const layer = /^Restoring data for "([^"]{1,500})" from cache$/.exec(line)?.[1];
      return layer === undefined ? undefined : {what: 'restored', layer};
    }
    case 'export': {
      const [, verb, cache, layer] = /^(Adding|Reusing) (cache )?layer '([^']{1,500})'$/.exec(line) ?? [];
      if (layer === undefined) return undefined;
      if (cache) return {what: 'cached', layer};
      return {what: verb === 'Adding' ? 'added' : 'reused', layer};
    }
    default:
      return undefined;
  }
}

/** How the lines begin that `layerNamedBy` reads. */
export const layerLineBeginnings = [
  'Restoring data for "',
  'Adding layer ',
  'Reusing layer ',
  'Adding cache layer ',
  'Reusing cache layer ',
];

export type BuildpackLine = {readonly kind: 'started' | 'finished'; readonly id: string; readonly version: string};

/** A line that the builder prints only at the level `debug` (lifecycle `phase/builder.go`): a buildpack begins, or has ended well. */
export function buildpackNamedBy(line: string): BuildpackLine | undefined {
  const [, verb, id, version] =
    /^(Running|Finished running) build for buildpack ([^\s@]{1,300})@(\S{1,300})$/.exec(line) ?? [];
  if (id === undefined || version === undefined) return undefined;
  return {kind: verb === 'Running' ? 'started' : 'finished', id, version};
}

const exactDebugLines: ReadonlySet<string> = new Set([
  'Starting builder...',
  'Parsing inputs...',
  'Ensuring privileges...',
  'Executing command...',
  'Looking up buildpack',
  'Finding plan',
  'Creating plan directory',
  'Preparing paths',
  'Running build command',
  'Processing layers',
  'Updating environment',
  'Reading output files',
  'Updating buildpack processes',
  'Updating process list',
  'Copying SBOM files',
  'Creating SBOM files for legacy BOM',
  'Listing processes',
]);

/** How the lines begin that the builder prints because it was asked to name its buildpacks. */
export const debugLineBeginnings = [
  ...exactDebugLines,
  'Running build for buildpack ',
  'Finished running build for buildpack ',
  'Timer: Builder ',
];

/** Is this whole line one of those? They are not what a person wants to read in the log. */
export function isDebugLine(line: string): boolean {
  return (
    exactDebugLines.has(line) ||
    buildpackNamedBy(line) !== undefined ||
    /^Timer: Builder (started at|ran for) [0-9TZ:.+a-zµ \u00C2\u00B5-]{1,100}$/.test(line)
  );
}

/** The newest line with which the lifecycle says why it ends (lifecycle `log/default_logger.go`); escapes are taken out already. */
export function errorSaidIn(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length);
}

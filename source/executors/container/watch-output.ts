// Reads out of what the lifecycle prints what only stands there, and hands the bytes on.
import type {BuildpackRef} from '../../domain/buildpack.ts';
import type {PhaseName} from '../../domain/phase.ts';
import type {RunReport} from '../../ports/executor.ts';
import {
  buildpackNamedBy,
  debugLineBeginnings,
  isDebugLine,
  type LayerLine,
  layerLineBeginnings,
  layerNamedBy,
} from './lifecycle-lines.ts';
import {createLineSieve, type LineSieve} from './line-sieve.ts';

/** What the output of a run came to so far, as far as it is believed. */
export type Watched = {
  readonly started: BuildpackRef[];
  readonly finished: Set<string>;
  /** Layers of the export phase, to be reported when their sizes are known. */
  readonly exported: LayerLine[];
  readonly named: Set<string>;
  restored: number;
};

export function nothingWatched(): Watched {
  return {started: [], finished: new Set(), exported: [], named: new Set(), restored: 0};
}

/**
 * A sieve for the standard output of one phase. In the build phase the lifecycle runs with `-log-level debug`, because only then it
 * names the buildpack that runs: its debug lines are turned into events, for buildpacks of `group` alone, and taken out.
 */
export function watchPhase(
  phase: PhaseName,
  watched: Watched,
  group: readonly BuildpackRef[],
  report: RunReport,
): LineSieve {
  const onBytes = (bytes: Uint8Array) => report.log(phase, 'stdout', bytes);
  switch (phase) {
    case 'build':
      return createLineSieve({
        beginnings: debugLineBeginnings,
        onLine: (line) => {
          takeBuildpack(line, watched, group, report);
          return !isDebugLine(line);
        },
        onBytes,
      });
    case 'restore':
    case 'export':
      return createLineSieve({
        beginnings: layerLineBeginnings,
        onLine: (line) => {
          takeLayer(phase, line, watched, report);
          return true;
        },
        onBytes,
      });
    default:
      return {write: onBytes, end: () => undefined};
  }
}

function takeBuildpack(line: string, watched: Watched, group: readonly BuildpackRef[], report: RunReport): void {
  const named = buildpackNamedBy(line);
  const index = group.findIndex(({id, version}) => id === named?.id && version === named.version);
  const buildpack = group[index];
  if (!named || !buildpack) return;
  const key = `${buildpack.id}@${buildpack.version}`;
  const hasStarted = watched.started.includes(buildpack);
  if (named.kind === 'started' && !hasStarted) {
    watched.started.push(buildpack);
    report.event({kind: 'buildpack.started', buildpack, index: index + 1, of: group.length});
  } else if (named.kind === 'finished' && hasStarted && !watched.finished.has(key)) {
    watched.finished.add(key);
    report.event({kind: 'buildpack.finished', buildpack});
  }
}

/** Takes a line of the restore or export phase. Each layer counts once, though the lifecycle may name it twice. */
export function takeLayer(phase: PhaseName, line: string, watched: Watched, report: RunReport): void {
  const named = layerNamedBy(phase, line);
  if (!named) return;
  const key = `${named.what} ${named.layer}`;
  if (watched.named.has(key)) return;
  watched.named.add(key);
  if (named.what === 'restored') watched.restored += 1;
  if (named.what === 'restored' || named.what === 'cached') report.event({kind: 'layer.recorded', ...named});
  else watched.exported.push(named);
}

/** The buildpack that began and did not end. */
export function unfinishedBuildpack({started, finished}: Watched): BuildpackRef | undefined {
  return started.find(({id, version}) => !finished.has(`${id}@${version}`));
}

// Splits what a `creator` prints into the phases it runs, and reports each as it begins and ends.
import type {PhaseName} from '../../domain/phase.ts';
import type {BuildpackRef} from '../../domain/buildpack.ts';
import {count, type PhaseRun} from '../phase-run.ts';
import {phaseOpenedBy} from './creator-headings.ts';
import {layerLineBeginnings} from './lifecycle-lines.ts';
import {createLineSieve} from './line-sieve.ts';
import {takeLayer, type Watched} from './watch-output.ts';

export type CreatorWatch = {
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  /** The phase that runs now. */
  phase(): PhaseName;
  /** Hands on what is held; the phase that runs stays open. */
  end(): void;
};

const headingBeginnings = ['===> ', '\u001B[36m===> '];

/** Opens `analyze` at once: whatever the creator says before its first heading belongs there. `onDetected` names what a detect line names. */
export function watchCreator(
  run: PhaseRun,
  watched: Watched,
  noteOf: (phase: PhaseName) => string | undefined,
  detectedBy: (line: string) => BuildpackRef | undefined,
): CreatorWatch {
  let running: PhaseName = 'analyze';
  const detected: BuildpackRef[] = [];
  run.report.event({kind: 'phase.started', phase: running});

  const open = (next: PhaseName) => {
    if (running === 'detect') run.report.event({kind: 'buildpacks.detected', buildpacks: detected});
    const note = running === 'detect' ? count(detected.length, 'buildpack') : noteOf(running);
    run.report.event({kind: 'phase.finished', phase: running, state: 'succeeded', note});
    running = next;
    run.report.event({kind: 'phase.started', phase: running});
  };

  const sieve = createLineSieve({
    // a group's lines begin like nothing else, so in the detect phase every line is looked at
    beginnings: [...headingBeginnings, ...layerLineBeginnings],
    everyLine: () => running === 'detect',
    onLine: (line) => {
      const next = phaseOpenedBy(line, running);
      if (next !== undefined) open(next);
      else if (running === 'detect') detected.push(...[detectedBy(line)].filter((found) => found !== undefined));
      else takeLayer(running, line, watched, run.report);
      return true;
    },
    onBytes: (bytes) => run.report.log(running, 'stdout', bytes),
  });

  return {
    phase: () => running,
    onOutput: (stream, bytes) => {
      if (stream === 'stdout') sieve.write(bytes);
      else run.report.log(running, 'stderr', bytes);
    },
    end: () => sieve.end(),
  };
}

// A failed phase as a person reads it: what the exit code means, the line that names the error, what to do next.
import type {BuildpackRef} from '../domain/buildpack.ts';
import {type BuildFailure, exitCodeMeaning} from '../domain/failure.ts';
import type {PhaseName} from '../domain/phase.ts';
import {plainLine} from './output-tail.ts';
import {sandboxFailed} from './sandbox.ts';

/** How a phase's process ended, and what it left to read. */
export type PhaseEnd = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The message of the lifecycle's own failure event. */
  readonly reported?: string;
  readonly buildpack?: BuildpackRef;
  /** The last lines of each stream. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
};

/** The failure card of a phase whose process ended with anything but 0. */
export function describeFailure(phase: PhaseName, ended: PhaseEnd): BuildFailure {
  const end = withRealSignal(ended);
  return {
    phase,
    exitCode: end.exitCode ?? undefined,
    meaning: meaningOf(end),
    buildpack: end.buildpack,
    message: messageOf(end),
    next: nextStep(end),
  };
}

/** util-linux's `unshare` tries to pass on a SIGKILL of its child, may not, and says so instead (sys-utils/unshare.c). */
function withRealSignal(end: PhaseEnd): PhaseEnd {
  const isKill = end.exitCode === 1 && end.stderr.at(-1)?.startsWith('unshare: sigprocmask unblock failed');
  return isKill ? {...end, exitCode: null, signal: 'SIGKILL', stderr: end.stderr.slice(0, -1)} : end;
}

function meaningOf(end: PhaseEnd): string {
  if (end.exitCode === sandboxFailed) return 'the private root of the phase could not be set up';
  if (end.exitCode !== null) return exitCodeMeaning(end.exitCode);
  return `the phase was ended from outside by ${end.signal ?? 'a signal'}`;
}

/** A buildpack prints what went wrong; the lifecycle knows only its exit status. Both, in that case. */
function messageOf(end: PhaseEnd): string {
  const reported = end.reported === undefined ? '' : plainLine(end.reported);
  const isNews = (line: string) => reported === '' || !line.includes(reported);
  const said = errorLine(end.stderr.filter(isNews)) ?? errorLine(end.stdout.filter(isNews));
  if (reported === '') return said ?? 'it ended without saying why';
  return end.exitCode === 51 && said !== undefined ? `${reported}: ${said}`.slice(0, 800) : reported;
}

const readsLikeAnError =
  /\berr!|\b(error|fatal|failed|failure|panic|exception|cannot|could not|not found|no such|denied|unable)\b/i;

/** The last line that reads like an error, else the last line. */
function errorLine(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => readsLikeAnError.test(line)) ?? lines.at(-1);
}

function nextStep(end: PhaseEnd): string {
  const who = end.buildpack ? `${end.buildpack.id} ${end.buildpack.version}` : 'the buildpack';
  switch (end.exitCode) {
    case 20:
      return 'Check that the source (and its sub path) is the one you meant, or give the image a builder whose order has buildpacks for it.';
    case 21:
      return 'Read what the buildpacks that broke printed in the detect section of the log, and fix the source or take a fixed buildpack.';
    case 22:
      return "Check the builder's order: a buildpack in it is missing from the buildpack store or cannot be read.";
    case 11:
    case 12:
      return 'Take a version of the buildpack that this lifecycle supports.';
    case 32:
      return "Check that the stack's run image is still where the stack found it; saving the stack again resolves it anew.";
    case 42:
      return 'Trigger the build again; the cache is only a help, and what cannot be read in it is left out.';
    case 51:
      return `Read what ${who} printed last in the build section of the log; a new revision of the source or a trigger builds again.`;
    case 52:
      return `Report it to the authors of ${who}: what it wrote breaks the buildpack specification.`;
    case 62:
      return 'Read the end of the export section of the log; disk space and the run image are what export needs most.';
    case sandboxFailed:
      return 'Run `slipway doctor`: it tries a private root and says what this machine refuses.';
    case null:
      return 'The machine may have run out of memory: look at the system log, then trigger the build again with fewer builds at once.';
    default:
      return 'Read the end of the log, then trigger the build again.';
  }
}

// Tells the phases of a `creator` by the headings it prints: the only sign it gives (buildpacks/lifecycle cmd/lifecycle/creator.go).
import type {PhaseName} from '../../domain/phase.ts';

const headings: Readonly<Record<string, PhaseName>> = {
  ANALYZING: 'analyze',
  DETECTING: 'detect',
  RESTORING: 'restore',
  BUILDING: 'build',
  EXPORTING: 'export',
};

const order: readonly PhaseName[] = ['analyze', 'detect', 'restore', 'build', 'export'];

/**
 * The phase that a line of the creator's standard output opens, given the one that runs. Phases only go forward, one at a time: what a buildpack
 * prints may look like a heading, but cannot bring a phase back, skip one or leave `build` for anything but `export`.
 */
export function phaseOpenedBy(line: string, running: PhaseName | undefined): PhaseName | undefined {
  const match = /^(?:\u001B\[[0-9;]*m)*===> (?:\u001B\[[0-9;]*m)*([A-Z]+)(?:\u001B\[[0-9;]*m)*$/.exec(line);
  const phase = headings[match?.[1] ?? ''];
  const next = order[running === undefined ? 0 : order.indexOf(running) + 1];
  return phase !== undefined && phase === next ? phase : undefined;
}

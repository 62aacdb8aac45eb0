// What following its tags has to say about a stack.
import type {Stack, StackWatch} from '../../domain/stack.ts';

/** `ask`, `auto`, or `--` with the rollback that ended it. */
export function followText({spec, pinnedBy}: Stack): string {
  return spec.follow ?? (pinnedBy === undefined ? '--' : `-- (ended by the rollback of ${pinnedBy})`);
}

/** Rows for a status block: what is proposed and how to answer, and what does not work. */
export function watchRows({name}: Stack, watch: StackWatch | undefined): readonly (readonly [string, string])[] {
  const {proposal, rejected, problem} = watch ?? {};
  return [
    ...(proposal
      ? ([
          ['Proposed', proposal.runImage],
          ...(proposal.hold === undefined ? [] : [['Held', proposal.hold] as const]),
          ['Next', `slipway clusterstack accept ${name} [--dry-run], or reject`],
        ] as const)
      : []),
    ...(rejected ? [['Rejected', rejected.runImage] as const] : []),
    ...(problem === undefined ? [] : [['Problem', problem] as const]),
  ];
}

/** One word for a list: nothing, `proposed`, `held` or `problem`. */
export function watchWord(watch: StackWatch | undefined): string {
  if (watch?.problem !== undefined) return 'problem';
  if (!watch?.proposal) return '';
  return watch.proposal.hold === undefined ? 'proposed' : 'held';
}

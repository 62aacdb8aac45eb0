// What following its tags has to say about a stack.
import type {Rollout} from '../../domain/rollout.ts';
import type {Stack, StackWatch} from '../../domain/stack.ts';

/** `ask`, `auto (wave 5, canary web)`, or `--` with the rollback that ended it. */
export function followText({spec, pinnedBy}: Stack): string {
  const {wave, canary = [], maxFailures} = spec.followRollout ?? {};
  const words = [
    ...(wave === undefined ? [] : [`wave ${wave}`]),
    ...canary.map((name) => `canary ${name}`),
    ...(maxFailures === undefined ? [] : [`max failures ${failuresText(maxFailures)}`]),
  ];
  if (spec.follow !== undefined) return words.length === 0 ? spec.follow : `${spec.follow} (${words.join(', ')})`;
  return pinnedBy === undefined ? '--' : `-- (ended by the rollback of ${pinnedBy})`;
}

function failuresText(most: NonNullable<Rollout['maxFailures']>): string {
  return 'count' in most ? String(most.count) : `${Number((most.share * 100).toFixed(3))}%`;
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

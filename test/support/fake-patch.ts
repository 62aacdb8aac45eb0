// Patches and package differences for the client without a controller: what a plan would say, made of the real decisions.
import type {BaseDifference} from '../../source/domain/base-difference.ts';
import type {Patch, PatchMember} from '../../source/domain/patch.ts';
import type {Intent, Outlook} from '../../source/protocol/intent.ts';
import {latestSuccess} from '../../source/state/image-status.ts';
import type {State} from '../../source/state/state.ts';

/** The outlook with what a patch plans for each image; builds take 37 seconds, rebases 0.4. */
export function withMembers(outlook: readonly Outlook[], state: State): readonly Outlook[] {
  return outlook.map((one) => ({...one, member: memberOf(one, state)}));
}

/** The patch that an intent opens, or undefined when it is none that does. */
export function fakePatch(intent: Intent, outlook: readonly Outlook[], state: State, at: number): Patch | undefined {
  const target = targetOf(intent, state);
  const acting = outlook.filter(({member}) => (member?.wave ?? 0) > 0);
  if (!target || acting.length === 0) return undefined;
  return {
    id: `patch-${state.patchCounter + 1}`,
    openedAt: at,
    target,
    members: Object.fromEntries(outlook.flatMap((one) => (one.member ? [[keyOf(one), one.member]] : []))),
    rollout: {},
    waves: 1,
    openWave: 1,
    state: 'running',
    undo: {stacks: [], stores: [], builders: [], images: []},
    ...(intent.kind === 'patch.rollback' ? {rollbackOf: intent.id} : {}),
  };
}

/** What taking a patch back would do: its members pointed to what they were. */
export function rollbackOutlook(id: string, state: State): readonly Outlook[] {
  return Object.values(state.patches[id]?.members ?? {})
    .filter(({wave}) => wave > 0)
    .map((member) => ({
      namespace: member.namespace,
      name: member.name,
      decision: {kind: 'up-to-date'} as Outlook['decision'],
      member: {...member, why: `back to what it was before ${id}`, ...(member.previous && {restore: member.previous})},
    }));
}

/** Two Debian releases apart by a handful of packages. */
export const someDifference: BaseDifference = {
  from: {digest: 'sha256:1', size: 31_000_000, sources: ['dpkg']},
  to: {digest: 'sha256:2', size: 30_200_000, sources: ['dpkg']},
  packages: {
    kind: 'known',
    added: [],
    removed: [{kind: 'deb', name: 'libssl1.1', version: '1.1.1w-0+deb11u1'}],
    changed: [
      {kind: 'deb', name: 'libc6', old: '2.41-12', new: '2.41-12+deb13u1', direction: 'up'},
      {kind: 'deb', name: 'openssl', old: '3.5.1-1', new: '3.5.4-1~deb13u1', direction: 'up'},
      {kind: 'deb', name: 'zlib1g', old: '1:1.3.dfsg-3', new: '1:1.3.1-1+b1', direction: 'up'},
    ],
    unchanged: 84,
  },
  osRelease: [],
  sizeDelta: -800_000,
  config: [],
  env: [],
  labels: [],
  notes: [],
};

function memberOf({namespace, name, decision}: Outlook, state: State): PatchMember {
  const record = state.images[`${namespace}/${name}`];
  const previous = record && latestSuccess(record)?.result;
  const planned = decision.kind === 'build' || decision.kind === 'rebase' ? decision.kind : 'held';
  const why = decision.kind === 'hold' ? decision.hold.message : 'its base changes';
  return {
    namespace,
    name,
    planned,
    why,
    wave: planned === 'held' ? 0 : 1,
    afterBuild: record?.buildCounter ?? 0,
    ...(previous ? {previous} : {}),
    ...(planned === 'held' ? {} : {estimate: planned === 'build' ? 37_000 : 400}),
  };
}

function targetOf(intent: Intent, state: State): Patch['target'] | undefined {
  switch (intent.kind) {
    case 'stack.save':
      return {
        kind: 'ClusterStack',
        name: intent.name,
        old: state.stacks[intent.name]?.spec.runImage ?? '',
        new: intent.runImage ?? '',
      };
    case 'builder.save':
      return {kind: 'ClusterBuilder', name: intent.name, old: '', new: intent.edit.stack ?? ''};
    case 'patch.rollback':
      return {kind: 'Patch', name: intent.id, old: 'new', new: 'old'};
    default:
      return undefined;
  }
}

function keyOf({namespace, name}: Outlook): string {
  return `${namespace}/${name}`;
}

// A patch as data: kpack has no such resource, so it has a group of its own.
import type {Patch, PatchMember, PatchOutcome} from '../../domain/patch.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import {entry} from '../../state/entry.ts';
import {patchProgress} from '../../state/patch-progress.ts';
import type {State} from '../../state/state.ts';
import {timestamp} from '../time-text.ts';

/** The resource with what became of every member. */
export function patchResource(patch: Patch, state: State): PlainData {
  const {outcomes, counts, acting} = patchProgress(patch, state);
  const {id, openedAt, closedAt, target, rollout, rollbackOf, waves, openWave, note, remains} = patch;
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Patch',
    metadata: {name: id, creationTimestamp: timestamp(openedAt)},
    spec: {
      target: {...target},
      rollout: {
        ...(rollout.wave === undefined ? {} : {wave: rollout.wave}),
        ...(rollout.canary ? {canary: rollout.canary} : {}),
        ...(rollout.maxFailures ? {maxFailures: {...rollout.maxFailures}} : {}),
      },
      ...(rollbackOf === undefined ? {} : {rollbackOf}),
    },
    status: {
      state: patch.state,
      wave: openWave,
      waves,
      images: Object.keys(patch.members).length,
      acting,
      counts: {...counts},
      ...(closedAt === undefined ? {} : {finishedAt: timestamp(closedAt)}),
      ...(note === undefined ? {} : {note}),
      ...(remains ? {notRestored: remains} : {}),
      members: Object.entries(patch.members).map(([key, member]) => memberData(member, entry(outcomes, key))),
    },
  };
}

function memberData(member: PatchMember, outcome: PatchOutcome | undefined): PlainData {
  const {namespace, name, planned, why, wave, previous, restore, estimate} = member;
  return {
    namespace,
    name,
    planned,
    reason: why,
    wave,
    ...(previous ? {previousDigest: previous.digest} : {}),
    ...(restore ? {restores: restore.digest} : {}),
    ...(estimate === undefined ? {} : {estimateMilliseconds: estimate}),
    state: outcome?.state ?? 'gone',
    ...(outcome?.build === undefined ? {} : {build: outcome.build}),
    ...(outcome?.digest === undefined ? {} : {digest: outcome.digest}),
    ...(outcome?.message === undefined ? {} : {message: outcome.message}),
  };
}

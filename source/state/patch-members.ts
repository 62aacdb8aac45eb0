// Which patch an image belongs to now, and what that means for it: its wave, a pause, a check that refused it.
import {type Patch, type PatchMember, patchIsOpen} from '../domain/patch.ts';
import {resourceKey} from '../domain/resource-name.ts';
import {entry} from './entry.ts';
import type {ImageRecord, State} from './state.ts';

export type Membership = {readonly patch: Patch; readonly member: PatchMember};

/** The newest patch that decides about the image: gives it something to do, refuses it, or took a patch of it back. */
export function membershipOf(record: ImageRecord, patches: State['patches']): Membership | undefined {
  const key = resourceKey(record.image.namespace, record.image.name);
  return memberships(patches).get(key);
}

/** Why a patch keeps the image from following for now, in words; undefined when none does. */
export function patchHoldOf(record: ImageRecord, patches: State['patches']): string | undefined {
  const found = membershipOf(record, patches);
  if (!found) return undefined;
  const {patch, member} = found;
  if (member.refusal !== undefined) return refusalMessage(patch, member.refusal);
  switch (patch.state) {
    case 'paused':
      return `patch ${patch.id} is paused; resume it with: slipway patch resume ${patch.id}`;
    case 'running':
      return member.wave > patch.openWave
        ? `waits for wave ${member.wave} of patch ${patch.id}, which is at wave ${patch.openWave} of ${patch.waves}`
        : undefined;
    case 'cancelled':
    case 'stopped':
      return wasLeftOut(patch, found, record)
        ? `left out when patch ${patch.id} was ${patch.state}; trigger it, patch again, or roll back with: slipway patch rollback ${patch.id}`
        : undefined;
    case 'succeeded':
    case 'failed':
      return undefined;
    default:
      return patch.state satisfies never;
  }
}

/** The member that a build started now would carry out a part of the patch for. */
export function pendingMember(record: ImageRecord, patches: State['patches']): Membership | undefined {
  const found = membershipOf(record, patches);
  if (!found || !patchIsOpen(found.patch) || found.member.wave === 0) return undefined;
  return record.builds.some(({inputs}) => inputs.patch === found.patch.id) ? undefined : found;
}

function refusalMessage({id}: Patch, refusal: string): string {
  return `patch ${id} cannot rebase it: ${refusal}; trigger a build to build it on the new base instead`;
}

function wasLeftOut(patch: Patch, {member}: Membership, {image}: ImageRecord): boolean {
  const outcome = entry(patch.report ?? {}, resourceKey(image.namespace, image.name));
  return member.wave > 0 && outcome?.state === 'cancelled';
}

/** Members by image key, the newest patch winning; made once per map of patches. */
function memberships(patches: State['patches']): ReadonlyMap<string, Membership> {
  const known = indexes.get(patches);
  if (known) return known;
  const index = new Map<string, Membership>();
  for (const patch of Object.values(patches)) {
    for (const [key, member] of Object.entries(patch.members)) {
      if (decidesAbout(patch, member)) index.set(key, {patch, member});
    }
  }
  indexes.set(patches, index);
  return index;
}

/** A closed patch still keeps these images from following, as long as no newer one decides about them. */
export function heldByClosed(patch: Patch): readonly string[] {
  const {members, state, report = {}} = patch;
  const leavesOut = state === 'cancelled' || state === 'stopped';
  return Object.keys(members).filter((key) => {
    const member = entry(members, key);
    if (!member) return false;
    if (member.refusal !== undefined) return true;
    return leavesOut && member.wave > 0 && entry(report, key)?.state === 'cancelled';
  });
}

/** A patch that leaves an image alone does not end what an older one says of it; a rollback does. */
export function decidesAbout({rollbackOf}: Patch, {wave, refusal}: PatchMember): boolean {
  return wave > 0 || refusal !== undefined || rollbackOf !== undefined;
}

const indexes = new WeakMap<State['patches'], ReadonlyMap<string, Membership>>();

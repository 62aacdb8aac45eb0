// Intents about images: each becomes events, or a refusal in kp's words.
import type {Event} from '../../domain/event.ts';
import {resourceKey} from '../../domain/resource-name.ts';
import type {Intent, SaveMode} from '../../protocol/intent.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import {Refusal} from '../refusal.ts';
import {editedImage, newImage, wholeImage} from './apply-image-edit.ts';
import {checkOwnName} from './own-name.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;

/** Creates or changes an image; no events when it already is as asked. */
export function saveImage(intent: Of<'image.save'>, state: State, now: number): readonly Event[] {
  const {namespace, name, mode, edit, whole = false} = intent;
  const record = state.images[resourceKey(namespace, name)];
  checkMode(mode, record !== undefined, `images.kpack.io "${name}"`);
  if (!record) {
    const image = {...newImage(namespace, name, edit, now), paused: edit.paused ?? false};
    checkOwnName(image, state);
    return [{kind: 'image.saved', at: now, image}];
  }
  const {tag: _, ...rest} = edit;
  const before = record.image;
  const image = whole ? wholeImage(before, edit, now) : editedImage(before, mode === 'save' ? rest : edit, now);
  if (image !== before) checkOwnName(image, state);
  return [
    ...(image === before ? [] : [{kind: 'image.saved', at: now, image} as const]),
    ...(edit.paused === undefined || edit.paused === before.paused
      ? []
      : [{kind: edit.paused ? ('image.paused' as const) : ('image.resumed' as const), at: now, namespace, name}]),
  ];
}

/** `create` wants nothing of that name, `patch` something. */
export function checkMode(mode: SaveMode | 'add' | 'replace', exists: boolean, what: string): void {
  if (mode === 'create' && exists)
    throw new Refusal('already-exists', `${what} already exists; use patch or save to change it`);
  if ((mode === 'patch' || mode === 'add') && !exists) throw new Refusal('not-found', `${what} not found`);
}

/**
 * Asks for a build. Remembered while a build runs; it fires when that one ends. The first build needs no trigger, so an
 * image without builds refuses one (kpack-cli `pkg/commands/image/trigger.go`).
 */
export function triggerImage(intent: Of<'image.trigger'>, state: State, now: number): readonly Event[] {
  const {namespace, name} = intent;
  if (imageRecord(state, namespace, name).builds.length === 0) {
    throw new Refusal(
      'not-found',
      `no builds found: the first build of "${name}" starts by itself; "slipway image status ${name}" says what it waits for`,
    );
  }
  const message = `A new build was manually triggered on ${rfc1123z(now)}`;
  return [{kind: 'image.triggered', at: now, namespace, name, message}];
}

export function deleteImage({namespace, name}: Of<'image.delete'>, state: State, now: number): readonly Event[] {
  const record = imageRecord(state, namespace, name);
  const running = record.builds.find((build) => build.state === 'running');
  if (running) {
    throw new Refusal(
      'conflict',
      `build ${running.number} of "${name}" is running; cancel it first (slipway build cancel ${name})`,
    );
  }
  return [{kind: 'image.deleted', at: now, namespace, name}];
}

/** Pauses or resumes; no event when it is so already. */
export function pauseImage(intent: Of<'image.pause' | 'image.resume'>, state: State, now: number): readonly Event[] {
  const {namespace, name, kind} = intent;
  const paused = kind === 'image.pause';
  if (imageRecord(state, namespace, name).image.paused === paused) return [];
  return [{kind: paused ? 'image.paused' : 'image.resumed', at: now, namespace, name}];
}

/** Asks for the end of a build that runs; without a number, of the one that does. */
export function cancelBuild(intent: Of<'build.cancel'>, state: State, now: number): readonly Event[] {
  const {namespace, image, number} = intent;
  const {builds} = imageRecord(state, namespace, image);
  const open = builds.find(({state: is}) => is === 'running' || is === 'interrupted');
  if (number !== undefined && !builds.some((build) => build.number === number)) {
    throw new Refusal('not-found', `build "${number}" not found`);
  }
  if (!open || (number !== undefined && open.number !== number)) {
    throw new Refusal('conflict', `no build of "${image}" is running that could be cancelled`);
  }
  if (open.cancelRequestedAt !== undefined) return [];
  return [{kind: 'cancel.requested', at: now, namespace, image, number: open.number}];
}

/** The record, or kp's words for its absence. */
export function imageRecord(state: State, namespace: string, name: string): ImageRecord {
  const record = state.images[resourceKey(namespace, name)];
  if (!record) throw new Refusal('not-found', `images.kpack.io "${name}" not found`);
  return record;
}

/** Go's time.RFC1123Z, in UTC. */
function rfc1123z(at: number): string {
  // 'Thu, 05 Nov 2020 09:03:07 GMT'
  return new Date(at).toUTCString().replace('GMT', '+0000');
}

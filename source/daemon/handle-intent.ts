// Turns one intent into events: validated, looked up, and evaluated before anything is recorded.
import {cpus} from 'node:os';
import {builderKey} from '../domain/builder.ts';
import type {Event, Settings} from '../domain/event.ts';
import type {Patch} from '../domain/patch.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {Rollout} from '../domain/rollout.ts';
import type {AppliedEdit, Intent, IntentResult, Outlook, PrunedThing} from '../protocol/intent.ts';
import {entry} from '../state/entry.ts';
import type {State} from '../state/state.ts';
import {applyEdits} from './intents/apply-edits.ts';
import {deleteBuilder, saveBuilder} from './intents/builder-intents.ts';
import {cancelBuild, deleteImage, imageRecord, pauseImage, saveImage, triggerImage} from './intents/image-intents.ts';
import {deleteLifecycle, saveLifecycle} from './intents/lifecycle-intents.ts';
import {outlookOf} from './intents/outlook.ts';
import {cancelPatch, pausePatch, resumePatch, rollbackPatch} from './intents/patch-intents.ts';
import {acceptProposal, deleteStack, followingStack, rejectProposal, saveStack} from './intents/stack-intents.ts';
import {deleteStore, removeFromStore, saveStore} from './intents/store-intents.ts';
import {openPatch} from './open-patch.ts';
import {createLocks} from './locks.ts';
import {Refusal} from './refusal.ts';
import {pruneHome} from './prune-home.ts';
import type {IntentParts} from './intent-parts.ts';
import {prepareWorkspace} from './workspace/prepare-workspace.ts';

type Answer = {
  readonly events: readonly Event[];
  readonly notes?: readonly string[];
  readonly appsDirectory?: string;
  readonly rollbackOf?: Patch;
  readonly remains?: readonly string[];
  readonly applied?: readonly AppliedEdit[];
  readonly pruned?: readonly PrunedThing[];
};

/** Handles intents one after another, so that each is judged against the state the one before left. */
export function createIntentHandler(parts: IntentParts) {
  const {controller} = parts;
  const locks = createLocks();

  return (intent: Intent, dryRun: boolean): Promise<IntentResult> =>
    locks.hold('intents', async () => {
      const answered = await answer(intent, parts, dryRun);
      const {events, notes = [], appsDirectory, rollbackOf, remains = [], applied, pruned} = answered;
      const before = controller.state.read();
      const changed = controller.preview(events);
      // A new patch decides anew about what an older one holds.
      const outlook = outlookOf({...changed, patches: {}}, events);
      const rollout = rolloutOf(intent, before);
      const change = {before, after: changed, events, outlook, rollout, ...(rollbackOf ? {rollbackOf, remains} : {})};
      const patch = await openPatch(change, parts.library, parts.clock.now());
      // Before it is recorded: the plan may start the build within the recording.
      const buildNumber = intent.kind === 'image.trigger' ? nextNumber(intent, controller.state.read()) : undefined;
      if (!dryRun) {
        controller.record(patch ? [{kind: 'patch.opened', at: patch.openedAt, patch}, ...events] : events);
        await after(intent, before, parts);
      }
      return {
        changed: events.length > 0,
        notes: [...notes, ...remains],
        ...(applied ? {applied} : {}),
        ...(pruned ? {pruned} : {}),
        outlook: patch ? outlook.map((image) => withMember(image, patch)) : outlookOf(changed, events),
        ...(patch ? {patch: patch.id} : {}),
        sequence: controller.state.read().sequence,
        ...(buildNumber === undefined ? {} : {buildNumber}),
        ...(appsDirectory === undefined ? {} : {appsDirectory}),
      };
    });
}

/** What the intent asks for; a proposal that is accepted without a word about it goes as its stack says. */
function rolloutOf(intent: Intent, {stacks}: State): Rollout {
  const asked = 'rollout' in intent ? intent.rollout : undefined;
  const kept = intent.kind === 'stack.accept' ? entry(stacks, intent.name)?.spec.followRollout : undefined;
  return asked ?? kept ?? {};
}

function withMember(outlook: Outlook, {members}: Patch): Outlook {
  const member = members[resourceKey(outlook.namespace, outlook.name)];
  return member ? {...outlook, member} : outlook;
}

/** Builds at once when nobody said otherwise: half the cores, at least one. */
export const defaultConcurrency = Math.max(1, Math.floor(cpus().length / 2));

async function answer(
  intent: Intent,
  parts: IntentParts,
  dryRun: boolean,
  state = parts.controller.state.read(),
): Promise<Answer> {
  const {clock, paths, engines} = parts;
  const now = clock.now();
  switch (intent.kind) {
    case 'image.save':
      return {events: saveImage(intent, state, now)};
    case 'image.delete':
      return {events: deleteImage(intent, state, now)};
    case 'image.trigger':
      return {events: triggerImage(intent, state, now)};
    case 'image.pause':
    case 'image.resume':
      return {events: pauseImage(intent, state, now)};
    case 'image.refresh':
      imageRecord(state, intent.namespace, intent.name);
      return {events: []};
    case 'build.cancel':
      return {events: cancelBuild(intent, state, now)};
    case 'stack.save':
      return saveStack(intent, state, paths, now);
    case 'stack.accept':
      return acceptProposal(intent, state, paths, now);
    case 'stack.reject':
      return {events: rejectProposal(intent, state, now)};
    case 'stack.refresh':
      followingStack(state, intent.name);
      return {events: []};
    case 'stack.delete':
      return {events: deleteStack(intent, state, now)};
    case 'store.save':
      return saveStore(intent, state, paths, now);
    case 'store.remove':
      return removeFromStore(intent, state, now);
    case 'store.delete':
      return {events: deleteStore(intent, state, now)};
    case 'lifecycle.save':
      return saveLifecycle(intent, state, paths, now);
    case 'lifecycle.delete':
      return {events: deleteLifecycle(intent, state, now)};
    case 'builder.save':
      return saveBuilder(intent, state, {engines, paths, now});
    case 'builder.delete':
      return {events: deleteBuilder(intent, state, now)};
    case 'patch.pause':
      return {events: pausePatch(intent, state, now)};
    case 'patch.resume':
      return {events: resumePatch(intent, state, now)};
    case 'patch.cancel':
      return {events: cancelPatch(intent, state, now)};
    case 'patch.rollback': {
      const {patch, events, remains} = rollbackPatch(intent, state, now, (more) => parts.controller.preview(more));
      return {events, rollbackOf: patch, remains};
    }
    case 'apply':
      return applyEdits(intent, (edit, changed) => answer(edit, parts, dryRun, changed), parts.controller);
    case 'prune':
      return {events: [], pruned: await pruneHome(paths, state, now, dryRun)};
    case 'settings.change':
      return {events: changeSettings(state, intent.settings, now)};
    case 'workspace.prepare':
      if (dryRun) throw new Refusal('invalid', 'preparing the demo workspace has no dry run');
      return prepareWorkspace(parts);
    default:
      return intent satisfies never;
  }
}

function changeSettings(state: State, change: Partial<Settings>, now: number): readonly Event[] {
  const settings = {...state.settings, ...change};
  const bad = Object.entries(settings).find(([, value]) => !(Number.isInteger(value) && value >= 1));
  if (bad) throw new Refusal('invalid', `${bad[0]} must be a whole number of at least 1, got ${bad[1]}`);
  if (JSON.stringify(settings) === JSON.stringify(state.settings)) return [];
  return [{kind: 'settings.changed', at: now, settings}];
}

async function after(intent: Intent, before: State, parts: IntentParts): Promise<void> {
  const {controller, library, history, caches, onDefect} = parts;
  if (intent.kind === 'stack.refresh') controller.lookAtStackSoon(intent.name);
  if (intent.kind === 'image.refresh') controller.lookSoon(intent.namespace, intent.name);
  // an engine that does not answer keeps what it has: `image cache` still lists it
  if (intent.kind === 'builder.delete') {
    const {builderKind, name: builder, namespace: of} = intent;
    await caches.removeComposed(builderKey(builderKind, builder, of)).catch(onDefect);
  }
  if (intent.kind !== 'image.delete') return;
  const {namespace, name} = intent;
  for (const {number} of imageRecord(before, namespace, name).builds)
    history.logs.remove({namespace, image: name, number});
  await library.remove(namespace, name);
  await caches.purge({namespace, name}).catch(onDefect);
}

function nextNumber({namespace, name}: {namespace: string; name: string}, state: State): number {
  return imageRecord(state, namespace, name).buildCounter + 1;
}

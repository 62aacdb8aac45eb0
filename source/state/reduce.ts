// The only writer of the state: folds events into it, here and in every client alike.
import {builderKey} from '../domain/builder.ts';
import type {
  BuildEvent,
  CatalogEvent,
  ControllerEvent,
  ImageEvent,
  PatchEvent,
  RecordedEvent,
  StackWatchEvent,
} from '../domain/event.ts';
import type {Image} from '../domain/image.ts';
import {resourceKey} from '../domain/resource-name.ts';
import {reduceBuild} from './reduce-build.ts';
import {patchNumber, reducePatches} from './reduce-patch.ts';
import {reduceStackWatches, watchesAfterSave} from './reduce-stack-watch.ts';
import type {ImageRecord, SourceStatus, State} from './state.ts';

/** The state after one event. Events must come in order, without a gap. */
export function reduce(state: State, recorded: RecordedEvent): State {
  return reduceAll(state, [recorded]);
}

/**
 * The state after several events; maps are copied once for all of them, so that folding many events costs no more than
 * the events. An event already folded in is passed over; a gap is a defect and throws.
 */
export function reduceAll(state: State, events: readonly RecordedEvent[]): State {
  const draft = openDraft(state);
  for (const {sequence, event} of events) {
    if (sequence <= draft.sequence) continue;
    if (sequence !== draft.sequence + 1) {
      throw new Error(`expected event ${draft.sequence + 1}, got ${sequence}: events were lost between them`);
    }
    draft.sequence = sequence;
    apply(draft, event);
  }
  return closeDraft(state, draft);
}

type Mutable<T> = {-readonly [K in keyof T]: T[K]};
type Draft = Mutable<State> & {copied: Set<keyof State>};

function openDraft(state: State): Draft {
  return {...state, copied: new Set()};
}

function closeDraft(state: State, draft: Draft): State {
  if (draft.sequence === state.sequence) return state;
  const {copied: _, ...next} = draft;
  return next;
}

/** The draft's own copy of one of the maps, made at the first write. */
function own<K extends 'images' | 'builders' | 'stacks' | 'stackWatches' | 'stores' | 'lifecycles'>(
  draft: Draft,
  field: K,
): Record<string, State[K][string]> {
  if (!draft.copied.has(field)) {
    draft[field] = {...draft[field]};
    draft.copied.add(field);
  }
  return draft[field] as Record<string, State[K][string]>;
}

function apply(draft: Draft, event: RecordedEvent['event']): void {
  if (isBuildEvent(event)) applyBuild(draft, event);
  else if (isImageEvent(event)) applyImage(draft, event);
  else if (isControllerEvent(event)) applyController(draft, event);
  else if (isPatchEvent(event)) applyPatch(draft, event);
  else if (isStackWatchEvent(event)) draft.stackWatches = reduceStackWatches(draft.stackWatches, event);
  else applyCatalog(draft, event);
}

function isBuildEvent(event: RecordedEvent['event']): event is BuildEvent {
  return 'number' in event;
}

function isImageEvent(event: RecordedEvent['event']): event is ImageEvent {
  return event.kind.startsWith('image.') || event.kind.startsWith('source.');
}

function isControllerEvent(event: RecordedEvent['event']): event is ControllerEvent {
  return event.kind === 'controller.started' || event.kind === 'engines.found' || event.kind === 'settings.changed';
}

function isPatchEvent(event: RecordedEvent['event']): event is PatchEvent {
  return event.kind.startsWith('patch.');
}

const stackWatchKinds: ReadonlySet<string> = new Set([
  'stack.tag-moved',
  'stack.tag-settled',
  'stack.look-failed',
  'stack.proposal-rejected',
]);

function isStackWatchEvent(event: RecordedEvent['event']): event is StackWatchEvent {
  return stackWatchKinds.has(event.kind);
}

function applyPatch(draft: Draft, event: PatchEvent): void {
  draft.patches = reducePatches(draft.patches, event);
  if (event.kind === 'patch.opened') draft.patchCounter = Math.max(draft.patchCounter, patchNumber(event.patch.id));
}

function applyCatalog(draft: Draft, event: CatalogEvent): void {
  switch (event.kind) {
    case 'stack.saved':
      draft.stackWatches = watchesAfterSave(draft.stackWatches, draft.stacks[event.stack.name], event);
      own(draft, 'stacks')[event.stack.name] = event.stack;
      return;
    case 'stack.deleted':
      delete own(draft, 'stacks')[event.name];
      delete own(draft, 'stackWatches')[event.name];
      return;
    case 'store.saved':
      own(draft, 'stores')[event.store.name] = event.store;
      return;
    case 'store.deleted':
      delete own(draft, 'stores')[event.name];
      return;
    case 'lifecycle.saved':
      own(draft, 'lifecycles')[event.lifecycle.name] = event.lifecycle;
      return;
    case 'lifecycle.deleted':
      delete own(draft, 'lifecycles')[event.name];
      return;
    case 'builder.saved': {
      const {kind, name, namespace} = event.builder;
      own(draft, 'builders')[builderKey(kind, name, namespace)] = event.builder;
      return;
    }
    case 'builder.deleted':
      delete own(draft, 'builders')[event.key];
      return;
    default:
      event satisfies never;
  }
}

function applyController(draft: Draft, event: ControllerEvent): void {
  switch (event.kind) {
    case 'controller.started': {
      const before = draft.controller;
      const same = before?.lifecycleVersion === event.lifecycleVersion;
      draft.controller = {
        version: event.version,
        startedAt: event.at,
        lifecycleVersion: event.lifecycleVersion,
        lifecycleSince: same ? before.lifecycleSince : event.at,
        sandbox: event.sandbox,
      };
      return;
    }
    case 'engines.found':
      if (draft.controller) draft.controller = {...draft.controller, engines: event.engines};
      return;
    case 'settings.changed':
      draft.settings = event.settings;
      return;
    default:
      event satisfies never;
  }
}

function applyImage(draft: Draft, event: ImageEvent): void {
  if (event.kind === 'image.saved') {
    const key = resourceKey(event.image.namespace, event.image.name);
    own(draft, 'images')[key] = savedRecord(draft.images[key], event.image);
    return;
  }
  const key = resourceKey(event.namespace, event.name);
  const record = draft.images[key];
  if (!record) return;
  const images = own(draft, 'images');
  if (event.kind === 'image.deleted') delete images[key];
  else images[key] = changedRecord(record, event);
}

function savedRecord(before: ImageRecord | undefined, image: Image): ImageRecord {
  if (!before) return {image, builds: [], buildCounter: 0};
  const {source, ...rest} = before;
  const kept = source && samePlace(before.image, image) ? {source: {...source, generation: image.generation}} : {};
  return {...rest, ...kept, image};
}

/** A resolution stays true while the spec names the same source. */
function samePlace(a: Image, b: Image): boolean {
  return JSON.stringify(a.spec.source) === JSON.stringify(b.spec.source);
}

function changedRecord(
  record: ImageRecord,
  event: Exclude<ImageEvent, {kind: 'image.saved'} | {kind: 'image.deleted'}>,
): ImageRecord {
  switch (event.kind) {
    case 'image.triggered':
      return {...record, trigger: {at: event.at, message: event.message}};
    case 'image.paused':
      return {...record, image: {...record.image, paused: true}};
    case 'image.resumed':
      return {...record, image: {...record.image, paused: false}};
    // What a look at an older spec found says nothing about the spec as it is now.
    case 'source.resolved':
      return event.generation < record.image.generation
        ? record
        : {...record, source: resolvedStatus(record.source, event)};
    case 'source.failed':
      return event.generation < record.image.generation
        ? record
        : {...record, source: failedStatus(record.source, event)};
    default:
      return event satisfies never;
  }
}

function resolvedStatus(
  before: SourceStatus | undefined,
  event: Extract<ImageEvent, {kind: 'source.resolved'}>,
): SourceStatus {
  const same = before?.resolved?.kind === event.source.kind && before.resolved.revision === event.source.revision;
  const resolvedAt = same ? (before.resolvedAt ?? event.at) : event.at;
  return {generation: event.generation, resolved: event.source, resolvedAt};
}

/** A look that fails keeps what an earlier look at the same spec found (kpack `remote_git_resolver.go`). */
function failedStatus(
  before: SourceStatus | undefined,
  event: Extract<ImageEvent, {kind: 'source.failed'}>,
): SourceStatus {
  const kept: Partial<SourceStatus> = before?.generation === event.generation ? before : {};
  const problemSince = kept.problem === undefined ? event.at : (kept.problemSince ?? event.at);
  return {...kept, generation: event.generation, problem: event.message, problemSince};
}

function applyBuild(draft: Draft, event: BuildEvent): void {
  const key = resourceKey(event.namespace, event.image);
  const record = draft.images[key];
  if (!record) return;
  own(draft, 'images')[key] = recordWithBuild(record, event);
}

function recordWithBuild(record: ImageRecord, event: BuildEvent): ImageRecord {
  if (event.kind === 'build.pruned') {
    return {...record, builds: record.builds.filter((build) => build.number !== event.number)};
  }
  const before = record.builds.find((build) => build.number === event.number);
  // A number is given once: what comes late about a build that was pruned does not bring it back.
  if (!before && event.number <= record.buildCounter) return record;
  const after = reduceBuild(before, event);
  if (!after || after === before) return record;
  const builds = before ? record.builds.map((build) => (build === before ? after : build)) : [...record.builds, after];
  return {...withoutTakenTrigger(record, event), builds, buildCounter: Math.max(record.buildCounter, event.number)};
}

/** A build that starts for a trigger takes it up; one asked for later stays due. */
function withoutTakenTrigger(record: ImageRecord, event: BuildEvent): ImageRecord {
  const {trigger, ...rest} = record;
  if (event.kind !== 'build.started' || !trigger) return record;
  const taken = event.changes.some((change) => change.reason === 'TRIGGER' && change.new === trigger.message);
  return taken ? rest : record;
}

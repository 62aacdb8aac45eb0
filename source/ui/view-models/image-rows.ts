// The images as a list: what each is doing, in words.
import {shortReason} from '../../domain/change.ts';
import type {Build} from '../../domain/build.ts';
import {builderKey} from '../../domain/builder.ts';
import type {HoldKind} from '../../domain/hold.ts';
import type {PhaseRecord} from '../../domain/phase.ts';
import {type ImageStateName, type ImageStatus, imageStatus, latestBuild} from '../../state/image-status.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import type {ImageSort} from '../ui-state/ui-state.ts';
import {stateOrder} from './counts.ts';
import {elapsedText, momentText} from './durations.ts';
import {timeLeft} from './time-left.ts';

export type ImageRow = {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** `name`, or `namespace/name` when images of several namespaces are listed. */
  readonly label: string;
  readonly state: ImageStateName;
  /** The stack that its builder stands on; empty while the builder is not there. */
  readonly stack: string;
  /** `b3`, or nothing when there was no build. */
  readonly build: string;
  /** The reason of the build, or of what is due. */
  readonly reason: string;
  /** The phases of the running build. */
  readonly phases: readonly PhaseRecord[];
  /** The build's number and the moment the list can be sorted by; 0 without a build. */
  readonly number: number;
  readonly at: number;
  /** The last column: elapsed time, moment, or why it waits. */
  readonly tail: string;
  /** ` ~0:20` behind the tail of a running build, where that is known and there is room. */
  readonly left: string;
};

/** All images, sorted; those that do not match the filter are left out. */
export function imageRows(state: State, filter: string, now: number, sort: ImageSort = byName): readonly ImageRow[] {
  const {keys, several} = orderOf(state.images);
  const wanted = filter.toLowerCase();
  const rows = keys.flatMap((key) => {
    const record = state.images[key];
    const row = record && knownRow(key, record, {state, several, now});
    return row && matches(row, wanted) ? [row] : [];
  });
  return sort.column === 'name' ? (sort.descending ? rows.toReversed() : rows) : sorted(rows, sort);
}

const byName: ImageSort = {column: 'name', descending: false};

/** What is equal keeps the order of the names, whichever way the column is sorted. */
function sorted(rows: readonly ImageRow[], {column, descending}: ImageSort): readonly ImageRow[] {
  const way = descending ? -1 : 1;
  return rows.toSorted((a, b) => way * compare(a, b, column));
}

function compare(a: ImageRow, b: ImageRow, column: ImageSort['column']): number {
  switch (column) {
    case 'name':
      return a.key < b.key ? -1 : 1;
    case 'build':
      return a.number - b.number;
    case 'reason':
      return a.reason.localeCompare(b.reason, 'en');
    case 'state':
      return stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state);
    case 'time':
      // The newest first: that is what one asks for.
      return b.at - a.at;
    default:
      return column satisfies never;
  }
}

type Order = {readonly keys: readonly string[]; readonly several: boolean};

/** Names are ASCII: comparing them as they are is both right and quick. Remembered, for the list is drawn often. */
function orderOf(images: State['images']): Order {
  const known = orders.get(images);
  if (known) return known;
  const keys = Object.keys(images).toSorted((a, b) => (a < b ? -1 : 1));
  const several = new Set(keys.map((key) => images[key]?.image.namespace)).size > 1;
  orders.set(images, {keys, several});
  return {keys, several};
}

const orders = new WeakMap<State['images'], Order>();

function matches(row: ImageRow, wanted: string): boolean {
  if (wanted === '') return true;
  return `${row.label} ${row.state} ${row.reason} ${row.stack}`.toLowerCase().includes(wanted);
}

type RowSetting = {readonly state: State; readonly several: boolean; readonly now: number};
type KnownRow = {readonly state: State; readonly several: boolean; readonly minute: number; readonly row: ImageRow};

/** The row as it was, unless something has changed since: only what builds changes with the clock, and the rest at midnight. */
function knownRow(key: string, record: ImageRecord, setting: RowSetting): ImageRow {
  const {state, several} = setting;
  const minute = Math.floor(setting.now / 60_000);
  const known = knownRows.get(record);
  if (known && known.state === state && known.several === several && known.minute === minute) return known.row;
  const row = imageRow(key, record, setting);
  if (row.state !== 'building') knownRows.set(record, {state, several, minute, row});
  return row;
}

const knownRows = new WeakMap<ImageRecord, KnownRow>();

function imageRow(key: string, record: ImageRecord, {state, several, now}: RowSetting): ImageRow {
  const {namespace, name, spec} = record.image;
  const {builder} = spec;
  const status = imageStatus(record, state);
  const build = latestBuild(record);
  const due = shortReason(status.due.map(({change}) => change));
  return {
    key,
    namespace,
    name,
    label: several ? `${namespace}/${name}` : name,
    state: status.state,
    stack: state.builders[builderKey(builder.kind, builder.name, namespace)]?.spec.stack ?? '',
    build: build ? `b${build.number}` : '',
    reason: reasonOf(status.state, build, status.due.length > 0 ? due : ''),
    phases: status.state === 'building' && build ? build.phases : [],
    number: build?.number ?? 0,
    at: build ? (build.finishedAt ?? build.startedAt) : 0,
    tail: tailOf(status, build, now),
    left: leftOf(record, build, now),
  };
}

/** ` ~0:20`: about how long the running build still takes; nothing where that is not known. */
function leftOf(record: ImageRecord, build: Build | undefined, now: number): string {
  const left = build?.state === 'running' ? timeLeft(build, record.builds, now) : undefined;
  return left ? ` ~${elapsedText(Math.ceil(left.milliseconds / 1000) * 1000)}` : '';
}

function reasonOf(state: ImageStateName, build: Build | undefined, due: string): string {
  if (state === 'queued' || state === 'out-of-date') return due;
  return build ? shortReason(build.changes) : due;
}

function tailOf({state, hold: held, sourceProblem}: ImageStatus, build: Build | undefined, now: number): string {
  const hold = held?.kind;
  switch (state) {
    case 'building':
      return build ? elapsedText(now - build.startedAt) : '';
    case 'ready':
      if (sourceProblem) return 'source unreadable';
      return build ? momentText(build.finishedAt ?? build.startedAt, now) : '';
    case 'failed':
      return [build?.failure?.phase, build && momentText(build.finishedAt ?? build.startedAt, now)]
        .filter(Boolean)
        .join(' ');
    case 'queued':
      return 'queued';
    case 'out-of-date':
      return hold === 'ask' ? 'asks first' : 'out of date';
    case 'held':
    case 'unknown':
      return hold ? holdWords[hold] : 'not known yet';
    default:
      return state satisfies never;
  }
}

/** Why an image waits, in the few cells of a list. */
export const holdWords: Readonly<Record<HoldKind, string>> = {
  paused: 'paused',
  cancelled: 'cancelled',
  'last-build-failed': 'failed',
  'builder-not-found': 'no builder',
  'builder-not-ready': 'builder not ready',
  'source-not-ready': 'reading source',
  loop: 'builds in a loop',
  ask: 'asks first',
  patch: 'held by a patch',
  'waiting-for-a-slot': 'queued',
  'executor-not-ready': 'cannot build here',
};

// Intents about buildpack stores: buildpackages are read and copied before anything is recorded.
import {buildpackLabel, type StoredBuildpack} from '../../domain/buildpack.ts';
import type {BuildpackStore} from '../../domain/buildpack-store.ts';
import type {Event} from '../../domain/event.ts';
import {nameProblem} from '../../domain/resource-name.ts';
import type {Intent} from '../../protocol/intent.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {readBuildpackage} from '../buildpackages.ts';
import {Refusal} from '../refusal.ts';
import type {StatePaths} from '../state-paths.ts';
import {checkMode} from './image-intents.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;
type Found = {readonly events: readonly Event[]; readonly notes: readonly string[]};

/** Creates a store, or adds buildpackages to it; what it has at that id and version already is replaced if it differs. */
export async function saveStore(
  intent: Of<'store.save'>,
  state: State,
  paths: StatePaths,
  now: number,
): Promise<Found> {
  const {name, mode, buildpackages} = intent;
  const problem = nameProblem(name);
  if (problem) throw new Refusal('invalid', problem);
  const before = entry(state.stores, name);
  checkMode(mode, before !== undefined, `clusterstores.kpack.io "${name}"`);
  if (buildpackages.length === 0)
    throw new Refusal('invalid', 'at least one buildpackage is needed; give --buildpackage');
  if (mode === 'replace' && before && sameSources(before.spec.sources, buildpackages)) return {events: [], notes: []};
  const held = before?.resolved.buildpacks ?? [];
  let buildpacks = mode === 'replace' ? [] : held;
  const notes: string[] = [];
  for (const source of buildpackages) {
    for (const found of await readBuildpackage(source, paths)) {
      const known = held.some((other) => sameBuildpack(other, found));
      notes.push(`Uploading '${buildpackLabel(found)}@${found.digest}'`);
      notes.push(known ? 'Buildpackage already exists in the store' : 'Added Buildpackage');
      if (mode === 'replace' || !known)
        buildpacks = [...buildpacks.filter((other) => buildpackLabel(other) !== buildpackLabel(found)), found];
    }
  }
  if (before && sameBuildpacks(buildpacks, held)) return {events: [], notes};
  return {events: [saved(name, before, buildpacks, now)], notes};
}

/** A manifest that asks for what the spec says already asks for nothing, as with kpack: its sources need not be there any more. */
function sameSources(some: readonly string[], others: readonly string[]): boolean {
  return new Set([...some, ...others]).size === new Set(some).size && new Set(some).size === new Set(others).size;
}

function sameBuildpack(a: StoredBuildpack, b: StoredBuildpack): boolean {
  return a.id === b.id && a.version === b.version && a.digest === b.digest;
}

function sameBuildpacks(some: readonly StoredBuildpack[], others: readonly StoredBuildpack[]): boolean {
  return some.length === others.length && some.every((one) => others.some((other) => sameBuildpack(one, other)));
}

/** Removes `id@version` buildpacks; one that is not there is refused by name. */
export function removeFromStore(intent: Of<'store.remove'>, state: State, now: number): Found {
  const {name, buildpacks: labels} = intent;
  const before = storeOf(state, name);
  const missing = labels.find(
    (label) => !before.resolved.buildpacks.some((buildpack) => buildpackLabel(buildpack) === label),
  );
  if (missing !== undefined)
    throw new Refusal('not-found', `Buildpackage '${missing}' does not exist in the ClusterStore`);
  const kept = before.resolved.buildpacks.filter((buildpack) => !labels.includes(buildpackLabel(buildpack)));
  const notes = labels.map((label) => `Removing buildpackage ${label}`);
  return {events: [saved(name, before, kept, now)], notes};
}

/** Builders that still name it are held, and say so. */
export function deleteStore({name}: Of<'store.delete'>, state: State, now: number): readonly Event[] {
  storeOf(state, name);
  return [{kind: 'store.deleted', at: now, name}];
}

function storeOf(state: State, name: string): BuildpackStore {
  const store = entry(state.stores, name);
  if (!store) throw new Refusal('not-found', `clusterstores.kpack.io "${name}" not found`);
  return store;
}

function saved(
  name: string,
  before: BuildpackStore | undefined,
  buildpacks: readonly StoredBuildpack[],
  now: number,
): Event {
  const store: BuildpackStore = {
    name,
    generation: (before?.generation ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    spec: {sources: [...new Set(buildpacks.map(({source}) => source))]},
    resolved: {at: now, buildpacks},
  };
  return {kind: 'store.saved', at: now, store};
}

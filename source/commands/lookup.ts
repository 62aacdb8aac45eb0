// Finds resources in the state, or says in kp's words that they are not there.
import type {Build} from '../domain/build.ts';
import {builderKey, type Builder, type BuilderKind} from '../domain/builder.ts';
import type {BuildpackStore} from '../domain/buildpack-store.ts';
import type {LifecycleResource} from '../domain/lifecycle-resource.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {Stack} from '../domain/stack.ts';
import type {ImageRecord, State} from '../state/state.ts';
import {failure, usageError} from './command-error.ts';

/** The image of that name. */
export function findImage(state: State, namespace: string, name: string): ImageRecord {
  return found(state.images[resourceKey(namespace, name)], 'images', name);
}

/** The stack of that name. */
export function findStack(state: State, name: string): Stack {
  return found(state.stacks[name], 'clusterstacks', name);
}

/** The buildpack store of that name. */
export function findStore(state: State, name: string): BuildpackStore {
  return found(state.stores[name], 'clusterstores', name);
}

/** The lifecycle of that name. */
export function findLifecycle(state: State, name: string): LifecycleResource {
  return found(state.lifecycles[name], 'clusterlifecycles', name);
}

/** The builder of that kind and name. */
export function findBuilder(state: State, kind: BuilderKind, name: string, namespace?: string): Builder {
  return found(state.builders[builderKey(kind, name, namespace)], `${kind.toLowerCase()}s`, name);
}

/** The build of that number, or the newest one (kpack-cli `findBuild`). */
export function findBuild(record: ImageRecord, number: number | undefined): Build {
  const build = number === undefined ? record.builds.at(-1) : record.builds.find((each) => each.number === number);
  if (build) return build;
  throw failure(number === undefined ? 'no builds found' : `build "${number}" not found`);
}

/** The number in -b/--build. */
export function buildNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw usageError(`build number should be an integer: ${text}`);
  return Number(text);
}

function found<T>(resource: T | undefined, kind: string, name: string): T {
  if (resource !== undefined) return resource;
  throw failure(`${kind}.kpack.io "${name}" not found`);
}

/** Resources in the order of their names. */
export function byName<T extends {readonly name: string}>(resources: readonly T[]): readonly T[] {
  return resources.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

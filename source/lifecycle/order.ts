/** order.toml and system.toml: which groups of buildpacks to try (spec/platform.md#ordertoml-toml, upstream's hermetic_factory.go). */
import {join} from 'node:path';
import {exitCodes} from './exit-codes.ts';
import {isSupportedApi, supportedBuildpackApis} from './api-version.ts';
import type {LookUpBuildpack} from './buildpack-descriptor.ts';
import {describeElement, type GroupElement, readGroupElement} from './group-element.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import {readTomlFile, subTable, type TomlReader, tableList} from './read-toml.ts';

/** Groups in the order they are tried. */
export type Order = readonly (readonly GroupElement[])[];

/** Reads order.toml. An order with image extensions is refused: only a container engine can apply their Dockerfiles. */
export async function readOrderFile(path: string): Promise<Order> {
  const reader = await readTomlFile(path, {followLinks: true});
  if (reader === undefined) {
    throw new Error(`reading order: failed to read order file: open ${path}: no such file or directory`);
  }
  if (tableList(reader, 'order-extensions').length > 0) throw extensionsUnsupported(path);
  return tableList(reader, 'order').map((group) => tableList(group, 'group').map(readGroupElement));
}

/** The failure for image extensions wherever they turn up. */
export function extensionsUnsupported(path: string): LifecycleFailure {
  return new LifecycleFailure(
    `${path} names image extensions, which need a container engine to apply their Dockerfiles; use the container executor for this builder`,
    {action: 'detect', code: exitCodes.generateError},
  );
}

export type SystemBuildpacks = {readonly pre: readonly GroupElement[]; readonly post: readonly GroupElement[]};

/** Reads system.toml (Platform API 0.15); no file means no system buildpacks. */
export async function readSystemFile(path: string): Promise<SystemBuildpacks> {
  const reader = await readTomlFile(path, {followLinks: true});
  const system = reader === undefined ? undefined : subTable(reader, 'system');
  return {pre: systemBuildpacks(system, 'pre'), post: systemBuildpacks(system, 'post')};
}

function systemBuildpacks(system: TomlReader | undefined, key: 'pre' | 'post'): readonly GroupElement[] {
  const part = system === undefined ? undefined : subTable(system, key);
  if (part === undefined) return [];
  return tableList(part, 'buildpacks').map((reader) => ({...readGroupElement(reader), optional: false}));
}

/** Every group with the system buildpacks around it; one whose id the group has already is left out. */
export function mergeSystemBuildpacks(order: Order, system: SystemBuildpacks): Order {
  return order.map((group) => {
    const isNew = (element: GroupElement) => !group.some((existing) => existing.id === element.id);
    return [...system.pre.filter(isNew), ...group, ...system.post.filter(isNew)];
  });
}

/** Checks every element of every group, those that will never be tried included: it must exist and speak an API we know. */
export async function verifyOrder(order: Order, lookUp: LookUpBuildpack): Promise<void> {
  for (const element of order.flat()) {
    const descriptor = await lookUp(element);
    verifyBuildpackApi(element, descriptor.api, join(descriptor.root, 'buildpack.toml'));
  }
}

/** Throws exit 12 when the buildpack's API, as the file says it, is none of ours. */
export function verifyBuildpackApi(element: GroupElement, api: string, file: string): void {
  if (isSupportedApi(api, supportedBuildpackApis)) return;
  const name = describeElement(element);
  throw new LifecycleFailure(`buildpack API version '${api}' is incompatible with the lifecycle (${file}: api)`, {
    action: `set API for Buildpack '${name}'`,
    code: exitCodes.incompatibleBuildpackApi,
    buildpack: name,
  });
}

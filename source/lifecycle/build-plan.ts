/** The build plan: what bin/detect writes, what plan.toml holds, and what each bin/build is given of it (spec/buildpack.md). */
import {compareBytes} from './compare-bytes.ts';
import {elementTable, type GroupElement, readGroupElement} from './group-element.ts';
import {readTomlFile, type TomlReader, tableField, tableList, textField} from './read-toml.ts';
import {OrderedTable} from './toml-encode.ts';
import type {TomlTable} from './toml-value.ts';

export type Require = {readonly name: string; readonly metadata?: TomlTable; readonly version?: string};

export type PlanSection = {readonly provides: readonly string[]; readonly requires: readonly Require[]};

/** What one bin/detect wrote: the plan and its alternatives. */
export type DetectedPlan = PlanSection & {readonly or: readonly PlanSection[]};

export type BuildPlanEntry = {
  readonly name: string;
  readonly providers: readonly GroupElement[];
  readonly requires: readonly Require[];
};

export type BuildPlan = readonly BuildPlanEntry[];

export const emptyPlan: DetectedPlan = {provides: [], requires: [], or: []};

/** The plan a bin/detect wrote. */
export function readDetectedPlan(reader: TomlReader): DetectedPlan {
  return {...readSection(reader), or: tableList(reader, 'or').map(readSection)};
}

function readSection(reader: TomlReader): PlanSection {
  return {
    provides: tableList(reader, 'provides').map((provide) => textField(provide, 'name') ?? ''),
    requires: tableList(reader, 'requires').map(readRequire),
  };
}

function readRequire(reader: TomlReader): Require {
  const version = textField(reader, 'version');
  return {
    name: textField(reader, 'name') ?? '',
    metadata: tableField(reader, 'metadata'),
    version: version === '' ? undefined : version,
  };
}

/** plan.toml; absent is an error, because the builder would silently build with no plan. */
export async function readPlanFile(path: string): Promise<BuildPlan> {
  const reader = await readTomlFile(path);
  if (reader === undefined) throw new Error(`failed to read plan file: open ${path}: no such file or directory`);
  return tableList(reader, 'entries').map((entry) => {
    const requires = tableList(entry, 'requires').map(readRequire);
    const providers = tableList(entry, 'providers').map(readGroupElement);
    return {name: requires[0]?.name ?? '', providers, requires};
  });
}

/** plan.toml, entries sorted by name (upstream's order is random). */
export function planTable(plan: BuildPlan): OrderedTable {
  const sorted = [...plan].toSorted((a, b) => compareBytes(a.name, b.name));
  return new OrderedTable([['entries', sorted.length === 0 ? undefined : sorted.map(entryTable)]]);
}

function entryTable(entry: BuildPlanEntry): OrderedTable {
  return new OrderedTable([
    ['providers', entry.providers.map(({id, version}) => elementTable({id, version}))],
    ['requires', entry.requires.map(requireTable)],
  ]);
}

/** The buildpack plan that bin/build reads. */
export function buildpackPlanTable(requires: readonly Require[]): OrderedTable {
  return new OrderedTable([['entries', requires.length === 0 ? undefined : requires.map(requireTable)]]);
}

function requireTable(require: Require): OrderedTable {
  return new OrderedTable([
    ['name', require.name],
    ['version', require.version],
    ['metadata', require.metadata],
  ]);
}

/** The requirements a buildpack provides for, in the plan's order. */
export function requirementsFor(plan: BuildPlan, buildpackId: string): readonly Require[] {
  return plan
    .filter((entry) => entry.providers.some((provider) => provider.id === buildpackId))
    .flatMap((entry) => entry.requires);
}

/** The plan without the entries that ask for a name in `met`: later buildpacks need not see them. */
export function withoutMet(plan: BuildPlan, met: readonly string[]): BuildPlan {
  return plan.filter((entry) => !entry.requires.some((require) => met.includes(require.name)));
}

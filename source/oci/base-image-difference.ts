// The difference between two run images, as far as a person wants to know before apps are moved from one to the other.
import type {
  BaseDifference,
  ComparedImage,
  FindingsDifference,
  OsPackage,
  PackageChange,
  PackagesDifference,
  ValueChange,
} from '../domain/base-difference.ts';
import type {ImagePackages} from './package-database.ts';
import {comparePackageVersions} from './package-database-versions.ts';

/**
 * What changes from `from` to `to`. Packages are `unknown` when either side says nothing about its packages: nothing is then claimed to be added or
 * removed. Of configuration, environment and labels it says what a rebase leaves as it was (buildpacks/lifecycle `phase/rebaser.go`: only
 * labels `io.buildpacks.stack.*` and `io.buildpacks.base.*` come along).
 */
export function differenceOf(from: ImagePackages, to: ImagePackages, findings?: FindingsDifference): BaseDifference {
  const config = configChanges(from, to);
  const env = changesOf(environment(from), environment(to));
  const packages = packagesDifference(from, to);
  return {
    from: compared(from),
    to: compared(to),
    packages,
    osRelease: changesOf(from.osRelease, to.osRelease),
    sizeDelta: to.size - from.size,
    config,
    env,
    labels: changesOf(labels(from), labels(to)).map((change) => ({...change, rebased: comesAlong(change.name)})),
    ...(findings ? {findings} : {}),
    notes: [...staysNotes(config, env), ...unreadNotes('old', from), ...unreadNotes('new', to)],
  };
}

function compared({digest, created, size, sources}: ImagePackages): ComparedImage {
  const named = sources.map(({what, path}) => `${what} (${harmless(path)})`);
  return {digest, ...(created ? {created} : {}), size, sources: named.slice(0, mostNamed)};
}

const mostNamed = 20;

function packagesDifference(from: ImagePackages, to: ImagePackages): PackagesDifference {
  if (from.sources.length === 0 || to.sources.length === 0) return {kind: 'unknown', why: silenceOf(from, to)};
  const before = Map.groupBy(from.packages, nameKey);
  const after = Map.groupBy(to.packages, nameKey);
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const parts = names.map((name) => differenceOfOne(before.get(name) ?? [], after.get(name) ?? []));
  return {
    kind: 'known',
    added: parts.flatMap(({added}) => added),
    removed: parts.flatMap(({removed}) => removed),
    changed: parts.flatMap(({changed}) => changed),
    unchanged: parts.reduce((sum, {unchanged}) => sum + unchanged, 0),
  };
}

function silenceOf(from: ImagePackages, to: ImagePackages): string {
  const both = from.sources.length === 0 && to.sources.length === 0;
  const which = both ? 'neither image has' : `the ${from.sources.length === 0 ? 'old' : 'new'} image does not have`;
  return `${which} a package database or bill of materials that can be read`;
}

function nameKey({name, kind}: OsPackage): string {
  return `${name} ${kind}`;
}

/** One name, which may be there several times: for several architectures, or in several versions (rpm's kernels). */
function differenceOfOne(before: readonly OsPackage[], after: readonly OsPackage[]) {
  const exact = paired(before, after, (a, b) => a.version === b.version && a.architecture === b.architecture);
  const sameArchitecture = paired(exact.left, exact.right, (a, b) => a.architecture === b.architecture);
  const others = paired(sameArchitecture.left, sameArchitecture.right, () => true);
  // A package that only became independent of the architecture, or ceased to be, is the same package.
  const changes = [...sameArchitecture.pairs, ...others.pairs].filter(([old, now]) => old.version !== now.version);
  return {
    unchanged: exact.pairs.length + sameArchitecture.pairs.length + others.pairs.length - changes.length,
    changed: changes.map(([old, now]) => changeOf(old, now)),
    removed: others.left,
    added: others.right,
  };
}

/** Pairs off what fits, in order; each is used once. */
function paired(
  before: readonly OsPackage[],
  after: readonly OsPackage[],
  fits: (a: OsPackage, b: OsPackage) => boolean,
) {
  const right = [...after];
  const left: OsPackage[] = [];
  const pairs: (readonly [OsPackage, OsPackage])[] = [];
  for (const old of before) {
    const at = right.findIndex((now) => fits(old, now));
    const [now] = at === -1 ? [] : right.splice(at, 1);
    if (now) pairs.push([old, now]);
    else left.push(old);
  }
  return {pairs, left, right};
}

function changeOf(old: OsPackage, now: OsPackage): PackageChange {
  const order = comparePackageVersions(now.kind, old.version, now.version);
  return {
    kind: now.kind,
    name: now.name,
    ...(now.architecture ? {architecture: now.architecture} : {}),
    old: old.version,
    new: now.version,
    direction: order < 0 ? 'up' : order > 0 ? 'down' : 'same',
  };
}

function changesOf(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly ValueChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names
    .map((name): ValueChange => ({name, ...valueIn(before, 'old', name), ...valueIn(after, 'new', name)}))
    .filter((change) => change.old !== change.new);
}

function valueIn(values: Readonly<Record<string, string>>, side: 'old' | 'new', name: string) {
  return Object.hasOwn(values, name) ? {[side]: values[name]} : {};
}

function configChanges(from: ImagePackages, to: ImagePackages): readonly ValueChange[] {
  return changesOf(configValues(from), configValues(to));
}

function configValues({config}: ImagePackages): Readonly<Record<string, string>> {
  const {User, WorkingDir, Entrypoint, Cmd} = config;
  return {
    ...(User ? {USER: User} : {}),
    ...(WorkingDir ? {WORKDIR: WorkingDir} : {}),
    ...(Entrypoint?.length ? {ENTRYPOINT: JSON.stringify(Entrypoint)} : {}),
    ...(Cmd?.length ? {CMD: JSON.stringify(Cmd)} : {}),
  };
}

function environment({config}: ImagePackages): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (config.Env ?? []).map((variable) => {
      const at = variable.indexOf('=');
      return at === -1 ? [variable, ''] : [variable.slice(0, at), variable.slice(at + 1)];
    }),
  );
}

function labels({config}: ImagePackages): Readonly<Record<string, string>> {
  return config.Labels ?? {};
}

function comesAlong(label: string): boolean {
  return label.startsWith('io.buildpacks.stack.') || label.startsWith('io.buildpacks.base.');
}

/** A rebase replaces layers: what containers start with stays what the app was built with. */
function staysNotes(config: readonly ValueChange[], env: readonly ValueChange[]): readonly string[] {
  const user = config.filter(({name}) => name === 'USER');
  const names = [...user, ...env].map(({name}) => name);
  if (names.length === 0) return [];
  const listed = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  return [
    `A rebase does not bring ${listed} of the new run image: a rebased app keeps what it was built with. Rebuild it to get them.`,
  ];
}

function unreadNotes(side: 'old' | 'new', {unread}: ImagePackages): readonly string[] {
  const notes = unread
    .slice(0, mostNamed)
    .map(({path, why}) => `The ${side} image's ${harmless(path)} was not read: ${why.replace(/\.$/, '')}.`);
  return unread.length > mostNamed ? [...notes, `${unread.length - mostNamed} more were not read.`] : notes;
}

/** The name of a file in an image, for people. */
function harmless(path: string): string {
  return path.replaceAll(/[^\x20-\x7E]/g, '?').slice(0, 200);
}

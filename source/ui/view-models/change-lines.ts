// Why an image is built, as a diff: each reason with its old and new value.
import {type BuildpackRef, buildpackLabel} from '../../domain/buildpack.ts';
import type {BuildConfig, Change} from '../../domain/change.ts';
import {shortDigest} from './names.ts';
import {type Line, span} from './spans.ts';

/** One or more lines for each change; values that do not fit are cut by whoever draws them. */
export function changeLines(changes: readonly Change[], arrow: string): readonly Line[] {
  return changes.flatMap((change) => linesOf(change, arrow));
}

/** `COMMIT 3f2a1b0c → 9bc1e0d2`: one change in one line. */
export function changeText(change: Change, arrow: string): string {
  switch (change.reason) {
    case 'TRIGGER':
      return change.new;
    case 'COMMIT':
    case 'STACK':
    case 'LIFECYCLE':
      return change.old === ''
        ? shortDigest(change.new)
        : `${shortDigest(change.old)} ${arrow} ${shortDigest(change.new)}`;
    case 'CONFIG':
      if (isFirst(change.old)) return 'first build';
      return configDiff(change.old, change.new)
        .map(({path}) => path)
        .join(', ');
    case 'BUILDPACK':
      return change.old.map((buildpack) => buildpackLabel(buildpack)).join(', ');
    default:
      return change satisfies never;
  }
}

function linesOf(change: Change, arrow: string): readonly Line[] {
  const head = span(change.reason.padEnd(10), 'reason');
  switch (change.reason) {
    case 'TRIGGER':
      return [[head, span(change.new)]];
    case 'COMMIT':
    case 'STACK':
    case 'LIFECYCLE':
      return [[head, ...oldToNew(shortDigest(change.old), shortDigest(change.new), arrow)]];
    case 'CONFIG':
      return configLines(change.old, change.new, head);
    case 'BUILDPACK':
      return buildpackLines(change.old, head);
    default:
      return change satisfies never;
  }
}

function oldToNew(old: string, next: string, arrow: string): Line {
  if (old === '') return [span(next, 'added')];
  return [span(old, 'removed'), span(` ${arrow} `, 'dim'), span(next, 'added')];
}

function buildpackLines(old: readonly BuildpackRef[], head: Line[number]): readonly Line[] {
  return old.map((buildpack, at) => [
    at === 0 ? head : indent,
    span(`- ${buildpackLabel(buildpack)}`, 'removed'),
    ...(at === 0 ? [span('  no longer in the builder', 'dim')] : []),
  ]);
}

function configLines(old: BuildConfig, next: BuildConfig, head: Line[number]): readonly Line[] {
  if (isFirst(old)) return [[head, span('the first build of the image')]];
  const lines = configDiff(old, next).flatMap(({path, before, after}): readonly Line[] => [
    [span(path, 'dim')],
    ...(before === undefined ? [] : [[span(`- ${shortDigest(before)}`, 'removed')]]),
    ...(after === undefined ? [] : [[span(`+ ${shortDigest(after)}`, 'added')]]),
  ]);
  if (lines.length === 0) return [[head, span('nothing that this build records', 'dim')]];
  return lines.map((line, at) => [at === 0 ? head : indent, ...line]);
}

/** An image that was never built has nothing to compare with. */
function isFirst({source}: BuildConfig): boolean {
  return source.git === undefined && source.local === undefined;
}

const indent = span(' '.repeat(10));

type FieldDiff = {readonly path: string; readonly before?: string | undefined; readonly after?: string | undefined};

/** The fields of the configuration that differ, by path. */
export function configDiff(old: BuildConfig, next: BuildConfig): readonly FieldDiff[] {
  const [before, after] = [new Map(leaves('', old)), new Map(leaves('', next))];
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    return was === is ? [] : [{path, before: was, after: is}];
  });
}

function leaves(path: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, at) => leaves(path + (nameOf(one) ?? `[${at}]`), one));
  }
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, one]) => {
      if (key === 'name' && 'value' in value) return [];
      if (key === 'value' && 'name' in value) return leaves(path, one);
      return leaves(path === '' ? key : `${path}.${key}`, one);
    });
  }
  return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
}

/** Environment variables are told apart by their name, not by their place in the list. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('name' in value)) return undefined;
  return typeof value.name === 'string' ? `.${value.name}` : undefined;
}

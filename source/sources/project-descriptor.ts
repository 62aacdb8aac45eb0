// Reads what a project descriptor (project.toml) says about building (specification: extensions/project-descriptor; kpack:
// `pkg/cnb/project_descriptor.go`). Schema 0.2 keeps it in [io.buildpacks], 0.1 in [build]. Builder and buildpacks in it are ignored, as in
// kpack: they come from the image's builder.
import {closeSync, constants, fstatSync, openSync, readFileSync, realpathSync} from 'node:fs';
import {isAbsolute, join, sep} from 'node:path';
import {parse, TomlError} from 'smol-toml';
import {quoted} from '../oci/quoted.ts';
import {SourceError} from './source-error.ts';

export type ProjectDescriptor = {
  readonly env: readonly {readonly name: string; readonly value: string}[];
  /** Patterns in .gitignore's syntax; at most one of the two is given. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Lines for the log of the prepare phase. */
  readonly notes: readonly string[];
};

/**
 * The descriptor at `path` (default `project.toml`) below `root`, a real path. A missing one is an empty one, except when it was asked
 * for by `path`. Throws a `SourceError` (kind `bad-descriptor`) that names file, line and column, or file and field.
 */
export function readProjectDescriptor(root: string, path?: string): ProjectDescriptor {
  const file = path === undefined || path === '' ? 'project.toml' : path;
  const text = readText(root, file);
  if (text !== undefined) return readDescriptor(parseToml(text, file), file);
  if (file === path) throw bad(file, 'the image asks for this project descriptor, but the source has no such file.');
  return {env: [], notes: []};
}

type Table = Readonly<Record<string, unknown>>;

const sizeLimit = 1024 * 1024;

function readText(root: string, file: string): string | undefined {
  if (isAbsolute(file) || file.split('/').includes('..')) throw bad(file, 'the path leads out of the source.');
  let descriptor: number | undefined;
  try {
    const real = realpathSync(join(root, file));
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep))
      throw bad(file, 'it leads out of the source through a symbolic link.');
    descriptor = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw bad(file, 'expected a file.');
    if (stats.size > sizeLimit) throw bad(file, `it is larger than ${sizeLimit} bytes.`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof SourceError) throw error;
    throw bad(file, `it cannot be read: ${error instanceof Error ? error.message : String(error)}.`, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function parseToml(text: string, file: string): Table {
  try {
    return parse(text, {integersAsBigInt: true});
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const problem = error.message.split('\n', 1)[0] ?? error.message;
    throw bad(
      `${file}:${error.line}:${error.column}`,
      `not valid TOML: ${problem.replace(/^Invalid TOML document: /, '')}`,
      error,
    );
  }
}

function readDescriptor(document: Table, file: string): ProjectDescriptor {
  const version = tableAt(document, '_', file)['schema-version'];
  switch (version) {
    case undefined:
    case '0.1': {
      const build = tableAt(document, 'build', file);
      return readBuild({
        build,
        file,
        name: 'build',
        env: build['env'],
        envName: 'build.env',
        group: build['buildpacks'],
      });
    }
    case '0.2':
      return readSchema2(tableAt(tableAt(document, 'io', file), 'buildpacks', file, 'io.buildpacks'), file);
    default: {
      const note = `warning: project descriptor version ${quoted(version)} is unsupported and ${file} will be ignored`;
      return {env: [], notes: [note]};
    }
  }
}

function readSchema2(buildpacks: Table, file: string): ProjectDescriptor {
  const env = tableAt(buildpacks, 'build', file, 'io.buildpacks.build')['env'];
  const older = tableAt(buildpacks, 'env', file, 'io.buildpacks.env')['build'];
  return readBuild({
    build: buildpacks,
    file,
    name: 'io.buildpacks',
    env: env ?? older,
    envName: env === undefined ? 'io.buildpacks.env.build' : 'io.buildpacks.build.env',
    group: buildpacks['group'],
  });
}

type BuildPart = {
  readonly build: Table;
  readonly file: string;
  readonly name: string;
  readonly env: unknown;
  readonly envName: string;
  readonly group: unknown;
};

function readBuild({build, file, name, env, envName, group}: BuildPart): ProjectDescriptor {
  const include = patterns(build['include'], `${name}.include`, file);
  const exclude = patterns(build['exclude'], `${name}.exclude`, file);
  if (include && exclude) throw bad(file, `${name}: cannot have both include and exclude defined. Keep one of them.`);
  return {
    env: variables(env, envName, file),
    ...(include === undefined ? {} : {include}),
    ...(exclude === undefined ? {} : {exclude}),
    notes: [
      ...(group === undefined ? [] : ['info: buildpacks provided in project descriptor file will be ignored']),
      ...(build['builder'] === undefined ? [] : ['info: builder provided in project descriptor file will be ignored']),
    ],
  };
}

function tableAt(table: Table, key: string, file: string, name = key): Table {
  const value = table[key];
  if (value === undefined) return {};
  if (!isTable(value)) throw bad(file, `${name}: expected a table, got ${nameOfType(value)}.`);
  return value;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function patterns(value: unknown, name: string, file: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw bad(file, `${name}: expected a list of patterns, got ${nameOfType(value)}.`);
  return value.map((pattern: unknown, index) => {
    if (typeof pattern === 'string') return pattern;
    throw bad(file, `${name}[${index}]: expected a pattern in quotes, got ${nameOfType(pattern)}.`);
  });
}

function variables(value: unknown, name: string, file: string): ProjectDescriptor['env'] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(file, `${name}: expected [[${name}]] tables, got ${nameOfType(value)}.`);
  return value.map((entry: unknown, index) => variable(entry, `${name}[${index}]`, file));
}

/** Each variable becomes a file of that name in the platform directory, so the name must be one. */
function variable(entry: unknown, place: string, file: string): {readonly name: string; readonly value: string} {
  if (!isTable(entry)) throw bad(file, `${place}: expected a table with name and value, got ${nameOfType(entry)}.`);
  const {name, value} = entry;
  if (typeof name !== 'string') throw bad(file, `${place}.name: expected a text, got ${nameOfType(name)}.`);
  if (!/^[^=/\p{Cc}]{1,255}$/u.test(name) || name === '.' || name === '..')
    throw bad(file, `${place}.name: ${quoted(name)} cannot be the name of an environment variable.`);
  if (typeof value !== 'string')
    throw bad(file, `${place}.value: expected a text, got ${nameOfType(value)}. Put it in quotes.`);
  if (value.includes('\0')) throw bad(file, `${place}.value: holds a zero byte, which no environment variable can.`);
  return {name, value};
}

function nameOfType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  return typeof value === 'object' ? 'a table' : `a ${typeof value === 'bigint' ? 'number' : typeof value}`;
}

function bad(place: string, problem: string, cause?: unknown): SourceError {
  return new SourceError('bad-descriptor', `${place}: ${problem}`, {cause});
}

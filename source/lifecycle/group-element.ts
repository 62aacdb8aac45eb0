/** A buildpack as an order, a group or a provider names it (upstream: buildpack.GroupElement), and group.toml. */
import {booleanField, fieldError, readTomlFile, tableList, textField, type TomlReader} from './read-toml.ts';
import {OrderedTable} from './toml-encode.ts';

export type GroupElement = {
  readonly id: string;
  readonly version: string;
  /** Buildpack API, known once the descriptor was read. */
  readonly api?: string;
  readonly homepage?: string;
  readonly optional?: boolean;
};

export type Group = {
  readonly buildpacks: readonly GroupElement[];
  /** Image extensions; this lifecycle does not run them. */
  readonly extensions: readonly GroupElement[];
};

/** `id@version`, how logs and history name a buildpack. */
export function describeElement(element: {readonly id: string; readonly version: string}): string {
  return `${element.id}@${element.version}`;
}

/** An id as a directory name: `/` becomes `_`. */
export function escapeId(id: string): string {
  return id.replaceAll('/', '_');
}

/** Reads group.toml (spec/platform.md#grouptoml-toml). Throws when it is absent: nothing was detected. */
export async function readGroupFile(path: string): Promise<Group> {
  const reader = await readTomlFile(path);
  if (reader === undefined) throw new Error(`failed to read group file: open ${path}: no such file or directory`);
  return {
    buildpacks: tableList(reader, 'group').map(readGroupElement),
    extensions: tableList(reader, 'group-extensions').map(readGroupElement),
  };
}

/** group.toml as upstream writes it: neither optional nor extension stands in it. */
export function groupTable(elements: readonly GroupElement[]): OrderedTable {
  const group =
    elements.length === 0 ? undefined : elements.map((element) => elementTable({...element, optional: false}));
  return new OrderedTable([['group', group]]);
}

/** One element in the order of fields that upstream writes. */
export function elementTable(element: GroupElement): OrderedTable {
  return new OrderedTable([
    ['id', element.id],
    ['version', element.version],
    ['api', element.api === '' ? undefined : element.api],
    ['homepage', element.homepage === '' ? undefined : element.homepage],
    ['optional', element.optional === true ? true : undefined],
  ]);
}

/** Reads id, version and whatever else stands there. The id becomes part of a path, so what could leave its directory is refused. */
export function readGroupElement(reader: TomlReader): GroupElement {
  const id = textField(reader, 'id') ?? '';
  const version = textField(reader, 'version') ?? '';
  if (!isSafeName(escapeId(id)))
    throw fieldError(reader, 'id', `expected letters, digits, ".", "-" and "/", got "${id}"`);
  if (!isSafeName(version)) throw fieldError(reader, 'version', `expected a version such as 1.2.3, got "${version}"`);
  return {
    id,
    version,
    api: textField(reader, 'api'),
    homepage: textField(reader, 'homepage'),
    optional: booleanField(reader, 'optional') ?? false,
  };
}

function isSafeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0');
}

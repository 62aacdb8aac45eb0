// kpack manifests -> the edits they ask for. Everything wrong is found before anything is sent, and said with its line.
import type {Edit} from '../client-types.ts';
import {CommandError} from '../command-error.ts';
import type {LocalFiles} from '../command-context.ts';
import type {ManifestKind} from './manifest-kind.ts';
import {manifestKinds} from './manifest-kinds.ts';
import {shapeProblems} from './shape-problems.ts';
import {type YamlDocument, yamlDocuments, type YamlPath} from './yaml-documents.ts';

export type ManifestText = {readonly file: string; readonly text: string};

export type ReadManifests = {
  /** In the order of the kinds, each in the order it was written. */
  readonly edits: readonly Edit[];
  /** `deps.yaml:12` of each edit. */
  readonly places: readonly string[];
  /** Fields that were taken and change nothing here. */
  readonly notes: readonly string[];
  /** When there is one, nothing is to be applied. */
  readonly problems: readonly string[];
};

type Found = {readonly rank: number; readonly key: string; readonly place: string; readonly edit: Edit};
type Item = {readonly document: YamlDocument; readonly value: unknown; readonly under: YamlPath};

/** The edits of all texts together; `kind: List` is opened. The same resource twice is a problem. */
export function readManifests(texts: readonly ManifestText[], files: LocalFiles): ReadManifests {
  const found: Found[] = [];
  const notes: string[] = [];
  const problems: string[] = [];
  for (const {file, text} of texts) {
    const read = yamlDocuments(file, text);
    if ('problem' in read) problems.push(read.problem);
    else for (const item of read.documents.flatMap(itemsOf)) readItem(item, files, {found, notes, problems});
  }
  const seen = new Map<string, Found>();
  for (const one of found) {
    const before = seen.get(one.key);
    if (before) problems.push(`${one.place}: ${one.key} is there already, at ${before.place}; keep one of them`);
    seen.set(one.key, one);
  }
  const ordered = found.toSorted((a, b) => a.rank - b.rank);
  return {edits: ordered.map(({edit}) => edit), places: ordered.map(({place}) => place), notes, problems};
}

function itemsOf(document: YamlDocument): readonly Item[] {
  const {value} = document;
  const items = isMap(value) && value['kind'] === 'List' ? value['items'] : undefined;
  if (!Array.isArray(items)) return [{document, value, under: []}];
  return items.map((item: unknown, index) => ({document, value: item, under: ['items', index]}));
}

const apiVersions = ['kpack.io/v1alpha2', 'kpack.io/v1alpha1'];

function readItem(
  {document, value, under}: Item,
  files: LocalFiles,
  {found, notes, problems}: {readonly found: Found[]; readonly notes: string[]; readonly problems: string[]},
): void {
  const place = document.place(under);
  const {apiVersion, kind} = isMap(value) ? value : {};
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    problems.push(`${place}: expected a manifest with apiVersion and kind`);
    return;
  }
  const rank = manifestKinds.findIndex((one) => one.kind === kind);
  const known = manifestKinds[rank];
  if (!known || !apiVersion.startsWith('kpack.io/')) {
    const kinds = manifestKinds.map((one) => one.kind).join(', ');
    problems.push(`${place}: ${apiVersion} ${kind} is not supported; expected kpack.io's ${kinds}`);
    return;
  }
  if (!apiVersions.includes(apiVersion)) {
    problems.push(`${place}: ${kind}: expected apiVersion ${apiVersions.join(' or ')}, got ${apiVersion}`);
    return;
  }
  const parsed = known.schema.safeParse(value);
  if (!parsed.success) {
    problems.push(...shapeProblems(parsed.error, document, kind, under));
    return;
  }
  try {
    const edit = known.edit(value, files);
    found.push({rank, key: keyOf(kind, edit), place, edit});
    notes.push(...withoutEffect(known, {document, value, under}));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    problems.push(`${place}: ${kind}: ${error.message}`);
  }
}

function keyOf(kind: string, edit: Edit): string {
  const namespace = 'namespace' in edit && edit.namespace !== undefined ? ` in namespace ${edit.namespace}` : '';
  return `${kind} "${edit.name}"${namespace}`;
}

function withoutEffect(kind: ManifestKind, {document, value, under}: Item): readonly string[] {
  return Object.entries(kind.withoutEffect).flatMap(([dotted, why]) => {
    const path = dotted.split('.');
    return valueAt(value, path) === undefined
      ? []
      : [`${document.place([...under, ...path])}: ${dotted} has no effect: ${why}`];
  });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, step) => (isMap(inner) ? inner[step] : undefined), value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

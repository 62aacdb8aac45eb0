// The config document of an image (OCI image specification, config.md): what runs, on which platform, made of which layers.
import {type Digest} from './digest.ts';
import {sortedKeys, goJson, type JsonValue} from './go-json.ts';
import {
  below,
  checkArray,
  checkDigest,
  checkObject,
  checkOptional,
  checkString,
  checkStringMap,
  checkStrings,
  type Place,
  parseJson,
} from './json-fields.ts';

/** One line of an image's history; `created` is RFC 3339. */
export type HistoryEntry = {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
};

/** What a container of the image starts with. */
export type ContainerConfig = {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
};

/** An image's config. Fields that the type does not name survive reading, spreading and writing. */
export type ImageConfig = {
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly os: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  readonly variant?: string;
  readonly config?: ContainerConfig;
  readonly rootfs: {readonly type: string; readonly diff_ids: readonly Digest[]};
  readonly history?: readonly HistoryEntry[];
};

/** The config in `bytes`; an OciError of kind `bad-manifest` that names `document` and the field when it is not one. */
export function parseImageConfig(bytes: Buffer, document: string): ImageConfig {
  const place: Place = {document, field: '', kind: 'bad-manifest'};
  const value = checkObject(parseJson(bytes, document, 'bad-manifest'), place);
  checkString(value['architecture'], below(place, 'architecture'));
  checkString(value['os'], below(place, 'os'));
  for (const field of ['created', 'author', 'os.version', 'variant'])
    checkOptional(value[field], below(place, field), checkString);
  checkOptional(value['config'], below(place, 'config'), checkContainerConfig);
  checkRootfs(value['rootfs'], below(place, 'rootfs'));
  checkOptional(value['history'], below(place, 'history'), checkHistory);
  return withDiffIds(withoutNulls(value) as ImageConfig);
}

/** The config's bytes: keys in the specification's order, maps sorted, empty fields left out, Go's escaping. The same config gives the same bytes. */
export function formatImageConfig(config: ImageConfig): Buffer {
  const {config: container, rootfs, history} = config;
  return Buffer.from(
    goJson(
      inOrder(config, configKeys, {
        config: inOrder(container ?? {}, containerKeys, {}),
        rootfs: {type: rootfs.type, diff_ids: rootfs.diff_ids},
        history: history?.length ? history.map((entry) => inOrder(entry, historyKeys, {})) : undefined,
      }),
    ),
  );
}

const configKeys = [
  'created',
  'author',
  'architecture',
  'os',
  'os.version',
  'os.features',
  'variant',
  'config',
  'rootfs',
  'history',
];
const containerKeys = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
];
const historyKeys = ['created', 'created_by', 'author', 'comment', 'empty_layer'];

/** The known keys in their order, the others behind them sorted; empty values left out. `written` replaces what has an order of its own. */
function inOrder(object: object, keys: readonly string[], written: Readonly<Record<string, JsonValue>>): JsonValue {
  const values = object as Readonly<Record<string, unknown>>;
  const others = Object.keys(values).filter((key) => !keys.includes(key));
  const pairs = [...keys, ...others.toSorted()].map((key): [string, JsonValue] => [
    key,
    key in written ? written[key] : filled(values[key]),
  ]);
  return Object.fromEntries(pairs);
}

function filled(value: unknown): JsonValue {
  if (value === '' || value === false || value === null) return undefined;
  if (value !== undefined && typeof value === 'object' && Object.keys(value).length === 0) return undefined;
  return sortedKeys(value);
}

function checkContainerConfig(value: unknown, place: Place): void {
  const config = checkObject(value, place);
  for (const field of ['User', 'WorkingDir', 'StopSignal'])
    checkOptional(config[field], below(place, field), checkString);
  for (const field of ['Env', 'Entrypoint', 'Cmd']) checkOptional(config[field], below(place, field), checkStrings);
  for (const field of ['ExposedPorts', 'Volumes']) checkOptional(config[field], below(place, field), checkObject);
  checkOptional(config['Labels'], below(place, 'Labels'), checkStringMap);
}

function checkRootfs(value: unknown, place: Place): void {
  const rootfs = checkObject(value, place);
  checkString(rootfs['type'], below(place, 'type'));
  const diffIds = below(place, 'diff_ids');
  for (const [index, diffId] of checkArray(rootfs['diff_ids'] ?? [], diffIds).entries())
    checkDigest(diffId, below(diffIds, index));
}

function checkHistory(value: unknown, place: Place): void {
  for (const [index, entry] of checkArray(value, place).entries()) checkHistoryEntry(entry, below(place, index));
}

function checkHistoryEntry(value: unknown, place: Place): void {
  const entry = checkObject(value, place);
  for (const field of ['created', 'created_by', 'author', 'comment'])
    checkOptional(entry[field], below(place, field), checkString);
}

/** Go reads null as absent; so do we, and the types then say the truth. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]));
}

/** An image without layers may say null instead of an empty list. */
function withDiffIds(config: ImageConfig): ImageConfig {
  return {...config, rootfs: {...config.rootfs, diff_ids: config.rootfs.diff_ids ?? []}};
}

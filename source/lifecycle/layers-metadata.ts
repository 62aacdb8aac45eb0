/**
 * What an image or a cache remembers of its layers: the label io.buildpacks.lifecycle.metadata, analyzed.toml's [metadata] and the cache's
 * metadata file. TOML to JSON and back loses types (integers come back as floats) exactly as upstream loses them.
 */
import {goJson, type JsonValue, GoMap} from '../oci/go-json.ts';
import {compareBytes} from './compare-bytes.ts';
import {
  booleanField,
  field,
  subTable,
  type TomlReader,
  tableField,
  tableList,
  textField,
  textListField,
} from './read-toml.ts';
import {type Encodable, OrderedTable} from './toml-encode.ts';
import {isTomlTable, type TomlTable, type TomlValue} from './toml-value.ts';

export type LayerMetadata = {
  /** diffID of the layer's tar. */
  readonly sha: string;
  /** The [metadata] the buildpack wrote, whatever it is. */
  readonly data?: TomlValue;
  readonly build: boolean;
  readonly launch: boolean;
  readonly cache: boolean;
};

export type BuildpackLayers = {
  readonly key: string;
  readonly version: string;
  readonly layers?: ReadonlyMap<string, LayerMetadata>;
  readonly store?: {readonly metadata?: TomlTable};
};

export type RunImageName = {readonly image?: string; readonly mirrors?: readonly string[]};

export type LayersMetadata = {
  readonly app?: readonly string[];
  readonly sbom?: string;
  readonly buildpacks?: readonly BuildpackLayers[];
  readonly config: string;
  readonly launcher: string;
  readonly processTypes: string;
  readonly runImage: RunImageName & {readonly topLayer: string; readonly reference: string};
  readonly stack?: RunImageName;
};

export type CacheMetadata = {readonly sbom: string; readonly buildpacks?: readonly BuildpackLayers[]};

export const emptyLayersMetadata: LayersMetadata = {
  config: '',
  launcher: '',
  processTypes: '',
  runImage: {topLayer: '', reference: ''},
};

/** The layers a buildpack had, by name; none when the image or cache does not know the buildpack. */
export function layersOf(
  metadata: {readonly buildpacks?: readonly BuildpackLayers[]},
  buildpackId: string,
): ReadonlyMap<string, LayerMetadata> {
  return metadata.buildpacks?.find((buildpack) => buildpack.key === buildpackId)?.layers ?? new Map();
}

/** The label's text. */
export function layersMetadataLabel(metadata: LayersMetadata): string {
  return goJson({
    app: metadata.app?.map((sha) => ({sha})) ?? null,
    sbom: metadata.sbom === undefined ? undefined : {sha: metadata.sbom},
    buildpacks: metadata.buildpacks?.map(buildpackJson) ?? null,
    config: {sha: metadata.config},
    launcher: {sha: metadata.launcher},
    'process-types': {sha: metadata.processTypes},
    runImage: {
      topLayer: metadata.runImage.topLayer,
      reference: metadata.runImage.reference,
      ...runImageJson(metadata.runImage),
    },
    stack: metadata.stack === undefined ? undefined : {runImage: runImageJson(metadata.stack)},
  });
}

function runImageJson({image, mirrors}: RunImageName): {readonly [key: string]: JsonValue} {
  return {image: image === '' ? undefined : image, mirrors: mirrors?.length ? mirrors : undefined};
}

function buildpackJson(buildpack: BuildpackLayers): JsonValue {
  const {layers, store} = buildpack;
  return {
    key: buildpack.key,
    version: buildpack.version,
    layers: layers === undefined ? null : new GoMap([...layers].map(([name, layer]) => [name, layerJson(layer)])),
    store:
      store === undefined ? undefined : {metadata: store.metadata === undefined ? null : tomlToJson(store.metadata)},
  };
}

function layerJson(layer: LayerMetadata): JsonValue {
  const data = layer.data === undefined ? null : tomlToJson(layer.data);
  return {sha: layer.sha, data, build: layer.build, launch: layer.launch, cache: layer.cache};
}

/** TOML values as upstream's decoder and encoding/json write them: dates become RFC 3339 texts, keys are sorted. */
export function tomlToJson(value: TomlValue): JsonValue {
  if (value instanceof Date) return dateText(value);
  if (Array.isArray(value)) return (value as readonly TomlValue[]).map(tomlToJson);
  if (isTomlTable(value)) {
    return new GoMap(Object.entries(value).map(([key, inner]) => [key, tomlToJson(inner)]));
  }
  return value as JsonValue;
}

function dateText(date: Date): string {
  const written = date.toISOString();
  const withDate = /^\d{4}-/.test(written) ? written : `0000-01-01T${written}`;
  const withTime = withDate.includes('T') ? withDate : `${withDate}T00:00:00`;
  const withZone = /(?:[Zz]|[+-]\d{2}:\d{2})$/.test(withTime) ? withTime : `${withTime}Z`;
  return withZone.replace(/\.(\d*?)0+(?=[Zz+-])/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
}

/** The label's content; what cannot be read counts as no metadata, as upstream has it. */
export function parseLayersMetadataLabel(label: string | undefined): LayersMetadata {
  const parsed = label === undefined ? undefined : parseJsonObject(label);
  if (parsed === undefined) return emptyLayersMetadata;
  try {
    return readLayersMetadata({table: renamed(parsed), file: 'io.buildpacks.lifecycle.metadata', path: ''});
  } catch {
    return emptyLayersMetadata;
  }
}

/** The cache's metadata file; what cannot be read counts as an empty cache. */
export function parseCacheMetadata(text: string): CacheMetadata {
  const parsed = parseJsonObject(text);
  if (parsed === undefined) return {sbom: ''};
  try {
    const reader = {table: renamed(parsed), file: 'cache metadata', path: ''};
    return {sbom: shaField(reader, 'sbom') ?? '', buildpacks: buildpacksField(reader)};
  } catch {
    return {sbom: ''};
  }
}

/** The cache's metadata file. */
export function cacheMetadataText(metadata: CacheMetadata): string {
  return `${goJson({sbom: {sha: metadata.sbom}, buildpacks: metadata.buildpacks?.map(buildpackJson) ?? null})}\n`;
}

function parseJsonObject(text: string): TomlTable | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const table = jsonToToml(value);
    return isTomlTable(table) ? table : undefined;
  } catch {
    return undefined;
  }
}

/** JSON as TOML values: null disappears, every number is a float. */
function jsonToToml(value: unknown): TomlValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value))
    return value.map(jsonToToml).filter((element): element is TomlValue => element !== undefined);
  const entries = Object.entries(value).map(([key, inner]) => [key, jsonToToml(inner)] as const);
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, TomlValue] => entry[1] !== undefined));
}

/** The label's names for things that analyzed.toml calls otherwise, at the places where they stand. */
function renamed(label: TomlTable): TomlTable {
  const {runImage, stack, buildpacks, ...rest} = label as Record<string, TomlValue>;
  return {
    ...rest,
    ...(isTomlTable(runImage) ? {'run-image': {...runImage, 'top-layer': runImage['topLayer'] ?? ''}} : {}),
    ...(isTomlTable(stack) ? {stack: isTomlTable(stack['runImage']) ? {'run-image': stack['runImage']} : {}} : {}),
    ...(Array.isArray(buildpacks) ? {buildpacks: (buildpacks as readonly TomlValue[]).map(renamedBuildpack)} : {}),
  };
}

function renamedBuildpack(buildpack: TomlValue): TomlValue {
  if (!isTomlTable(buildpack) || !isTomlTable(buildpack['layers'])) return buildpack;
  const layers = Object.entries(buildpack['layers']).map(([name, layer]) => {
    if (!isTomlTable(layer)) return [name, layer] as const;
    const {data, ...rest} = layer as Record<string, TomlValue>;
    return [name, data === undefined ? rest : {...rest, metadata: data}] as const;
  });
  return {...buildpack, layers: Object.fromEntries(layers)};
}

/** analyzed.toml's [metadata]. */
export function readLayersMetadata(reader: TomlReader): LayersMetadata {
  const app =
    field(reader, 'app') === undefined
      ? undefined
      : tableList(reader, 'app').map((layer) => textField(layer, 'sha') ?? '');
  const runImage = subTable(reader, 'run-image');
  const stack = subTable(reader, 'stack');
  const stackRunImage = stack === undefined ? undefined : subTable(stack, 'run-image');
  return {
    app,
    sbom: shaField(reader, 'sbom'),
    buildpacks: buildpacksField(reader),
    config: shaField(reader, 'config') ?? '',
    launcher: shaField(reader, 'launcher') ?? '',
    processTypes: shaField(reader, 'process-types') ?? '',
    runImage: {
      topLayer: (runImage && textField(runImage, 'top-layer')) ?? '',
      reference: (runImage && textField(runImage, 'reference')) ?? '',
      ...readRunImageName(runImage),
    },
    stack: stack === undefined ? undefined : readRunImageName(stackRunImage),
  };
}

/** `image` and `mirrors` of a table: a run image as run.toml, stack.toml and the label name it. */
export function readRunImageName(reader: TomlReader | undefined): RunImageName {
  if (reader === undefined) return {};
  return {image: textField(reader, 'image'), mirrors: textListField(reader, 'mirrors')};
}

function shaField(reader: TomlReader, key: string): string | undefined {
  const table = subTable(reader, key);
  return table === undefined ? undefined : (textField(table, 'sha') ?? '');
}

function buildpacksField(reader: TomlReader): readonly BuildpackLayers[] | undefined {
  if (field(reader, 'buildpacks') === undefined) return undefined;
  return tableList(reader, 'buildpacks').map((buildpack) => {
    const layers = subTable(buildpack, 'layers');
    const store = subTable(buildpack, 'store');
    return {
      key: textField(buildpack, 'key') ?? '',
      version: textField(buildpack, 'version') ?? '',
      layers: layers === undefined ? undefined : readLayers(layers),
      store: store === undefined ? undefined : {metadata: tableField(store, 'metadata')},
    };
  });
}

function readLayers(reader: TomlReader): ReadonlyMap<string, LayerMetadata> {
  const entries = Object.keys(reader.table).flatMap((name) => {
    const layer = subTable(reader, name);
    return layer === undefined ? [] : [[name, readLayer(layer)] as const];
  });
  return new Map(entries);
}

function readLayer(reader: TomlReader): LayerMetadata {
  return {
    sha: textField(reader, 'sha') ?? '',
    data: field(reader, 'metadata'),
    build: booleanField(reader, 'build') ?? false,
    launch: booleanField(reader, 'launch') ?? false,
    cache: booleanField(reader, 'cache') ?? false,
  };
}

/** analyzed.toml's [metadata], in upstream's order. */
export function layersMetadataTable(metadata: LayersMetadata): OrderedTable {
  const sha = (value: string) => new OrderedTable([['sha', value]]);
  return new OrderedTable([
    ['app', nonEmpty(metadata.app?.map(sha))],
    ['sbom', metadata.sbom === undefined ? undefined : sha(metadata.sbom)],
    ['buildpacks', nonEmpty(metadata.buildpacks?.map(buildpackTable))],
    ['config', sha(metadata.config)],
    ['launcher', sha(metadata.launcher)],
    ['process-types', sha(metadata.processTypes)],
    [
      'run-image',
      new OrderedTable([
        ['top-layer', metadata.runImage.topLayer],
        ['reference', metadata.runImage.reference],
        ...runImageFields(metadata.runImage),
      ]),
    ],
    [
      'stack',
      metadata.stack === undefined
        ? undefined
        : new OrderedTable([['run-image', new OrderedTable(runImageFields(metadata.stack))]]),
    ],
  ]);
}

function nonEmpty(list: readonly Encodable[] | undefined): readonly Encodable[] | undefined {
  return list?.length === 0 ? undefined : list;
}

function runImageFields({image, mirrors}: RunImageName): (readonly [string, Encodable | undefined])[] {
  return [
    ['image', image === '' ? undefined : image],
    ['mirrors', mirrors?.length ? mirrors : undefined],
  ];
}

function buildpackTable(buildpack: BuildpackLayers): OrderedTable {
  const {layers, store} = buildpack;
  const sorted = [...(layers ?? new Map<string, LayerMetadata>())].toSorted((a, b) => compareBytes(a[0], b[0]));
  return new OrderedTable([
    ['key', buildpack.key],
    ['version', buildpack.version],
    [
      'layers',
      layers === undefined ? undefined : new OrderedTable(sorted.map(([name, layer]) => [name, layerTable(layer)])),
    ],
    ['store', store === undefined ? undefined : new OrderedTable([['metadata', store.metadata]])],
  ]);
}

function layerTable(layer: LayerMetadata): OrderedTable {
  return new OrderedTable([
    ['sha', layer.sha],
    ['metadata', layer.data],
    ['build', layer.build],
    ['launch', layer.launch],
    ['cache', layer.cache],
  ]);
}

// The label io.buildpacks.lifecycle.metadata, as far as a rebase must understand it to write it again: buildpacks/lifecycle
// platform/files/analyzed.go LayersMetadataCompat. Decoding and encoding lose what Go's would lose.
import {goJson, goMap, type JsonValue, sortedKeys} from './go-json.ts';
import {
  below,
  checkArray,
  checkObject,
  checkOptional,
  checkString,
  checkStrings,
  type Place,
  parseJson,
} from './json-fields.ts';

export const lifecycleMetadataLabel = 'io.buildpacks.lifecycle.metadata';

/** A run image's name and its mirrors. */
export type RunImageName = {readonly image?: string; readonly mirrors?: readonly string[]};

/** The run image an app image stands on: the diffID of its top layer, what it resolved to, and its names. */
export type RunImageMetadata = RunImageName & {readonly topLayer: string; readonly reference: string};

/** The label, read. `others` is everything a rebase passes through. */
export type LifecycleMetadata = {
  readonly runImage: RunImageMetadata;
  readonly stack?: {readonly runImage: RunImageName};
  readonly others: Readonly<Record<string, unknown>>;
};

/** The metadata in a label; nothing at all when the label is absent or empty. OciError `bad-manifest` naming the field. */
export function parseLifecycleMetadata(label: string | undefined): LifecycleMetadata {
  if (label === undefined || label === '') return {runImage: {topLayer: '', reference: ''}, others: {}};
  const place: Place = {document: `label ${lifecycleMetadataLabel}`, field: '', kind: 'bad-manifest'};
  const value = checkObject(parseJson(Buffer.from(label), place.document, 'bad-manifest'), place);
  const {runImage, stack, ...others} = value;
  checkOptional(others['buildpacks'], below(place, 'buildpacks'), checkBuildpacks);
  return {
    runImage: readRunImage(runImage ?? {}, below(place, 'runImage')),
    ...(stack !== undefined && stack !== null && {stack: readStack(stack, below(place, 'stack'))}),
    others,
  };
}

/** The label's text, as Go marshals it. */
export function formatLifecycleMetadata({runImage, stack, others}: LifecycleMetadata): string {
  const sbom = others['sbom'];
  return goJson({
    app: sortedKeys(others['app'] ?? null),
    sbom: sbom === undefined || sbom === null ? undefined : layerJson(sbom),
    buildpacks: Array.isArray(others['buildpacks']) ? others['buildpacks'].map(buildpackJson) : null,
    config: layerJson(others['config']),
    launcher: layerJson(others['launcher']),
    'process-types': layerJson(others['process-types']),
    runImage: runImageJson(runImage),
    stack: stack && {runImage: runImageNameJson(stack.runImage)},
  });
}

/** `{topLayer, reference, image?, mirrors?}` as it stands in the label and in messages. */
export function runImageJson({topLayer, reference, ...name}: RunImageMetadata): {readonly [key: string]: JsonValue} {
  return {topLayer, reference, ...runImageNameJson(name)};
}

/** `{image?, mirrors?}` as it stands in the label and in messages. */
export function runImageNameJson({image, mirrors}: RunImageName): {readonly [key: string]: JsonValue} {
  return {image: image || undefined, mirrors: mirrors?.length ? mirrors : undefined};
}

function readRunImage(value: unknown, place: Place): RunImageMetadata {
  const {topLayer, reference} = checkObject(value, place);
  checkOptional(topLayer, below(place, 'topLayer'), checkString);
  checkOptional(reference, below(place, 'reference'), checkString);
  return {
    topLayer: (topLayer as string | null | undefined) ?? '',
    reference: (reference as string | null | undefined) ?? '',
    ...readRunImageName(value, place),
  };
}

function readStack(value: unknown, place: Place): {readonly runImage: RunImageName} {
  return {runImage: readRunImageName(checkObject(value, place)['runImage'] ?? {}, below(place, 'runImage'))};
}

function readRunImageName(value: unknown, place: Place): RunImageName {
  const {image, mirrors} = checkObject(value, place);
  checkOptional(image, below(place, 'image'), checkString);
  checkOptional(mirrors, below(place, 'mirrors'), checkStrings);
  return {
    ...(typeof image === 'string' && {image}),
    ...(Array.isArray(mirrors) && {mirrors: mirrors as readonly string[]}),
  };
}

function checkBuildpacks(value: unknown, place: Place): void {
  for (const [index, item] of checkArray(value, place).entries()) {
    const at = below(place, index);
    const {layers} = checkObject(item, at);
    checkOptional(layers, below(at, 'layers'), checkLayers);
  }
}

function checkLayers(value: unknown, place: Place): void {
  for (const [name, layer] of Object.entries(checkObject(value, place))) checkObject(layer, below(place, name));
}

function buildpackJson(value: unknown): JsonValue {
  const {key, version, layers, store} = value as Readonly<Record<string, unknown>>;
  return {
    key: textOf(key),
    version: textOf(version),
    layers: layers === undefined || layers === null ? null : buildpackLayersJson(layers),
    store:
      store === undefined || store === null
        ? undefined
        : {metadata: sortedKeys((store as {metadata?: unknown}).metadata ?? null)},
  };
}

function buildpackLayersJson(layers: object): JsonValue {
  return goMap(Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, buildpackLayerJson(layer)])));
}

function buildpackLayerJson(value: unknown): JsonValue {
  const {sha, data, build, launch, cache} = value as Readonly<Record<string, unknown>>;
  return {
    sha: textOf(sha),
    data: sortedKeys(data ?? null),
    build: build === true,
    launch: launch === true,
    cache: cache === true,
  };
}

function layerJson(value: unknown): JsonValue {
  return {sha: textOf((value as {readonly sha?: unknown} | null | undefined)?.sha)};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

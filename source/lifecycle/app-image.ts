/** The documents of the app image: the run image's with the new layers on top and the launch settings of the specification. */
import {encodeImage, nameManifest, writeBlob} from '../oci/image-layout.ts';
import type {HistoryEntry, ImageConfig} from '../oci/image-config.ts';
import {mediaTypes} from '../oci/media-types.ts';
import type {ImageLayer} from './layer-store.ts';
import type {FoundImage} from './layout-image.ts';

export type AppImage = {
  readonly runImage: FoundImage;
  readonly layers: readonly ImageLayer[];
  readonly labels: Readonly<Record<string, string>>;
  /** Set in this order; one the run image has keeps its place. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly entrypoint: readonly string[];
  /** RFC 3339. */
  readonly created: string;
  /** Does the history say what made each layer? */
  readonly hasHistory: boolean;
};

export type WrittenImage = {readonly digest: string; readonly manifestSize: number};

/**
 * Writes manifest and config into the layout and names the manifest in its index. Layers are not looked for: those of the run image and the
 * reused ones may lie elsewhere.
 */
export async function writeAppImage(directory: string, names: readonly string[], app: AppImage): Promise<WrittenImage> {
  const base = app.runImage.image;
  const layers = [...base.manifest.layers, ...app.layers.map((layer) => layer.descriptor)];
  const encoded = encodeImage({manifest: {layers}, config: appConfig(app)});
  await writeBlob(directory, encoded.configBytes);
  await writeBlob(directory, encoded.manifestBytes);
  const manifestSize = encoded.manifestBytes.length;
  await nameManifest(directory, {mediaType: mediaTypes.manifest, digest: encoded.digest, size: manifestSize}, names);
  return {digest: encoded.digest, manifestSize};
}

function appConfig(app: AppImage): ImageConfig {
  const base = app.runImage.image.config;
  const diffIds = base.rootfs.diff_ids;
  return {
    ...base,
    created: app.created,
    config: {
      ...base.config,
      Env: withVariables(base.config?.Env ?? [], app.env),
      Labels: {...base.config?.Labels, ...app.labels},
      WorkingDir: app.workingDirectory,
      Entrypoint: app.entrypoint,
      Cmd: undefined,
    },
    rootfs: {...base.rootfs, diff_ids: [...diffIds, ...app.layers.map((layer) => layer.diffId)]},
    history: historyOf(app).map((entry) => ({...entry, created: app.created})),
  };
}

function withVariables(env: readonly string[], set: Readonly<Record<string, string>>): readonly string[] {
  const nameOf = (entry: string) => entry.split('=', 1)[0] ?? '';
  const kept = env.map((entry) => {
    const value = set[nameOf(entry)];
    return value === undefined ? entry : `${nameOf(entry)}=${value}`;
  });
  const present = new Set(env.map(nameOf));
  return [
    ...kept,
    ...Object.entries(set)
      .filter(([name]) => !present.has(name))
      .map(([name, value]) => `${name}=${value}`),
  ];
}

function historyOf({runImage, layers, hasHistory}: AppImage): readonly HistoryEntry[] {
  const {history = [], rootfs} = runImage.image.config;
  if (!hasHistory) return [...rootfs.diff_ids, ...layers].map(() => ({}));
  return [...baseHistory(history, rootfs.diff_ids.length), ...layers.map(({createdBy}) => ({created_by: createdBy}))];
}

/** One entry per layer: the run image's own where they match its layers, blank ones where they do not. */
function baseHistory(history: readonly HistoryEntry[], layers: number): readonly HistoryEntry[] {
  const ofLayers = history.filter((entry) => entry.empty_layer !== true);
  return ofLayers.length === layers ? ofLayers : Array.from({length: layers}, () => ({}));
}

// Puts the layers of an app image on another run image by editing two JSON documents; no layer is read. The checks, their order and their words
// are those of buildpacks/lifecycle phase/rebaser.go; how layers and history are replaced is imgutil's cnb_image.go and go-containerregistry's
// mutate/rebase.go. Nothing here touches the world: rebase-in-layout.ts does.
import {goJson} from './go-json.ts';
import type {HistoryEntry, ImageConfig} from './image-config.ts';
import type {ImageManifest} from './image-manifest.ts';
import {
  formatLifecycleMetadata,
  type LifecycleMetadata,
  lifecycleMetadataLabel,
  parseLifecycleMetadata,
  type RunImageName,
  runImageJson,
  runImageNameJson,
} from './lifecycle-metadata.ts';
import {OciError} from './oci-error.ts';
import {comparableName} from './reference.ts';

/**
 * A rebase to be judged or done. `platformApi` is the rebaser's (`X.Y`), or `kpack` for the semantics of kpack's controller, which are those of
 * Platform API 0.9: the new run image's name need not stand in the app image's metadata. The app image's own Platform API, recorded in its
 * environment, decides whether stacks or targets are compared. `base.reference` is what the metadata will say the image stands on.
 */
export type RebaseRequest = {
  readonly platformApi: string;
  readonly force: boolean;
  readonly app: {readonly config: ImageConfig; readonly manifest: ImageManifest; readonly name: string};
  readonly base: {
    readonly config: ImageConfig;
    readonly manifest: ImageManifest;
    readonly reference: string;
    readonly name: string;
  };
};

/** Why a rebase is refused, for code. */
export type RebaseRefusalReason =
  | 'bad-platform-api'
  | 'no-stack-on-app'
  | 'no-stack-on-base'
  | 'stack-differs'
  | 'bad-mixins'
  | 'mixins-missing'
  | 'not-rebasable'
  | 'target-differs'
  | 'bad-metadata'
  | 'base-layer-not-found'
  | 'base-without-layers'
  | 'name-unknown'
  | 'bad-history';

/** A refusal in upstream's words; `forceHelps` says whether `force` would turn it into a warning. */
export type RebaseRefusal = {
  readonly kind: 'refused';
  readonly reason: RebaseRefusalReason;
  readonly message: string;
  readonly forceHelps: boolean;
};

/**
 * The rebased image's documents, what upstream would warn of, and how many layers go, come and stay. The manifest's config descriptor is still
 * the old one: it follows from `config` when the image is encoded.
 */
export type RebasedImage = {
  readonly kind: 'rebased';
  readonly warnings: readonly string[];
  readonly layers: {readonly removed: number; readonly added: number; readonly kept: number};
  readonly config: ImageConfig;
  readonly manifest: ImageManifest;
};

/** The app image on the new base, or why not. */
export function rebase(request: RebaseRequest): RebasedImage | RebaseRefusal {
  try {
    return rebaseOrThrow(request);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function rebaseOrThrow(request: RebaseRequest): RebasedImage {
  const {app, base} = request;
  const platformApi = parseApi(request.platformApi === 'kpack' ? '0.9' : request.platformApi);
  const warn = new Warnings(request.force);
  const appApi = environmentVariable(app.config, 'CNB_PLATFORM_API');
  if (appApi === '' || parseApi(appApi) < 12) checkStack(app.config, base.config);
  else checkTarget(app.config, base.config, warn);
  const metadata = readMetadata(app.config);
  const removed = countBaseLayers(app.config, metadata.runImage.topLayer);
  const history = [...wholeHistory(base.config), ...historyAbove(app.config, removed)];
  const updated = updateMetadata(metadata, request, platformApi >= 12, warn);
  const layers = {removed, added: base.manifest.layers.length, kept: app.manifest.layers.length - removed};
  return {
    kind: 'rebased',
    warnings: warn.messages,
    layers,
    manifest: {...app.manifest, layers: [...base.manifest.layers, ...app.manifest.layers.slice(removed)]},
    config: rebasedConfig(request, removed, history, syncedLabels(request, updated, platformApi >= 12)),
  };
}

class Refused extends Error {
  readonly refusal: RebaseRefusal;

  constructor(reason: RebaseRefusalReason, message: string, forceHelps = false) {
    super(message);
    this.refusal = {kind: 'refused', reason, message, forceHelps};
  }
}

/** What force turns into warnings; without force the first is the refusal. */
class Warnings {
  readonly messages: string[] = [];
  readonly #force: boolean;

  constructor(force: boolean) {
    this.#force = force;
  }

  add(reason: RebaseRefusalReason, message: string): void {
    if (!this.#force) throw new Refused(reason, `${message}; please provide -force to override`, true);
    this.messages.push(message);
  }
}

/** The minor number of a Platform API; a major above 0 counts as newer than all of them. */
function parseApi(text: string): number {
  const [, major, minor] = /^v?(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (major === undefined)
    throw new Refused('bad-platform-api', `Expected a Platform API (such as 0.13), got ${JSON.stringify(text)}.`);
  return Number(major) > 0 ? Number.MAX_SAFE_INTEGER : Number(minor ?? 0);
}

/** As imgutil reads a variable: an entry with a second `=` in it is none. */
function environmentVariable(config: ImageConfig, name: string): string {
  const entry = config.config?.Env?.find((line) => line.startsWith(`${name}=`) && line.split('=').length === 2);
  return entry?.slice(name.length + 1) ?? '';
}

function label(config: ImageConfig, name: string): string {
  return config.config?.Labels?.[name] ?? '';
}

function checkStack(app: ImageConfig, base: ImageConfig): void {
  const appStack = label(app, 'io.buildpacks.stack.id');
  const baseStack = label(base, 'io.buildpacks.stack.id');
  if (appStack === '') throw new Refused('no-stack-on-app', 'stack not defined on app image');
  if (baseStack === '') throw new Refused('no-stack-on-base', 'stack not defined on new base image');
  if (appStack !== baseStack) {
    throw new Refused('stack-differs', `incompatible stack: '${baseStack}' is not compatible with '${appStack}'`);
  }
  const offered = new Set(mixins(base, 'get run image mixins'));
  const missing = [...new Set(mixins(app, 'get app image mixins'))].filter((mixin) => !offered.has(mixin));
  if (missing.length > 0)
    throw new Refused('mixins-missing', `missing required mixin(s): ${missing.toSorted().join(', ')}`);
}

/** An image's mixins without the stage (`build:`, `run:`) in front. */
function mixins(config: ImageConfig, doing: string): readonly string[] {
  const text = label(config, 'io.buildpacks.stack.mixins');
  if (text === '') return [];
  const value = parseOrNothing(text);
  if (value === null) return [];
  if (Array.isArray(value) && value.every((mixin) => typeof mixin === 'string')) {
    return value.map((mixin: string) => mixin.slice(mixin.indexOf(':') + 1));
  }
  throw new Refused(
    'bad-mixins',
    `${doing}: failed to unmarshal context of label 'io.buildpacks.stack.mixins': expected a list of names`,
  );
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkTarget(app: ImageConfig, base: ImageConfig, warn: Warnings): void {
  if (label(app, 'io.buildpacks.rebasable') === 'false')
    warn.add('not-rebasable', 'app image is not marked as rebasable');
  const appTarget = targetOf(app);
  const baseTarget = targetOf(base);
  if (targetFits(baseTarget, appTarget)) return;
  warn.add(
    'target-differs',
    `unable to satisfy target os/arch constraints; new run image: ${goJson(baseTarget)}, old run image: ${goJson(appTarget)}`,
  );
}

type Target = {
  readonly id?: string;
  readonly os: string;
  readonly arch: string;
  readonly 'arch-variant'?: string;
  readonly distro?: {readonly name: string; readonly version: string};
};

/** What an image runs on (buildpacks/lifecycle platform/target_data.go GetTargetMetadata), keys in the order Go writes them. */
function targetOf(config: ImageConfig): Target {
  const labels = config.config?.Labels ?? {};
  const name = labels['io.buildpacks.base.distro.name'];
  const version = labels['io.buildpacks.base.distro.version'];
  return {
    id: labels['io.buildpacks.base.id'] || undefined,
    os: config.os,
    arch: config.architecture,
    'arch-variant': config.variant || undefined,
    distro: name === undefined && version === undefined ? undefined : {name: name ?? '', version: version ?? ''},
  };
}

/** TargetSatisfiedForRebase: what the new base names must be what the app was built for. */
function targetFits(base: Target, app: Target): boolean {
  const fits = (wanted: string | undefined, has: string | undefined): boolean => !wanted || wanted === has;
  if (base.os !== app.os || base.arch !== app.arch) return false;
  if (app['arch-variant'] && !fits(base['arch-variant'], app['arch-variant'])) return false;
  return (
    fits(base.distro?.name, app.distro?.name) &&
    fits(base.distro?.version, app.distro?.version) &&
    !(base.distro && !app.distro)
  );
}

function readMetadata(config: ImageConfig): LifecycleMetadata {
  try {
    return parseLifecycleMetadata(config.config?.Labels?.[lifecycleMetadataLabel]);
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    throw new Refused(
      'bad-metadata',
      `get image metadata: failed to unmarshal context of label '${lifecycleMetadataLabel}': ${error.message}`,
    );
  }
}

/** How many layers, from the bottom, belong to the old base: up to the one the metadata calls its top. */
function countBaseLayers(app: ImageConfig, topLayer: string): number {
  const at = app.rootfs.diff_ids.indexOf(topLayer);
  if (at === -1) throw new Refused('base-layer-not-found', 'rebase app image: could not find base layer in image');
  return at + 1;
}

/** A base's history, filled up so that every layer has its line. */
function wholeHistory(base: ImageConfig): readonly HistoryEntry[] {
  const history = base.history ?? [];
  const missing = base.rootfs.diff_ids.length - history.filter((entry) => !entry.empty_layer).length;
  if (missing < 0) throw badHistory(base);
  return [...history, ...Array.from({length: missing}, () => ({created: '0001-01-01T00:00:00Z'}))];
}

/** The history of the layers above the old base, with the lines without a layer that stand behind the first of them. */
function historyAbove(app: ImageConfig, baseLayers: number): readonly HistoryEntry[] {
  let layers = 0;
  return wholeHistory(app).filter((entry) => {
    if (!entry.empty_layer) layers++;
    return layers > baseLayers;
  });
}

function badHistory({history = [], rootfs}: ImageConfig): Refused {
  const lines = history.filter((entry) => !entry.empty_layer).length;
  return new Refused(
    'bad-history',
    `rebase app image: malformed image: config history references at least ${lines} non-empty layer(s), but only ${rootfs.diff_ids.length} layer(s) are present`,
  );
}

/** The metadata for the new base. Its name is checked last, against metadata that already says what the image will stand on: upstream's order. */
function updateMetadata(
  metadata: LifecycleMetadata,
  {base}: RebaseRequest,
  checksName: boolean,
  warn: Warnings,
): LifecycleMetadata {
  const topLayer = base.config.rootfs.diff_ids.at(-1);
  if (topLayer === undefined)
    throw new Refused('base-without-layers', 'get rebase run image top layer SHA: image has no layers');
  const moved = {...metadata, runImage: {...metadata.runImage, topLayer, reference: base.reference}};
  if (!checksName || isKnownName(metadata, base.name)) return moved;
  warn.add(
    'name-unknown',
    `rebase app image: new base image '${base.name}' not found in existing run image metadata: ${knownNames(moved)}`,
  );
  return {
    ...moved,
    runImage: {topLayer, reference: base.reference, image: base.name},
    stack: {runImage: {image: base.name}},
  };
}

function isKnownName({runImage, stack}: LifecycleMetadata, name: string): boolean {
  return holdsName(runImage, name) || (stack !== undefined && holdsName(stack.runImage, name));
}

function holdsName({image = '', mirrors = []}: RunImageName, name: string): boolean {
  const wanted = comparableName(name);
  return [image, ...mirrors].some((known) => comparableName(known) === wanted);
}

function knownNames({runImage, stack}: LifecycleMetadata): string {
  if (runImage.image) return goJson(runImageJson(runImage));
  return stack ? goJson(runImageNameJson(stack.runImage)) : 'not found';
}

/** The app's labels with the metadata rewritten and the base's own labels changed, added and removed as the new base has them. */
function syncedLabels(
  {app, base}: RebaseRequest,
  metadata: LifecycleMetadata,
  syncsBaseLabels: boolean,
): Readonly<Record<string, string>> {
  const isSynced = (name: string): boolean =>
    name.startsWith('io.buildpacks.stack.') || (syncsBaseLabels && name.startsWith('io.buildpacks.base.'));
  const own = Object.entries(app.config.config?.Labels ?? {}).filter(([name]) => !isSynced(name));
  const fromBase = Object.entries(base.config.config?.Labels ?? {}).filter(([name]) => isSynced(name));
  return Object.fromEntries([...own, ...fromBase, [lifecycleMetadataLabel, formatLifecycleMetadata(metadata)]]);
}

/**
 * The app's config on the new base's platform. Environment, user, entrypoint and time stay the app's, so a new base with another PATH or user needs a
 * build. The variant is the new base's, which upstream loses.
 */
function rebasedConfig(
  {app, base}: RebaseRequest,
  removed: number,
  history: readonly HistoryEntry[],
  labels: Readonly<Record<string, string>>,
): ImageConfig {
  const {variant: _variant, 'os.version': _version, 'os.features': _features, ...own} = app.config;
  const {architecture, os, variant, 'os.version': version, 'os.features': features} = base.config;
  return {
    ...own,
    architecture,
    os,
    ...(variant !== undefined && {variant}),
    ...(version !== undefined && {'os.version': version}),
    ...(features !== undefined && {'os.features': features}),
    config: {...app.config.config, Labels: labels},
    rootfs: {
      type: app.config.rootfs.type,
      diff_ids: [...base.config.rootfs.diff_ids, ...app.config.rootfs.diff_ids.slice(removed)],
    },
    history,
  };
}

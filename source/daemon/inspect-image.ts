// What a built image says of itself: its labels and config, as `image inspect` shows them (pack inspect).
import type {LayoutImage} from '../oci/image-layout.ts';
import type {ImageInspection} from '../protocol/message.ts';

/** Reads the labels upstream's exporter writes; what is missing or malformed is left out rather than invented. */
export function inspectionOf(layout: string, {digest, manifest, config}: LayoutImage): ImageInspection {
  const labels = config.config?.Labels ?? {};
  const lifecycle = jsonObject(labels['io.buildpacks.lifecycle.metadata']);
  const build = jsonObject(labels['io.buildpacks.build.metadata']);
  const runImage = object(lifecycle['runImage']);
  const history = (config.history ?? []).filter(({empty_layer: empty}) => !empty);
  return {
    digest,
    reference: `oci:${layout}@${digest}`,
    layout,
    size: manifest.layers.reduce((sum, {size}) => sum + size, 0),
    created: config.created ?? '',
    ...(labels['io.buildpacks.stack.id'] ? {stackId: labels['io.buildpacks.stack.id']} : {}),
    runImage: {
      name: text(runImage['image']),
      digest: text(runImage['reference']).split('@').at(-1) ?? '',
      topLayer: text(runImage['topLayer']),
    },
    buildpacks: list(build['buildpacks']).map((buildpack) => ({
      id: text(buildpack['id']),
      version: text(buildpack['version']),
      ...(buildpack['homepage'] ? {homepage: text(buildpack['homepage'])} : {}),
    })),
    processes: list(build['processes']).map((process) => ({
      type: text(process['type']),
      command: texts(process['command']),
      args: texts(process['args']),
      default: config.config?.Entrypoint?.[0] === `/cnb/process/${text(process['type'])}`,
      ...(process['working-dir'] ? {workingDirectory: text(process['working-dir'])} : {}),
    })),
    layers: manifest.layers.map((layer, index) => ({
      digest: layer.digest,
      diffId: config.rootfs.diff_ids[index] ?? '',
      size: layer.size,
      createdBy: history[index]?.created_by ?? '',
    })),
    labels,
    env: config.config?.Env ?? [],
  };
}

function jsonObject(label: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return object(JSON.parse(label ?? '{}'));
  } catch {
    return {};
  }
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

// Image as kpack writes it (v1alpha2, and v1alpha1 with its serviceAccount and cacheSize), with Slipway's fields in annotations
// or in the spec.
import {z} from 'zod';
import type {ExportTarget} from '../../domain/export-target.ts';
import type {UpdatePolicy} from '../../domain/image.ts';
import {defaultNamespace} from '../../domain/resource-name.ts';
import type {ImageEdit} from '../client-types.ts';
import {failure} from '../command-error.ts';
import type {LocalFiles} from '../command-context.ts';
import {given, manifestKind, manifestSchema, referenceSchema} from './manifest-kind.ts';
import {ownAnnotations} from './own-annotations.ts';

const source = z.strictObject({
  git: z
    .strictObject({url: z.string(), revision: z.string().optional(), initializeSubmodules: z.boolean().optional()})
    .optional(),
  registry: z.strictObject({image: z.string(), imagePullSecrets: z.unknown().optional()}).optional(),
  local: z.strictObject({path: z.string(), revision: z.unknown().optional()}).optional(),
  subPath: z.string().optional(),
});
const env = z.strictObject({name: z.string().min(1), value: z.string().optional()});
const service = z.strictObject({
  kind: z.string().optional(),
  apiVersion: z.string().optional(),
  name: z.string().min(1),
  namespace: z.string().optional(),
});
const build = z.strictObject({
  env: z.array(env).optional(),
  services: z.array(service).optional(),
  resources: z.record(z.string(), z.unknown()).optional(),
  buildTimeout: z.number().optional(),
  creationTime: z.string().optional(),
  tolerations: z.unknown().optional(),
  nodeSelector: z.unknown().optional(),
  affinity: z.unknown().optional(),
  runtimeClassName: z.unknown().optional(),
  schedulerName: z.unknown().optional(),
});
const spec = z.strictObject({
  tag: z.string().min(1),
  additionalTags: z.array(z.string()).optional(),
  builder: referenceSchema,
  serviceAccountName: z.string().optional(),
  serviceAccount: z.string().optional(),
  source,
  cache: z
    .strictObject({
      volume: z.strictObject({size: z.string().optional(), storageClassName: z.unknown().optional()}).optional(),
    })
    .optional(),
  cacheSize: z.string().optional(),
  successBuildHistoryLimit: z.int().optional(),
  failedBuildHistoryLimit: z.int().optional(),
  imageTaggingStrategy: z.enum(['BuildNumber', 'None']).optional(),
  projectDescriptorPath: z.string().optional(),
  defaultProcess: z.string().optional(),
  build: build.optional(),
  paused: z.boolean().optional(),
  updatePolicy: z.enum(['auto', 'ask', 'stack-only']).optional(),
  export: z.enum(['layout', 'engine', 'registry']).optional(),
});
type Spec = z.infer<typeof spec>;

const noCluster = 'builds run on this machine, not in a cluster';

export const imageManifestKind = manifestKind({
  kind: 'Image',
  schema: manifestSchema(spec),
  withoutEffect: {
    'spec.build.tolerations': noCluster,
    'spec.build.nodeSelector': noCluster,
    'spec.build.affinity': noCluster,
    'spec.build.runtimeClassName': noCluster,
    'spec.build.schedulerName': noCluster,
    'spec.cache.volume.storageClassName': noCluster,
    'spec.source.registry.imagePullSecrets': "the credentials are this machine's own",
  },
  edit: ({metadata, spec: wanted}, files) => ({
    kind: 'image.save',
    mode: 'save',
    namespace: metadata.namespace ?? defaultNamespace,
    name: metadata.name,
    whole: true,
    edit: editOf(wanted, metadata.annotations ?? {}, files),
  }),
});

type Annotations = Readonly<Record<string, string>>;

function editOf(wanted: Spec, annotations: Annotations, files: LocalFiles): ImageEdit {
  const {builder, build: how = {}} = wanted;
  const kind = builder.kind ?? 'Builder';
  if (kind !== 'Builder' && kind !== 'ClusterBuilder') {
    throw failure(`spec.builder.kind: expected Builder or ClusterBuilder, got "${kind}"`);
  }
  return given({
    tag: wanted.tag,
    replaceAdditionalTags: wanted.additionalTags ?? [],
    builder: {kind, name: builder.name},
    ...sourceOf(wanted.source, annotations, files),
    serviceAccountName: wanted.serviceAccountName ?? wanted.serviceAccount,
    cacheSize: wanted.cache?.volume?.size ?? wanted.cacheSize,
    successBuildHistoryLimit: wanted.successBuildHistoryLimit,
    failedBuildHistoryLimit: wanted.failedBuildHistoryLimit,
    imageTaggingStrategy: wanted.imageTaggingStrategy,
    projectDescriptorPath: wanted.projectDescriptorPath,
    defaultProcess: wanted.defaultProcess,
    env: (how.env ?? []).map(({name, value = ''}) => ({name, value})),
    services: (how.services ?? []).map(({kind: of = 'Secret', apiVersion, name}) => ({
      kind: of,
      ...(apiVersion === undefined ? {} : {apiVersion}),
      name,
    })),
    resources: how.resources,
    buildTimeout: how.buildTimeout,
    creationTime: how.creationTime,
    paused: wanted.paused ?? flagOf(annotations, ownAnnotations.paused),
    updatePolicy: wanted.updatePolicy ?? wordOf(annotations, ownAnnotations.updatePolicy, updatePolicies),
    export: wanted.export ?? wordOf(annotations, ownAnnotations.export, exportTargets),
  });
}

const updatePolicies: readonly UpdatePolicy[] = ['auto', 'ask', 'stack-only'];
const exportTargets: readonly ExportTarget[] = ['layout', 'engine', 'registry'];

/** Exactly one of git and local; a registry's source stands for a local one when its annotation says where that is. */
function sourceOf(wanted: Spec['source'], annotations: Annotations, files: LocalFiles): ImageEdit {
  const {git, registry, local, subPath} = wanted;
  const place = subPath === undefined ? {} : {subPath};
  const localPath = local?.path ?? (registry ? annotations[ownAnnotations.localPath] : undefined);
  const named = [git, registry, local].filter((one) => one !== undefined).length;
  if (named !== 1) throw failure(`spec.source: expected exactly one of git, registry and local, got ${named}`);
  if (registry && localPath === undefined) {
    throw failure(
      `spec.source.registry: sources in a registry are not in this version of slipway; the annotation ${ownAnnotations.localPath} can name a directory instead`,
    );
  }
  if (git) {
    const {url, revision, initializeSubmodules} = git;
    return {git: {url}, ...given({gitRevision: revision, initializeSubmodules}), ...place};
  }
  return localPath === undefined ? place : {localPath: files.absolute(localPath), ...place};
}

function flagOf(annotations: Annotations, name: string): boolean | undefined {
  const word = wordOf(annotations, name, ['true', 'false']);
  return word === undefined ? undefined : word === 'true';
}

function wordOf<W extends string>(annotations: Annotations, name: string, words: readonly W[]): W | undefined {
  const text = annotations[name];
  const word = words.find((one) => one === text);
  if (text === undefined || word !== undefined) return word;
  throw failure(`annotation ${name}: expected ${words.join(', ')}, got "${text}"`);
}

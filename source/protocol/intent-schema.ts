// The shapes of every intent, as the door checks them. What an intent means (does the builder exist?) is the controller's to say.
import {z} from 'zod';
import type {Intent} from './intent.ts';
import {buildNumber, filledText, plainText, resourceName} from './schema-words.ts';

const saveMode = z.enum(['create', 'patch', 'save']);
const builderKind = z.enum(['ClusterBuilder', 'Builder']);
const ofImage = {namespace: resourceName, name: resourceName};

const envVar = z.strictObject({
  name: filledText.refine((name) => !name.includes('='), 'expected a name without "="'),
  value: plainText,
});
const serviceRef = z.strictObject({kind: filledText, apiVersion: plainText.optional(), name: filledText});

const imageEdit = z.strictObject({
  tag: plainText.optional(),
  additionalTags: z.array(plainText).optional(),
  deleteAdditionalTags: z.array(plainText).optional(),
  replaceAdditionalTags: z.array(plainText).optional(),
  builder: z.strictObject({kind: builderKind, name: resourceName}).optional(),
  git: z.strictObject({url: plainText}).optional(),
  gitRevision: plainText.optional(),
  localPath: plainText.optional(),
  subPath: plainText.optional(),
  env: z.array(envVar).optional(),
  deleteEnv: z.array(plainText).optional(),
  services: z.array(serviceRef).optional(),
  deleteServices: z.array(plainText).optional(),
  cacheSize: plainText.optional(),
  serviceAccountName: plainText.optional(),
  successBuildHistoryLimit: z.int().optional(),
  failedBuildHistoryLimit: z.int().optional(),
  imageTaggingStrategy: z.enum(['BuildNumber', 'None']).optional(),
  projectDescriptorPath: plainText.optional(),
  defaultProcess: plainText.optional(),
  buildTimeout: z.number().optional(),
  creationTime: plainText.optional(),
  updatePolicy: z.enum(['auto', 'ask', 'stack-only']).optional(),
  export: z.enum(['layout', 'engine', 'registry']).optional(),
  resources: z.record(z.string(), z.unknown()).optional(),
  initializeSubmodules: z.boolean().optional(),
  paused: z.boolean().optional(),
});

/** It becomes an argument of an engine's command line: what looks like an option is none. */
const imageName = plainText.refine(
  (text) => !text.startsWith('-') && !/\s/.test(text),
  'expected a reference to an image',
);

const orderEntry = z.strictObject({id: filledText, version: plainText.optional(), optional: z.boolean().optional()});
const builderEdit = z.strictObject({
  tag: plainText.optional(),
  stack: plainText.optional(),
  store: plainText.optional(),
  order: z.array(z.strictObject({group: z.array(orderEntry)})).optional(),
  trusted: z.boolean().optional(),
  executor: z.enum(['embedded', 'container', 'auto']).optional(),
  engine: z.enum(['docker', 'podman', 'auto']).optional(),
  image: imageName.optional(),
  runImage: imageName.optional(),
  lifecycle: plainText.optional(),
  lifecycleImage: imageName.optional(),
});

const settings = z.strictObject({
  maxConcurrentBuilds: z.int().min(1).optional(),
  gitPollInterval: z.number().min(1).optional(),
  localPollInterval: z.number().min(1).optional(),
  stackPollInterval: z.number().min(1).optional(),
});

const patchId = z.string().regex(/^patch-\d{1,9}$/, 'a patch id such as patch-3');

/** How a patch is let loose on its fleet. */
const rollout = z.strictObject({
  wave: z.int().min(1).optional(),
  canary: z.array(plainText).optional(),
  maxFailures: z
    .union([z.strictObject({count: z.int().min(0)}), z.strictObject({share: z.number().min(0).max(1)})])
    .optional(),
});

const imageSave = z.strictObject({
  kind: z.literal('image.save'),
  mode: saveMode,
  ...ofImage,
  edit: imageEdit,
  whole: z.boolean().optional(),
  rollout: rollout.optional(),
});
const stackSave = z.strictObject({
  kind: z.literal('stack.save'),
  mode: saveMode,
  name: resourceName,
  buildImage: plainText.optional(),
  runImage: plainText.optional(),
  id: plainText.optional(),
  known: z.strictObject({buildImage: plainText, runImage: plainText}).optional(),
  follow: z.enum(['auto', 'ask', 'off']).optional(),
  rollout: rollout.optional(),
});
const storeSave = z.strictObject({
  kind: z.literal('store.save'),
  mode: z.enum([...saveMode.options, 'add', 'replace']),
  name: resourceName,
  buildpackages: z.array(plainText),
  rollout: rollout.optional(),
});
const lifecycleSave = z.strictObject({
  kind: z.literal('lifecycle.save'),
  mode: saveMode,
  name: resourceName,
  image: imageName.optional(),
  rollout: rollout.optional(),
});
const builderSave = z.strictObject({
  kind: z.literal('builder.save'),
  mode: saveMode,
  builderKind,
  namespace: resourceName.optional(),
  name: resourceName,
  edit: builderEdit,
  whole: z.boolean().optional(),
  rollout: rollout.optional(),
});

const imageIntents = [
  imageSave,
  z.strictObject({kind: z.literal('image.delete'), ...ofImage}),
  z.strictObject({kind: z.literal('image.trigger'), ...ofImage}),
  z.strictObject({kind: z.literal('image.pause'), ...ofImage}),
  z.strictObject({kind: z.literal('image.resume'), ...ofImage}),
  z.strictObject({kind: z.literal('image.refresh'), ...ofImage}),
  z.strictObject({
    kind: z.literal('build.cancel'),
    namespace: resourceName,
    image: resourceName,
    number: buildNumber.optional(),
  }),
] as const;

const catalogIntents = [
  stackSave,
  z.strictObject({kind: z.literal('stack.accept'), name: resourceName, rollout: rollout.optional()}),
  z.strictObject({kind: z.literal('stack.reject'), name: resourceName}),
  z.strictObject({kind: z.literal('stack.refresh'), name: resourceName}),
  z.strictObject({kind: z.literal('stack.delete'), name: resourceName}),
  storeSave,
  z.strictObject({
    kind: z.literal('store.remove'),
    name: resourceName,
    buildpacks: z.array(plainText),
    rollout: rollout.optional(),
  }),
  z.strictObject({kind: z.literal('store.delete'), name: resourceName}),
  lifecycleSave,
  z.strictObject({kind: z.literal('lifecycle.delete'), name: resourceName}),
  builderSave,
  z.strictObject({
    kind: z.literal('builder.delete'),
    builderKind,
    namespace: resourceName.optional(),
    name: resourceName,
  }),
] as const;

/** Every intent there is. */
export const intentSchema: z.ZodType<Intent> = z.discriminatedUnion('kind', [
  ...imageIntents,
  ...catalogIntents,
  z.strictObject({
    kind: z.literal('apply'),
    edits: z.array(z.discriminatedUnion('kind', [imageSave, stackSave, storeSave, lifecycleSave, builderSave])),
    places: z.array(plainText).optional(),
    rollout: rollout.optional(),
  }),
  z.strictObject({kind: z.literal('prune')}),
  z.strictObject({kind: z.literal('settings.change'), settings}),
  z.strictObject({kind: z.literal('patch.pause'), id: patchId}),
  z.strictObject({kind: z.literal('patch.resume'), id: patchId}),
  z.strictObject({kind: z.literal('patch.cancel'), id: patchId}),
  z.strictObject({kind: z.literal('patch.rollback'), id: patchId, rollout: rollout.optional()}),
  z.strictObject({kind: z.literal('workspace.prepare')}),
]);

// Applies an edit to an image as kp's create, patch and save do (kpack-cli `pkg/image/factory.go`, `update_factory.go`).
import {isAbsolute} from 'node:path';
import type {EnvVar, Image, ImageSpec, ServiceRef} from '../../domain/image.ts';
import {nameProblem} from '../../domain/resource-name.ts';
import type {ImageSource} from '../../domain/source.ts';
import {canonicalText} from '../../domain/canonical-text.ts';
import {parseRegistryReference} from '../../oci/reference.ts';
import type {ImageEdit} from '../../protocol/intent.ts';
import {Refusal} from '../refusal.ts';

/** A new image with kp's defaults; refused when tag or source are missing or contradict each other. */
export function newImage(namespace: string, name: string, edit: ImageEdit, now: number): Image {
  const problem = nameProblem(name) ?? nameProblem(namespace);
  if (problem) throw new Refusal('invalid', problem);
  if (!edit.tag) throw new Refusal('invalid', '--tag is required to create the resource');
  checkTags([edit.tag]);
  const blank = {...blankSpec, tag: edit.tag, source: newSource(edit)};
  return {namespace, name, generation: 1, createdAt: now, changedAt: now, paused: false, spec: editSpec(blank, edit)};
}

/** The image after the edit; the same object when nothing changed. The tag is immutable. */
export function editedImage(image: Image, edit: ImageEdit, now: number): Image {
  checkTag(image, edit);
  const spec = editSpec({...image.spec, source: editedSource(image.spec.source, edit)}, edit);
  if (JSON.stringify(spec) === JSON.stringify(image.spec)) return image;
  return {...image, spec, generation: image.generation + 1, changedAt: now};
}

/** The image that the edit alone describes, with Slipway's own fields and its cache kept; the same object when nothing changed. */
export function wholeImage(image: Image, edit: ImageEdit, now: number): Image {
  checkTag(image, edit);
  const {tag, cacheSize, updatePolicy, export: target} = image.spec;
  const kept = {...(cacheSize === undefined ? {} : {cacheSize}), updatePolicy, export: target};
  const spec = editSpec({...blankSpec, ...kept, tag, source: newSource(edit)}, edit);
  if (canonicalText(spec) === canonicalText(image.spec)) return image;
  return {...image, spec, generation: image.generation + 1, changedAt: now};
}

/** The tag is immutable (kpack `image_validation.go`). */
function checkTag(image: Image, edit: ImageEdit): void {
  if (edit.tag === undefined || edit.tag === image.spec.tag) return;
  throw new Refusal(
    'invalid',
    `the tag is immutable: it is "${image.spec.tag}"; create another image for "${edit.tag}"`,
  );
}

const blankSpec: Omit<ImageSpec, 'tag' | 'source'> = {
  additionalTags: [],
  builder: {kind: 'ClusterBuilder', name: 'default'},
  env: [],
  services: [],
  resources: {},
  serviceAccountName: 'default',
  successBuildHistoryLimit: 10,
  failedBuildHistoryLimit: 10,
  imageTaggingStrategy: 'BuildNumber',
  updatePolicy: 'auto',
};

function newSource({git, gitRevision, localPath, subPath, initializeSubmodules}: ImageEdit): ImageSource {
  const place = subPath ? {subPath} : {};
  const submodules = initializeSubmodules ? {initializeSubmodules} : {};
  if (git?.url && !localPath) {
    return {kind: 'git', url: git.url, revision: gitRevision ?? 'main', ...submodules, ...place};
  }
  if (!localPath || git?.url) {
    throw new Refusal('invalid', 'image source must be one of git, blob, or local-path');
  }
  if (gitRevision !== undefined) {
    throw new Refusal('invalid', 'git-revision is incompatible with blob and local path image sources');
  }
  if (!isAbsolute(localPath)) throw new Refusal('invalid', `local path must be absolute, got "${localPath}"`);
  return {kind: 'local', path: localPath, ...place};
}

function editedSource(source: ImageSource, edit: ImageEdit): ImageSource {
  const {subPath = source.subPath} = edit;
  if (edit.git || edit.localPath !== undefined) return newSource({...edit, subPath});
  if (edit.gitRevision !== undefined && source.kind !== 'git') {
    throw new Refusal('invalid', 'git-revision is incompatible with existing image source');
  }
  const revised =
    source.kind === 'git' && edit.gitRevision !== undefined ? {...source, revision: edit.gitRevision} : source;
  return edit.subPath === undefined ? revised : withSubPath(revised, edit.subPath);
}

function withSubPath(source: ImageSource, subPath: string): ImageSource {
  const {subPath: _, ...rest} = source;
  return subPath === '' ? rest : {...rest, subPath};
}

/** Fields that are set to what the edit says, with nothing to merge. */
const plainFields = [
  'builder',
  'cacheSize',
  'serviceAccountName',
  'successBuildHistoryLimit',
  'failedBuildHistoryLimit',
  'imageTaggingStrategy',
  'projectDescriptorPath',
  'defaultProcess',
  'buildTimeout',
  'creationTime',
  'updatePolicy',
  'export',
  'resources',
] as const;

function editSpec(spec: ImageSpec, edit: ImageEdit): ImageSpec {
  checkTags([...(edit.additionalTags ?? []), ...(edit.replaceAdditionalTags ?? [])]);
  checkLimits(edit);
  checkCacheSize(spec.cacheSize, edit.cacheSize);
  const plain = Object.fromEntries(
    plainFields.flatMap((field) => (edit[field] === undefined ? [] : [[field, edit[field]]])),
  );
  return {
    ...spec,
    ...(plain as Partial<ImageSpec>),
    additionalTags: editTags(spec, edit),
    env: editEnv(spec.env, edit),
    services: editServices(spec.services, edit),
  };
}

/** Every name an image is to get must be one. */
function checkTags(tags: readonly string[]): void {
  for (const tag of tags) {
    try {
      parseRegistryReference(tag);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Refusal(
        'invalid',
        `expected the tag to be an image's name like registry.example/team/app, got ${JSON.stringify(tag)}: ${why}`,
        {cause},
      );
    }
  }
}

function checkLimits({successBuildHistoryLimit, failedBuildHistoryLimit, buildTimeout, creationTime}: ImageEdit): void {
  for (const limit of [successBuildHistoryLimit, failedBuildHistoryLimit]) {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
      throw new Refusal('invalid', `must provide a valid build history limit > 0, got ${limit}`);
    }
  }
  if (buildTimeout !== undefined && !(buildTimeout > 0)) {
    throw new Refusal('invalid', `a build timeout must be more than 0 seconds, got ${buildTimeout}`);
  }
  if (creationTime !== undefined && !/^(now|\d*)$/.test(creationTime)) {
    throw new Refusal('invalid', `a creation time must be "now" or seconds since the epoch, got "${creationTime}"`);
  }
}

/** A cache may only grow (kpack `image_validation.go`). */
function checkCacheSize(before: string | undefined, after: string | undefined): void {
  if (after === undefined) return;
  const size = quantityBytes(after);
  if (size === undefined) throw new Refusal('invalid', 'invalid cache size, must be valid quantity ex. 2G');
  if (size === 0) throw new Refusal('invalid', 'cache size must be greater than 0');
  if (before !== undefined && size < (quantityBytes(before) ?? 0)) {
    throw new Refusal('invalid', `cache size cannot be decreased, current: ${before ?? '0'}, requested: ${after}`);
  }
}

const quantityUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
]);

function quantityBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text);
  const unit = quantityUnits.get(match?.[2] ?? '');
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

function editTags(spec: ImageSpec, edit: ImageEdit): readonly string[] {
  const {deleteAdditionalTags = [], replaceAdditionalTags, additionalTags = []} = edit;
  const unknown = deleteAdditionalTags.find((tag) => !spec.additionalTags.includes(tag));
  if (unknown !== undefined) {
    throw new Refusal(
      'invalid',
      `delete-additional-tag parameter '${unknown}' not found in existing image additional tags`,
    );
  }
  const both = deleteAdditionalTags.find((tag) => additionalTags.includes(tag));
  if (both !== undefined) {
    throw new Refusal('invalid', `duplicate delete-additional-tag and additional-tag parameter '${both}'`);
  }
  const kept = replaceAdditionalTags ?? spec.additionalTags.filter((tag) => !deleteAdditionalTags.includes(tag));
  const tags = [...new Set([...kept, ...additionalTags])];
  const foreign = tags.find((tag) => registryOf(tag) !== registryOf(spec.tag));
  if (foreign !== undefined) {
    throw new Refusal(
      'invalid',
      `all additionalTags must have the same registry as tag: "${foreign}" is not on "${registryOf(spec.tag)}"`,
    );
  }
  return tags;
}

function registryOf(tag: string): string {
  const [first = '', ...rest] = tag.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost ? first : 'docker.io';
}

function editEnv(before: readonly EnvVar[], {env = [], deleteEnv = []}: ImageEdit): readonly EnvVar[] {
  const unknown = deleteEnv.find((name) => !before.some((variable) => variable.name === name));
  if (unknown !== undefined) {
    throw new Refusal('invalid', `delete-env parameter '${unknown}' not found in existing image configuration`);
  }
  const both = deleteEnv.find((name) => env.some((variable) => variable.name === name));
  if (both !== undefined) throw new Refusal('invalid', `duplicate delete-env and env-var parameter '${both}'`);
  const bad = env.find(({name}) => !/^[^=\0/]+$/.test(name));
  if (bad) throw new Refusal('invalid', `env vars are improperly formatted: "${bad.name}" is no variable name`);
  // A map keeps the place of a variable that it has, appends a new one, and the last value given wins.
  const kept = before.filter(({name}) => !deleteEnv.includes(name));
  return [...new Map([...kept, ...env].map((variable) => [variable.name, variable])).values()];
}

function editServices(
  before: readonly ServiceRef[],
  {services = [], deleteServices = []}: ImageEdit,
): readonly ServiceRef[] {
  const unknown = deleteServices.find((name) => !before.some((service) => service.name === name));
  if (unknown !== undefined) {
    throw new Refusal(
      'invalid',
      `delete-service-binding parameter '${unknown}' not found in existing image configuration`,
    );
  }
  const kept = before.filter(({name}) => !deleteServices.includes(name));
  return [...kept.filter(({name}) => !services.some((service) => service.name === name)), ...services];
}

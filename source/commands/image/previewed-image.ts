// The manifest a dry run prints: the image as it would be, as far as the flags say.
import type {Image, ImageSpec} from '../../domain/image.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {ImageSource} from '../../domain/source.ts';
import type {ImageEdit} from '../client-types.ts';
import {imageManifest} from '../resources/image-resource.ts';

/** The existing image (or a new one) with the edit applied; the controller decides in the end. */
export function previewedImage(
  existing: Image | undefined,
  {namespace, name}: {readonly namespace: string; readonly name: string},
  edit: ImageEdit,
  now: number,
): PlainData {
  const generation = (existing?.generation ?? 0) + 1;
  const image: Image = {
    namespace,
    name,
    generation,
    createdAt: existing?.createdAt ?? now,
    changedAt: now,
    paused: existing?.paused ?? false,
    spec: editedSpec(existing?.spec, edit),
  };
  return imageManifest(image);
}

function editedSpec(before: ImageSpec | undefined, edit: ImageEdit): ImageSpec {
  const {additionalTags = [], deleteAdditionalTags = [], replaceAdditionalTags} = edit;
  const tags = replaceAdditionalTags ?? [...(before?.additionalTags ?? []), ...additionalTags];
  return {
    ...newSpec,
    ...before,
    ...fieldsOfSpec(edit),
    additionalTags: [...new Set(tags)].filter((tag) => !deleteAdditionalTags.includes(tag)),
    source: editedSource(before?.source, edit),
    env: byName(before?.env ?? [], edit.env ?? []).filter(({name}) => !edit.deleteEnv?.includes(name)),
    services: byName(before?.services ?? [], edit.services ?? []).filter(
      ({name}) => !edit.deleteServices?.includes(name),
    ),
  };
}

const lists = [
  'additionalTags',
  'deleteAdditionalTags',
  'replaceAdditionalTags',
  'env',
  'deleteEnv',
  'services',
  'deleteServices',
];
const sources = ['git', 'gitRevision', 'localPath', 'subPath'];

/** What the edit sets as the spec holds it; lists and source are edited, not set. */
function fieldsOfSpec(edit: ImageEdit): Partial<ImageSpec> {
  return Object.fromEntries(Object.entries(edit).filter(([name]) => ![...lists, ...sources].includes(name)));
}

/** An entry of the same name is replaced where it stands, others are added at the end. */
function byName<T extends {readonly name: string}>(before: readonly T[], edits: readonly T[]): readonly T[] {
  const kept = before.map((entry) => edits.findLast(({name}) => name === entry.name) ?? entry);
  const names = new Set(before.map(({name}) => name));
  return [...kept, ...edits.filter(({name}) => !names.has(name))];
}

function editedSource(before: ImageSource | undefined, edit: ImageEdit): ImageSource {
  const subPath = edit.subPath ?? before?.subPath;
  const rest = subPath === undefined || subPath === '' ? {} : {subPath};
  if (edit.localPath !== undefined) return {kind: 'local', path: edit.localPath, ...rest};
  const known = before?.kind === 'git' ? before : undefined;
  if (edit.git === undefined && before?.kind === 'local') return {kind: 'local', path: before.path, ...rest};
  const url = edit.git?.url ?? known?.url ?? '';
  const revision = edit.gitRevision ?? (edit.git === undefined ? known?.revision : undefined) ?? 'main';
  return {kind: 'git', url, revision, ...rest};
}

const newSpec: ImageSpec = {
  tag: '',
  additionalTags: [],
  builder: {kind: 'ClusterBuilder', name: 'default'},
  source: {kind: 'git', url: '', revision: 'main'},
  env: [],
  services: [],
  resources: {},
  serviceAccountName: 'default',
  successBuildHistoryLimit: 10,
  failedBuildHistoryLimit: 10,
  imageTaggingStrategy: 'BuildNumber',
  updatePolicy: 'auto',
};

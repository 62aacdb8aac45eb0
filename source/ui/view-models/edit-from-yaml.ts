// What an operator changed in the YAML of an image, as the fields to set. Only fields that an image can change are taken; a
// field that cannot be changed says so.
import type {Image} from '../../domain/image.ts';
import type {Intent} from '../client-types.ts';

type ImageEdit = Extract<Intent, {kind: 'image.save'}>['edit'];

export type EditedImage =
  | {readonly kind: 'same'}
  | {readonly kind: 'changed'; readonly edit: ImageEdit; readonly fields: readonly string[]};

/** The difference between the image and the edited resource. Throws with the field that is not as it should be. */
export function editFromYaml(image: Image, edited: unknown): EditedImage {
  const spec = mapAt(edited, 'spec');
  const changes = [
    ...fixed(image, edited),
    ...texts(image, spec),
    ...builderOf(image, spec),
    ...sourceOf(image, spec),
    ...envOf(image, spec),
  ];
  if (changes.length === 0) return {kind: 'same'};
  const edit = Object.assign({}, ...changes.map((change) => change.edit)) as ImageEdit;
  return {kind: 'changed', edit, fields: changes.map(({field}) => field)};
}

type Change = {readonly field: string; readonly edit: ImageEdit};
type Data = Readonly<Record<string, unknown>>;

function fixed({name, namespace, spec}: Image, edited: unknown): readonly Change[] {
  const metadata = mapAt(edited, 'metadata');
  if (metadata['name'] !== name || (metadata['namespace'] ?? namespace) !== namespace) {
    throw new Error(`metadata.name cannot be changed from ${namespace}/${name}; create another image instead`);
  }
  if (mapAt(edited, 'spec')['tag'] !== spec.tag) {
    throw new Error(
      `spec.tag cannot be changed from ${spec.tag}: as in kpack it is fixed; create another image instead`,
    );
  }
  return [];
}

const textFields = [
  'serviceAccountName',
  'imageTaggingStrategy',
  'projectDescriptorPath',
  'defaultProcess',
  'updatePolicy',
  'export',
] as const;
const numberFields = ['successBuildHistoryLimit', 'failedBuildHistoryLimit'] as const;

function texts({spec}: Image, data: Data): readonly Change[] {
  const asText = textFields.flatMap((field) => {
    const value = data[field];
    if (value === spec[field] || value === undefined) return [];
    if (typeof value !== 'string') throw new Error(`expected spec.${field} to be a text, got ${JSON.stringify(value)}`);
    return [{field, edit: {[field]: value}}];
  });
  const asNumber = numberFields.flatMap((field) => {
    const value = data[field];
    if (value === spec[field] || value === undefined) return [];
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw new Error(`expected spec.${field} to be a whole number, got ${JSON.stringify(value)}`);
    return [{field, edit: {[field]: value}}];
  });
  return [...asText, ...asNumber];
}

function builderOf({spec}: Image, data: Data): readonly Change[] {
  const {kind, name} = mapAt(data, 'builder', 'spec');
  if (kind === spec.builder.kind && name === spec.builder.name) return [];
  if ((kind !== 'Builder' && kind !== 'ClusterBuilder') || typeof name !== 'string') {
    throw new Error('expected spec.builder to have a kind (Builder or ClusterBuilder) and a name');
  }
  return [{field: 'builder', edit: {builder: {kind, name}}}];
}

function sourceOf({spec}: Image, data: Data): readonly Change[] {
  const source = mapAt(data, 'source', 'spec');
  const subPath = source['subPath'];
  const changes: Change[] = [];
  if (typeof subPath === 'string' && subPath !== spec.source.subPath) changes.push({field: 'subPath', edit: {subPath}});
  if (spec.source.kind === 'git') {
    const {url, revision} = mapAt(source, 'git', 'spec.source');
    if (typeof url === 'string' && url !== spec.source.url) changes.push({field: 'git url', edit: {git: {url}}});
    if (typeof revision === 'string' && revision !== spec.source.revision)
      changes.push({field: 'git revision', edit: {gitRevision: revision}});
  } else {
    const {path} = mapAt(source, 'local', 'spec.source');
    if (typeof path === 'string' && path !== spec.source.path) changes.push({field: 'path', edit: {localPath: path}});
  }
  return changes;
}

function envOf({spec}: Image, data: Data): readonly Change[] {
  const build = data['build'] === undefined ? {} : mapAt(data, 'build', 'spec');
  const list: unknown = build['env'] ?? [];
  if (!Array.isArray(list)) throw new Error('expected spec.build.env to be a list of names and values');
  const env = list.map((one: unknown, at) => {
    const {name, value} = asMap(one, `spec.build.env[${at}]`);
    if (typeof name !== 'string') throw new Error(`expected spec.build.env[${at}] to have a name`);
    return {name, value: typeof value === 'string' ? value : JSON.stringify(value)};
  });
  const changed = env.filter(({name, value}) => spec.env.find((one) => one.name === name)?.value !== value);
  const gone = spec.env.filter(({name}) => !env.some((one) => one.name === name)).map(({name}) => name);
  // Nothing is set and deleted in one intent, as in kp.
  return [
    ...(changed.length > 0 ? [{field: 'env', edit: {env: changed}}] : []),
    ...(gone.length > 0 ? [{field: 'env', edit: {deleteEnv: gone}}] : []),
  ];
}

function mapAt(data: unknown, field: string, parent = ''): Data {
  return asMap(
    asMap(data, parent === '' ? 'the resource' : parent)[field],
    parent === '' ? field : `${parent}.${field}`,
  );
}

function asMap(value: unknown, what: string): Data {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Data;
  throw new Error(`expected ${what} to be a map, got ${JSON.stringify(value) ?? 'nothing'}`);
}

// kp's dependency descriptor -> edits (kpack-cli `pkg/import/descriptor`: v1, v1alpha3 and v1alpha1).
import {z} from 'zod';
import {defaultLifecycleName} from '../../domain/lifecycle-resource.ts';
import {baseImageReference} from '../base-image-reference.ts';
import type {Edit} from '../client-types.ts';
import {failure} from '../command-error.ts';
import type {LocalFiles} from '../command-context.ts';
import {given, orderSchema} from './manifest-kind.ts';
import {shapeProblems} from './shape-problems.ts';
import {type YamlDocument, yamlDocuments} from './yaml-documents.ts';

export type Descriptor = {
  /** Lifecycles, stores, then stacks, then builders, each default one also under the name `default`, as kp makes them. */
  readonly edits: readonly Edit[];
  /** `deps.yaml:12` of each edit. */
  readonly places: readonly string[];
  /** What is left out, with its line. */
  readonly notes: readonly string[];
};

/** `tagOf` names a builder that has no tag yet. Throws a CommandError that names everything wrong with its line. */
export function readDescriptor(
  file: string,
  text: string,
  files: LocalFiles,
  tagOf: (name: string) => string | undefined,
): Descriptor {
  const read = yamlDocuments(file, text);
  if ('problem' in read) throw failure(read.problem);
  const [document, more] = read.documents;
  if (!document) throw failure(`${file}: expected a DependencyDescriptor, got nothing`);
  if (more) throw failure(`${more.place()}: expected one DependencyDescriptor, got a second document`);
  const descriptor = descriptorOf(document, file);
  const problems = nameProblems(descriptor, file);
  if (problems.length > 0) throw failure(problems.join('\n'));
  const edits = editsOf(descriptor, files, tagOf);
  return {edits, places: edits.map((edit) => placeOf(edit, document)), notes: leftOut(document)};
}

const image = z.strictObject({image: z.string().min(1)});
const named = z.strictObject({name: z.string().min(1), image: z.string().min(1)});
const store = z.strictObject({name: z.string().min(1), sources: z.array(image).min(1)});
const stack = z.strictObject({name: z.string().min(1), buildImage: image, runImage: image});
const head = {apiVersion: z.string(), kind: z.literal('DependencyDescriptor')};

const v1alpha1 = z.strictObject({
  ...head,
  defaultStack: z.string().optional(),
  defaultClusterBuilder: z.string().optional(),
  stores: z.array(store).nullish(),
  stacks: z.array(stack).nullish(),
  clusterBuilders: z
    .array(z.strictObject({name: z.string().min(1), stack: z.string(), store: z.string(), order: orderSchema}))
    .nullish(),
});
const newer = {
  ...head,
  defaultClusterStack: z.string().optional(),
  defaultClusterBuilder: z.string().optional(),
  clusterStores: z.array(store).nullish(),
  clusterStacks: z.array(stack).nullish(),
  clusterBuilders: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        clusterStack: z.string(),
        clusterStore: z.string().optional(),
        order: orderSchema,
      }),
    )
    .nullish(),
};
const v1alpha3 = z.strictObject({...newer, lifecycle: image.optional()});
const v1 = z.strictObject({
  ...newer,
  defaultClusterLifecycle: z.string().optional(),
  clusterLifecycles: z.array(named).nullish(),
  clusterBuildpacks: z.array(named).nullish(),
});
type Newest = z.infer<typeof v1>;

const apiVersions = ['kp.kpack.io/v1', 'kp.kpack.io/v1alpha3', 'kp.kpack.io/v1alpha1'];

function descriptorOf(document: YamlDocument, file: string): Newest {
  const {value} = document;
  const apiVersion: unknown = isMap(value) ? value['apiVersion'] : undefined;
  const check = <T>(parsed: z.ZodSafeParseResult<T>): T => {
    if (parsed.success) return parsed.data;
    throw failure(shapeProblems(parsed.error, document, 'DependencyDescriptor').join('\n'));
  };
  switch (apiVersion) {
    case 'kp.kpack.io/v1':
      return check(v1.safeParse(value));
    case 'kp.kpack.io/v1alpha3': {
      const {lifecycle, ...rest} = check(v1alpha3.safeParse(value));
      return lifecycle ? {...rest, clusterLifecycles: [{name: defaultLifecycleName, image: lifecycle.image}]} : rest;
    }
    case 'kp.kpack.io/v1alpha1': {
      const {defaultStack, stores, stacks, clusterBuilders, ...rest} = check(v1alpha1.safeParse(value));
      return {
        ...rest,
        ...given({defaultClusterStack: defaultStack}),
        clusterStores: stores,
        clusterStacks: stacks,
        clusterBuilders: clusterBuilders?.map(({stack: clusterStack, store: clusterStore, ...builder}) => ({
          ...builder,
          clusterStack,
          clusterStore,
        })),
      };
    }
    default:
      throw failure(
        `${document.place(['apiVersion'])}: did not find expected apiVersion, must be one of: ${apiVersions.join(', ')}; got ${JSON.stringify(apiVersion ?? null)} in ${file}`,
      );
  }
}

function nameProblems(descriptor: Newest, file: string): readonly string[] {
  const {clusterStores, clusterStacks, clusterBuilders, defaultClusterStack, defaultClusterBuilder} = descriptor;
  const {clusterLifecycles, defaultClusterLifecycle} = descriptor;
  const lists = [
    ['lifecycle', clusterLifecycles ?? [], defaultClusterLifecycle],
    ['store', clusterStores ?? [], undefined],
    ['stack', clusterStacks ?? [], defaultClusterStack],
    ['builder', clusterBuilders ?? [], defaultClusterBuilder],
  ] as const;
  return lists.flatMap(([what, list, wanted]) => {
    const names = list.map(({name}) => name);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    return [
      ...twice.map((name) => `${file}: duplicate ${what} name '${name}'`),
      ...(wanted && !names.includes(wanted) ? [`${file}: default cluster ${what} '${wanted}' not found`] : []),
    ];
  });
}

function editsOf(descriptor: Newest, files: LocalFiles, tagOf: (name: string) => string | undefined): readonly Edit[] {
  const {clusterStores, clusterStacks, clusterBuilders, defaultClusterStack, defaultClusterBuilder} = descriptor;
  const stores = (clusterStores ?? []).map(
    ({name, sources}): Edit => ({
      kind: 'store.save',
      mode: 'save',
      name,
      buildpackages: sources.map((source) => baseImageReference(source.image, files)),
    }),
  );
  const stacks = withDefault(clusterStacks ?? [], defaultClusterStack).map(
    ({name, buildImage, runImage}): Edit => ({
      kind: 'stack.save',
      mode: 'save',
      name,
      buildImage: baseImageReference(buildImage.image, files),
      runImage: baseImageReference(runImage.image, files),
    }),
  );
  const builders = withDefault(clusterBuilders ?? [], defaultClusterBuilder).map(
    ({name, clusterStack, clusterStore, order}): Edit => ({
      kind: 'builder.save',
      mode: 'save',
      builderKind: 'ClusterBuilder',
      name,
      edit: given({
        tag: tagOf(name),
        stack: clusterStack,
        store: clusterStore,
        order: order.map(({group}) => ({
          group: group.map(({id, version, optional}) => ({id, ...given({version, optional: optional || undefined})})),
        })),
      }),
    }),
  );
  return [...lifecyclesOf(descriptor, files), ...stores, ...stacks, ...builders];
}

/** The default one goes by kpack's name for it. */
function lifecyclesOf({clusterLifecycles, defaultClusterLifecycle}: Newest, files: LocalFiles): readonly Edit[] {
  return withDefault(clusterLifecycles ?? [], defaultClusterLifecycle, defaultLifecycleName).map(
    ({name, image: at}) => ({
      kind: 'lifecycle.save',
      mode: 'save',
      name,
      image: baseImageReference(at, files),
    }),
  );
}

/** The entry of that name, or the one that is the default; whichever name its version has for the list. */
function placeOf({kind, name}: Edit, {value, place}: YamlDocument): string {
  const root = isMap(value) ? value : {};
  const {lists, chosen} = fieldsOf(kind);
  const field = lists.find((one) => root[one] !== undefined && root[one] !== null);
  if (field === undefined) return place();
  const list = root[field];
  if (!Array.isArray(list)) return place([field]);
  const names = [name, ...chosen.map((one) => root[one])];
  const indexes = names.map((wanted) => list.findIndex((one: unknown) => isMap(one) && one['name'] === wanted));
  const index = indexes.find((at) => at >= 0);
  return place(index === undefined ? [field] : [field, index]);
}

function fieldsOf(kind: Edit['kind']): {readonly lists: readonly string[]; readonly chosen: readonly string[]} {
  switch (kind) {
    case 'store.save':
      return {lists: ['clusterStores', 'stores'], chosen: []};
    case 'stack.save':
      return {lists: ['clusterStacks', 'stacks'], chosen: ['defaultClusterStack', 'defaultStack']};
    case 'lifecycle.save':
      return {lists: ['clusterLifecycles', 'lifecycle'], chosen: ['defaultClusterLifecycle']};
    case 'builder.save':
      return {lists: ['clusterBuilders'], chosen: ['defaultClusterBuilder']};
    case 'image.save':
      return {lists: [], chosen: []};
    default:
      return kind satisfies never;
  }
}

function withDefault<T extends {readonly name: string}>(
  list: readonly T[],
  wanted: string | undefined,
  as = 'default',
): readonly T[] {
  const chosen = list.find(({name}) => name === wanted);
  return chosen && !list.some(({name}) => name === as) ? [...list, {...chosen, name: as}] : list;
}

function leftOut({value, place}: YamlDocument): readonly string[] {
  const fields = {
    clusterBuildpacks: 'buildpacks come from a ClusterStore in this version of slipway',
  };
  return Object.entries(fields).flatMap(([field, why]) =>
    isMap(value) && value[field] !== undefined && value[field] !== null
      ? [`${place([field])}: ${field} is left out: ${why}`]
      : [],
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

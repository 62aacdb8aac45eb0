// Intents about builders. Whether one is ready is derived from its stack and buildpack store, so nothing is looked up here.
import {builderKey, type Builder, type BuilderSpec} from '../../domain/builder.ts';
import {canonicalText} from '../../domain/canonical-text.ts';
import type {Event} from '../../domain/event.ts';
import {nameProblem} from '../../domain/resource-name.ts';
import type {BuilderEdit, Intent} from '../../protocol/intent.ts';
import type {State} from '../../state/state.ts';
import {Refusal} from '../refusal.ts';
import {checkMode} from './image-intents.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;

/** Creates or changes a builder; no events when it already is as asked. */
export function saveBuilder(intent: Of<'builder.save'>, state: State, now: number): readonly Event[] {
  const {builderKind: kind, name, edit, mode, whole = false} = intent;
  const namespace = kind === 'Builder' ? (intent.namespace ?? 'default') : undefined;
  const problem = nameProblem(name) ?? nameProblem(namespace ?? 'default');
  if (problem) throw new Refusal('invalid', problem);
  const before = state.builders[builderKey(kind, name, namespace)];
  checkMode(mode, before !== undefined, `${resourceName(kind)} "${name}"`);
  const spec = editSpec(before ? (whole ? blankFor(before.spec) : before.spec) : blankSpec, edit);
  checkOrder(spec);
  if (before && canonicalText(before.spec) === canonicalText(spec)) return [];
  const builder: Builder = {
    kind,
    ...(namespace === undefined ? {} : {namespace}),
    name,
    generation: (before?.generation ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    changedAt: now,
    spec,
  };
  return [{kind: 'builder.saved', at: now, builder}];
}

/** Images that still name it are said: they would be held. */
export function deleteBuilder(intent: Of<'builder.delete'>, state: State, now: number): readonly Event[] {
  const {builderKind, name} = intent;
  const key = builderKey(builderKind, name, intent.namespace);
  if (!state.builders[key]) throw new Refusal('not-found', `${resourceName(builderKind)} "${name}" not found`);
  return [{kind: 'builder.deleted', at: now, key}];
}

const blankSpec: BuilderSpec = {stack: 'default', order: [], trusted: false, executor: 'embedded'};

/** What kpack does not know stays. */
function blankFor({trusted, executor}: BuilderSpec): BuilderSpec {
  return {...blankSpec, trusted, executor};
}

function editSpec(spec: BuilderSpec, edit: BuilderEdit): BuilderSpec {
  const given = Object.entries(edit).filter(([, value]) => value !== undefined);
  return {...spec, ...Object.fromEntries(given)};
}

function checkOrder({order}: BuilderSpec): void {
  if (order.length === 0 || order.some(({group}) => group.length === 0)) {
    throw new Refusal(
      'invalid',
      'a builder needs an order with at least one buildpack in each group; give --order FILE or --buildpack ID',
    );
  }
}

function resourceName(kind: Builder['kind']): string {
  return kind === 'ClusterBuilder' ? 'clusterbuilders.kpack.io' : 'builders.kpack.io';
}

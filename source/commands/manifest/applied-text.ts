// What became of a resource that was applied, in kp's words for that kind.
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {Applied, IntentResult} from '../client-types.ts';
import {planData} from '../outlook-table.ts';

/** `ClusterStack "base" updated (no change)` */
export function appliedText({kind, name, effect}: Applied): string {
  const what = kind === 'Image' ? `Image Resource "${name}"` : `${kind} "${name}"`;
  if (effect === 'created') return `${what} created`;
  const word = updatedKinds.has(kind) ? 'updated' : 'patched';
  return effect === 'changed' ? `${what} ${word}` : `${what} ${word} (no change)`;
}

const updatedKinds: ReadonlySet<string> = new Set(['ClusterStack', 'ClusterStore', 'ClusterLifecycle']);

/** The same for programs, with the plan. */
export function appliedData(result: IntentResult): PlainData {
  const patchPlan = planData(result.outlook);
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Applied',
    resources: (result.applied ?? []).map(({kind, namespace, name, effect}) => ({kind, namespace, name, effect})),
    patch: result.patch,
    patchPlan,
  };
}

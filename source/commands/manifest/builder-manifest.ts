// ClusterBuilder and Builder as kpack writes them, with Slipway's fields in annotations or in the spec.
import {z} from 'zod';
import type {BuilderKind, ExecutorKind} from '../../domain/builder.ts';
import {defaultNamespace} from '../../domain/resource-name.ts';
import {failure} from '../command-error.ts';
import {given, manifestKind, manifestSchema, orderSchema, ownAnnotations, referenceSchema} from './manifest-kind.ts';

const schema = manifestSchema(
  z.strictObject({
    tag: z.string().optional(),
    stack: referenceSchema,
    store: referenceSchema.optional(),
    order: orderSchema.min(1),
    serviceAccountRef: z.unknown().optional(),
    serviceAccountName: z.unknown().optional(),
    serviceAccount: z.unknown().optional(),
    trusted: z.boolean().optional(),
    executor: z.enum(['embedded', 'container']).optional(),
  }),
);

const notPushed = 'builders here are never pushed';

export const clusterBuilderManifest = builderManifest('ClusterBuilder');
export const builderOfNamespaceManifest = builderManifest('Builder');

function builderManifest(kind: BuilderKind) {
  return manifestKind({
    kind,
    schema,
    withoutEffect: {
      'spec.serviceAccountName': notPushed,
      'spec.serviceAccount': notPushed,
    },
    edit: ({metadata, spec}) => {
      const {annotations = {}, name} = metadata;
      const trusted = annotations[ownAnnotations.trusted];
      return {
        kind: 'builder.save',
        mode: 'save',
        builderKind: kind,
        ...(kind === 'Builder' ? {namespace: metadata.namespace ?? defaultNamespace} : {}),
        name,
        whole: true,
        edit: given({
          tag: annotations[ownAnnotations.untagged] === 'true' ? undefined : spec.tag,
          stack: spec.stack.name,
          store: spec.store?.name,
          order: spec.order.map(({group}) => ({
            group: group.map(({id, version, optional}) => ({
              id,
              ...(version === undefined ? {} : {version}),
              ...(optional ? {optional} : {}),
            })),
          })),
          trusted: spec.trusted ?? (trusted === undefined ? undefined : trusted === 'true'),
          executor: spec.executor ?? executorOf(annotations[ownAnnotations.executor]),
        }),
      };
    },
  });
}

function executorOf(text: string | undefined): ExecutorKind | undefined {
  if (text === undefined || text === 'embedded' || text === 'container') return text;
  throw failure(`annotation ${ownAnnotations.executor}: expected embedded or container, got "${text}"`);
}

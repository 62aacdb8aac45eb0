// ClusterBuilder and Builder as kpack writes them, with Slipway's fields in annotations or in the spec.
import {z} from 'zod';
import type {BuilderKind, ExecutorKind} from '../../domain/builder.ts';
import type {EngineKind} from '../../domain/engine.ts';
import {defaultNamespace} from '../../domain/resource-name.ts';
import {failure} from '../command-error.ts';
import {given, manifestKind, manifestSchema, orderSchema, referenceSchema} from './manifest-kind.ts';
import {ownAnnotations} from './own-annotations.ts';

const engineKinds: readonly EngineKind[] = ['docker', 'podman'];
const engineWord = z.enum(engineKinds);

const schema = manifestSchema(
  z.strictObject({
    tag: z.string().optional(),
    stack: referenceSchema.optional(),
    store: referenceSchema.optional(),
    lifecycle: referenceSchema.optional(),
    order: orderSchema.min(1).optional(),
    image: z.string().optional(),
    runImage: z.string().optional(),
    lifecycleImage: z.string().optional(),
    engine: engineWord.optional(),
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
          stack: spec.stack?.name,
          store: spec.store?.name,
          lifecycle: spec.lifecycle?.name,
          image: spec.image ?? annotations[ownAnnotations.builderImage],
          runImage: spec.runImage ?? annotations[ownAnnotations.runImage],
          lifecycleImage: spec.lifecycleImage ?? annotations[ownAnnotations.lifecycleImage],
          engine: spec.engine ?? engineOf(annotations[ownAnnotations.engine]),
          order: spec.order?.map(({group}) => ({
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

function engineOf(text: string | undefined): EngineKind | undefined {
  const word = engineKinds.find((one) => one === text);
  if (text === undefined || word !== undefined) return word;
  throw failure(`annotation ${ownAnnotations.engine}: expected ${engineKinds.join(', ')}, got "${text}"`);
}

function executorOf(text: string | undefined): ExecutorKind | undefined {
  if (text === undefined || text === 'embedded' || text === 'container') return text;
  throw failure(`annotation ${ownAnnotations.executor}: expected embedded or container, got "${text}"`);
}

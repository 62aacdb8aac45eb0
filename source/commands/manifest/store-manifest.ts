// ClusterStore as kpack writes it: these sources and no others.
import {z} from 'zod';
import {baseImageReference} from '../base-image-reference.ts';
import {manifestKind, manifestSchema} from './manifest-kind.ts';

export const storeManifest = manifestKind({
  kind: 'ClusterStore',
  schema: manifestSchema(
    z.strictObject({
      sources: z.array(z.strictObject({image: z.string().min(1)})).min(1),
      serviceAccountRef: z.unknown().optional(),
    }),
  ),
  withoutEffect: {'spec.serviceAccountRef': "the credentials are this machine's own"},
  edit: ({metadata, spec}, files) => ({
    kind: 'store.save',
    mode: 'replace',
    name: metadata.name,
    buildpackages: spec.sources.map(({image}) => baseImageReference(image, files)),
  }),
});

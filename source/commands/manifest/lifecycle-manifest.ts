// ClusterLifecycle as kpack writes it.
import {z} from 'zod';
import {baseImageReference} from '../base-image-reference.ts';
import {manifestKind, manifestSchema} from './manifest-kind.ts';

export const lifecycleManifest = manifestKind({
  kind: 'ClusterLifecycle',
  schema: manifestSchema(z.strictObject({image: z.string().min(1), serviceAccountRef: z.unknown().optional()})),
  withoutEffect: {'spec.serviceAccountRef': "the credentials are this machine's own"},
  edit: ({metadata, spec}, files) => ({
    kind: 'lifecycle.save',
    mode: 'save',
    name: metadata.name,
    image: baseImageReference(spec.image, files),
  }),
});

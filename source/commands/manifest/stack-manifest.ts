// ClusterStack as kpack writes it (v1alpha1 and v1alpha2 are alike).
import {z} from 'zod';
import {baseImageReference} from '../base-image-reference.ts';
import {manifestKind, manifestSchema} from './manifest-kind.ts';

const image = z.strictObject({image: z.string().min(1)});

export const stackManifest = manifestKind({
  kind: 'ClusterStack',
  schema: manifestSchema(
    z.strictObject({
      id: z.string().optional(),
      buildImage: image,
      runImage: image,
      serviceAccountRef: z.unknown().optional(),
    }),
  ),
  withoutEffect: {'spec.serviceAccountRef': "the credentials are this machine's own"},
  edit: ({metadata, spec}, files) => ({
    kind: 'stack.save',
    mode: 'save',
    name: metadata.name,
    buildImage: baseImageReference(spec.buildImage.image, files),
    runImage: baseImageReference(spec.runImage.image, files),
    ...(spec.id === undefined ? {} : {id: spec.id}),
  }),
});

// ClusterStack as kpack writes it (v1alpha1 and v1alpha2 are alike).
import {z} from 'zod';
import {baseImageReference} from '../base-image-reference.ts';
import {failure} from '../command-error.ts';
import {given, manifestKind, manifestSchema, ownAnnotations} from './manifest-kind.ts';

const image = z.strictObject({image: z.string().min(1)});

export const stackManifest = manifestKind({
  kind: 'ClusterStack',
  schema: manifestSchema(
    z.strictObject({
      id: z.string().optional(),
      buildImage: image,
      runImage: image,
      serviceAccountRef: z.unknown().optional(),
      follow: z.string().optional(),
    }),
  ),
  withoutEffect: {'spec.serviceAccountRef': "the credentials are this machine's own"},
  edit: ({metadata: {name, annotations = {}}, spec}, files) => ({
    kind: 'stack.save',
    mode: 'save',
    name,
    ...given({known: knownDigests(annotations), follow: followOf(spec.follow ?? annotations[ownAnnotations.follow])}),
    buildImage: baseImageReference(spec.buildImage.image, files),
    runImage: baseImageReference(spec.runImage.image, files),
    ...(spec.id === undefined ? {} : {id: spec.id}),
  }),
});

function knownDigests(annotations: Readonly<Record<string, string>>) {
  const buildImage = annotations[ownAnnotations.buildDigest];
  const runImage = annotations[ownAnnotations.runDigest];
  return buildImage === undefined || runImage === undefined ? undefined : {buildImage, runImage};
}

function followOf(text: string | undefined): 'auto' | 'ask' | 'off' | undefined {
  if (text === undefined || text === 'auto' || text === 'ask' || text === 'off') return text;
  throw failure(`${ownAnnotations.follow}: expected auto, ask or off, got "${text}"`);
}

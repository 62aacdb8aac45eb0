// ClusterStack as kpack writes it (v1alpha1 and v1alpha2 are alike).
import {z} from 'zod';
import {baseImageReference} from '../base-image-reference.ts';
import type {Rollout} from '../../domain/rollout.ts';
import {failure} from '../command-error.ts';
import {given, manifestKind, manifestSchema} from './manifest-kind.ts';
import {ownAnnotations} from './own-annotations.ts';

const rolloutSchema = z.strictObject({
  wave: z.int().min(1).optional(),
  canary: z.array(z.string().min(1)).optional(),
  maxFailures: z
    .union([z.strictObject({count: z.int().min(0)}), z.strictObject({share: z.number().min(0).max(1)})])
    .optional(),
});

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
      followRollout: rolloutSchema.optional(),
    }),
  ),
  withoutEffect: {'spec.serviceAccountRef': "the credentials are this machine's own"},
  edit: ({metadata: {name, annotations = {}}, spec}, files) => ({
    kind: 'stack.save',
    mode: 'save',
    name,
    ...given({known: knownDigests(annotations), follow: followOf(spec.follow ?? annotations[ownAnnotations.follow])}),
    ...given({rollout: rolloutOf(spec.followRollout ?? annotations[ownAnnotations.followRollout])}),
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

/** As the resource has it, or as the text of an annotation. */
function rolloutOf(wanted: z.infer<typeof rolloutSchema> | string | undefined): Rollout | undefined {
  if (wanted === undefined) return undefined;
  const parsed = rolloutSchema.safeParse(typeof wanted === 'string' ? jsonOf(wanted) : wanted);
  if (parsed.success) {
    const {wave, canary, maxFailures} = parsed.data;
    return given({wave, canary, maxFailures});
  }
  throw failure(
    `${ownAnnotations.followRollout}: expected JSON such as {"wave":5,"canary":["web"],"maxFailures":{"count":1}}, got ${JSON.stringify(wanted)}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

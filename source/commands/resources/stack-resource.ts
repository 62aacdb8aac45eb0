// A stack in kpack's shape (kpack.io/v1alpha2 ClusterStack).
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {Rollout} from '../../domain/rollout.ts';
import type {BaseImage, Stack, StackWatch} from '../../domain/stack.ts';
import {atDigest} from '../image-reference.ts';
import {timestamp} from '../time-text.ts';

/** The resource with its status; `patched` says how many of its images stand on its run image. */
export function stackResource(
  {name, generation, createdAt, spec, pinnedBy, resolved}: Stack,
  patched?: {readonly images: number; readonly patched: number},
  watch?: StackWatch,
): PlainData {
  return {
    apiVersion: 'kpack.io/v1alpha2',
    kind: 'ClusterStack',
    metadata: {name, generation, creationTimestamp: timestamp(createdAt)},
    spec: {
      id: spec.id,
      buildImage: {image: spec.buildImage},
      runImage: {image: spec.runImage},
      follow: spec.follow,
      followRollout: spec.followRollout && rolloutData(spec.followRollout),
    },
    status: {
      observedGeneration: generation,
      conditions: [{type: 'Ready', status: 'True'}],
      id: spec.id,
      buildImage: baseData(resolved.buildImage),
      runImage: baseData(resolved.runImage),
      mixins: resolved.mixins,
      userId: resolved.userId,
      groupId: resolved.groupId,
      pinnedBy,
      proposal: watch?.proposal && {...watch.proposal, at: timestamp(watch.proposal.at)},
      rejected: watch?.rejected && {...watch.rejected},
      problem: watch?.problem,
      ...(patched ? {patched: {...patched}} : {}),
    },
  };
}

/** A rollout as manifests and resources write it. */
export function rolloutData({wave, canary, maxFailures}: Rollout): PlainData {
  return {wave, canary, maxFailures: maxFailures && {...maxFailures}};
}

function baseData(base: BaseImage): PlainData {
  return {image: base.image, latestImage: atDigest(base.name, base.digest)};
}

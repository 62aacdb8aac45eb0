// The annotations of manifests that mean something to Slipway.

/** Slipway's own fields go into annotations, so that a cluster takes the manifest too. */
export const ownAnnotations = {
  updatePolicy: 'slipway.dev/update-policy',
  export: 'slipway.dev/export',
  paused: 'slipway.dev/paused',
  localPath: 'slipway.dev/local-path',
  trusted: 'slipway.dev/trusted',
  executor: 'slipway.dev/executor',
  engine: 'slipway.dev/engine',
  builderImage: 'slipway.dev/builder-image',
  runImage: 'slipway.dev/run-image',
  lifecycleImage: 'slipway.dev/lifecycle-image',
  untagged: 'slipway.dev/untagged',
  follow: 'slipway.dev/follow',
  followRollout: 'slipway.dev/follow-rollout',
  buildDigest: 'slipway.dev/build-image-digest',
  runDigest: 'slipway.dev/run-image-digest',
} as const;

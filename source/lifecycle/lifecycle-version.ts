/** The embedded lifecycle's own version, recorded in every image it makes. Raised only when the bytes it produces change. */
export const lifecycleVersion = '0.1.0';

/** Where the embedded launcher comes from, for the label io.buildpacks.build.metadata. */
export const lifecycleRepository = 'slipway';

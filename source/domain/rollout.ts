// How a patch is let loose on its fleet: in waves, canaries first, up to so many failures.

/** How a patch is let loose on its fleet. */
export type Rollout = {
  /** Members at once per wave; absent means one wave for all. */
  readonly wave?: number;
  /** Names (`name` or `namespace/name`) that make a first wave of their own. */
  readonly canary?: readonly string[];
  /** Stop when more members than this failed: a number of them, or a share of all that run something (0 to 1). */
  readonly maxFailures?: {readonly count: number} | {readonly share: number};
};

// The parts of `-o json` answers that the tests look at.

export type BuildResource = {
  readonly metadata: {readonly name: string; readonly labels: Readonly<Record<string, string>>};
  readonly status: {
    readonly conditions: readonly {readonly type: string; readonly status: string; readonly reason?: string}[];
    readonly latestImage?: string;
    readonly strategy: 'build' | 'rebase';
    readonly attempts: number;
    readonly phases: readonly {readonly name: string; readonly state: string; readonly exitCode?: number}[];
    readonly changes: readonly {readonly reason: string; readonly old: unknown; readonly new: unknown}[];
    readonly startedAt: string;
    readonly finishedAt?: string;
  };
};

export type BuildList = {readonly apiVersion: string; readonly kind: 'List'; readonly items: readonly BuildResource[]};

export type ImageResource = {
  readonly apiVersion: string;
  readonly kind: 'Image';
  readonly metadata: {readonly name: string; readonly namespace: string; readonly generation: number};
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: {
    readonly latestImage?: string;
    readonly latestBuildReason?: string;
    readonly buildCounter: number;
    readonly state: string;
    readonly hold?: {readonly kind: string; readonly message: string};
  };
};

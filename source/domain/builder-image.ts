// A ready-made builder image as it was found to be: everything that decisions and builds read of it, so that nothing is looked up again.
import type {OrderGroup} from './buildpack.ts';
import type {BuildpackRef} from './buildpack.ts';
import type {Stack} from './stack.ts';

export type FoundBuilderImage = {
  /** When it was looked up (milliseconds since the epoch). */
  readonly at: number;
  /** Its id in the engine's store. */
  readonly id: string;
  /** `name@sha256:…` where a registry can give it again; absent when only the engine has it. */
  readonly pinned?: string;
  readonly buildpacks: readonly BuildpackRef[];
  /** Since when its list of buildpacks is what it is. */
  readonly buildpacksSince: number;
  readonly order: readonly OrderGroup[];
  readonly lifecycle: {readonly version: string; readonly since: number; readonly platformApis: readonly string[]};
  readonly stackId: string;
  readonly mixins: readonly string[];
  readonly userId: number;
  readonly groupId: number;
  /** The run image of its metadata or the one the builder asks for; absent when the builder names a stack. */
  readonly base?: Pick<Stack['resolved'], 'at' | 'runImage' | 'target' | 'runnable'>;
};

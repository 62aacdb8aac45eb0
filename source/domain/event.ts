// Everything that can happen, in the past tense. Events are durable; the reducer is the only reader that changes the state.
import type {BuildInputs, BuildRef, BuildResult, BuildStrategy} from './build.ts';
import type {Builder} from './builder.ts';
import type {BuildpackRef} from './buildpack.ts';
import type {BuildpackStore} from './buildpack-store.ts';
import type {Change} from './change.ts';
import type {EngineStatement} from './engine.ts';
import type {BuildFailure} from './failure.ts';
import type {Image} from './image.ts';
import type {LifecycleResource} from './lifecycle-resource.ts';
import type {Patch, PatchOutcome} from './patch.ts';
import type {PhaseName} from './phase.ts';
import type {ResolvedSource} from './source.ts';
import type {BaseDigests, Stack} from './stack.ts';

/** `at` is milliseconds since the epoch, given by the edge that observed it. */
type At = {readonly at: number};
type OfImage = {readonly namespace: string; readonly name: string};

export type Settings = {
  /** Builds at once (rebases not counted); at least 1. */
  readonly maxConcurrentBuilds: number;
  /** Milliseconds between two looks at a git branch or tag. */
  readonly gitPollInterval: number;
  /** Milliseconds between two scans of a local directory. */
  readonly localPollInterval: number;
  /** Milliseconds between two looks at the tags of a stack that follows them; without it five minutes. */
  readonly stackPollInterval?: number;
};

export type ImageEvent =
  | (At & {readonly kind: 'image.saved'; readonly image: Image})
  | (At & OfImage & {readonly kind: 'image.deleted'})
  | (At & OfImage & {readonly kind: 'image.triggered'; readonly message: string})
  | (At & OfImage & {readonly kind: 'image.paused'})
  | (At & OfImage & {readonly kind: 'image.resumed'})
  | (At & OfImage & {readonly kind: 'source.resolved'; readonly generation: number; readonly source: ResolvedSource})
  | (At & OfImage & {readonly kind: 'source.failed'; readonly generation: number; readonly message: string});

export type CatalogEvent =
  /** `followed`: because its tags moved, not because somebody changed its spec. */
  | (At & {readonly kind: 'stack.saved'; readonly stack: Stack; readonly followed?: boolean})
  | (At & {readonly kind: 'stack.deleted'; readonly name: string})
  | (At & {readonly kind: 'store.saved'; readonly store: BuildpackStore})
  | (At & {readonly kind: 'store.deleted'; readonly name: string})
  | (At & {readonly kind: 'lifecycle.saved'; readonly lifecycle: LifecycleResource})
  | (At & {readonly kind: 'lifecycle.deleted'; readonly name: string})
  | (At & {readonly kind: 'builder.saved'; readonly builder: Builder})
  | (At & {readonly kind: 'builder.deleted'; readonly key: string});

/** What looking at the tags of a stack found; of a look that finds what is known already there is no event. */
export type StackWatchEvent =
  | (At & {readonly kind: 'stack.tag-moved'; readonly name: string; readonly to: BaseDigests; readonly hold?: string})
  /** The tags point to where the stack is, or could be read again. */
  | (At & {readonly kind: 'stack.tag-settled'; readonly name: string})
  | (At & {readonly kind: 'stack.look-failed'; readonly name: string; readonly message: string})
  | (At & {readonly kind: 'stack.proposal-rejected'; readonly name: string});

export type BuildEvent =
  | (At &
      BuildRef & {
        readonly kind: 'build.started';
        readonly attempt: number;
        readonly strategy: BuildStrategy;
        readonly changes: readonly Change[];
        readonly inputs: BuildInputs;
        readonly phases: readonly PhaseName[];
      })
  | (At & BuildRef & {readonly kind: 'build.remarked'; readonly remark: string})
  | (At & BuildRef & {readonly kind: 'phase.started'; readonly phase: PhaseName})
  | (At &
      BuildRef & {
        readonly kind: 'phase.finished';
        readonly phase: PhaseName;
        readonly state: 'succeeded' | 'failed' | 'skipped' | 'cancelled';
        readonly exitCode?: number;
        readonly note?: string;
      })
  | (At & BuildRef & {readonly kind: 'buildpacks.detected'; readonly buildpacks: readonly BuildpackRef[]})
  | (At &
      BuildRef & {
        readonly kind: 'buildpack.started';
        readonly buildpack: BuildpackRef;
        readonly index: number;
        readonly of: number;
      })
  | (At & BuildRef & {readonly kind: 'buildpack.finished'; readonly buildpack: BuildpackRef})
  | (At &
      BuildRef & {
        readonly kind: 'layer.recorded';
        readonly what: 'restored' | 'reused' | 'added' | 'cached';
        readonly layer: string;
        readonly size?: number;
      })
  | (At & BuildRef & {readonly kind: 'cancel.requested'})
  | (At & BuildRef & {readonly kind: 'build.succeeded'; readonly result: BuildResult})
  | (At & BuildRef & {readonly kind: 'build.failed'; readonly failure: BuildFailure})
  | (At & BuildRef & {readonly kind: 'build.cancelled'})
  /** The controller that ran it is gone; the same number runs again as its next attempt. */
  | (At & BuildRef & {readonly kind: 'build.interrupted'})
  | (At & BuildRef & {readonly kind: 'build.pruned'});

export type ControllerEvent =
  | (At & {
      readonly kind: 'controller.started';
      readonly version: string;
      /** Version of the embedded lifecycle: raised only when the bytes it produces change. */
      readonly lifecycleVersion: string;
      readonly sandbox: SandboxStatement;
    })
  /** Engines were looked for, and something is otherwise than before. */
  | (At & {readonly kind: 'engines.found'; readonly engines: readonly EngineStatement[]})
  | (At & {readonly kind: 'settings.changed'; readonly settings: Settings});

/** What kind of private root builds get on this machine, said plainly. */
export type SandboxStatement =
  | {readonly kind: 'private-root'; readonly as: 'root' | 'user'}
  | {readonly kind: 'host-paths'; readonly why: string};

export type PatchEvent =
  /** Recorded with the change itself, in one piece. */
  | (At & {readonly kind: 'patch.opened'; readonly patch: Patch})
  | (At & {readonly kind: 'patch.wave-opened'; readonly id: string; readonly wave: number})
  | (At & {readonly kind: 'patch.paused'; readonly id: string})
  | (At & {readonly kind: 'patch.resumed'; readonly id: string})
  | (At & {
      readonly kind: 'patch.closed';
      readonly id: string;
      readonly state: 'succeeded' | 'failed' | 'cancelled' | 'stopped';
      readonly report: Readonly<Record<string, PatchOutcome>>;
      readonly note?: string;
    });

export type Event = ImageEvent | CatalogEvent | StackWatchEvent | BuildEvent | PatchEvent | ControllerEvent;

/** An event with its place in the one order of things. Sequence numbers start at 1 and have no gaps. */
export type RecordedEvent = {readonly sequence: number; readonly event: Event};

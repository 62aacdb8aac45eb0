// The decision about one image: build, rebase, up to date, or hold and why. Pure; the truth table of the product.
// Follows kpack's `isBuildRequired` and `rebasable`, with Slipway's deviations (docs/decisions.md).
import {carries, newestSourceBuild, newestSuccess, openBuild, repeatedChange} from './baselines.ts';
import type {Build} from './build.ts';
import {executorText} from './builder.ts';
import {isUserMade, reasonText} from './change.ts';
import type {Decision, DueChange} from './decision.ts';
import type {Hold, HoldKind} from './hold.ts';
import type {Image} from './image.ts';
import {buildpackChange} from './reasons/buildpack.ts';
import {commitChange} from './reasons/commit.ts';
import {buildConfigOf, configChange} from './reasons/config.ts';
import {lifecycleChange} from './reasons/lifecycle.ts';
import {stackChange} from './reasons/stack.ts';
import {triggerChange} from './reasons/trigger.ts';
import type {ReadyBuilder, ResolvedBuilder} from './resolve-builder.ts';
import type {ResolvedSource} from './source.ts';

/** Everything the decision looks at; there is no hidden input. */
export type DecisionInputs = {
  readonly image: Image;
  /** Undefined when the builder that the image names does not exist. */
  readonly builder: ResolvedBuilder | undefined;
  /** The source as resolved for the image's spec as it is now, or why it is not. */
  readonly source: SourceOutcome;
  /** Kept builds by ascending number. */
  readonly builds: readonly Build[];
  readonly trigger?: {readonly at: number; readonly message: string};
  /** The embedded one; a builder of the container executor brings its own. */
  readonly lifecycle: {readonly version: string; readonly since: number};
  /** Why the executor cannot run this builder here, when it cannot. */
  readonly executorProblem?: string;
  /** Why a patch keeps the image from following for now: its wave, a pause, a refused check. */
  readonly patchHold?: string;
};

export type SourceOutcome =
  | {readonly kind: 'resolved'; readonly source: ResolvedSource; readonly since: number}
  | {readonly kind: 'waiting'}
  | {readonly kind: 'failed'; readonly problem: string};

/** Decides what is to be done about the image now. */
export function decideBuild(inputs: DecisionInputs): Decision {
  const open = openBuild(inputs.builds);
  if (open?.state === 'running') return {kind: 'running', number: open.number};
  const {builder, image} = inputs;
  if (!builder) {
    const {kind, name} = image.spec.builder;
    return hold('builder-not-found', `${kind} "${name}" does not exist; create it, or give the image another builder`);
  }
  if (builder.kind === 'not-ready') {
    return hold(
      'builder-not-ready',
      `${builder.builder.kind} "${builder.builder.name}" is not ready: ${builder.message}`,
    );
  }
  if (open) return interruptedDecision(open, inputs.executorProblem);
  if (inputs.source.kind !== 'resolved') return hold('source-not-ready', sourceMessage(inputs.source));
  const due = dueChanges(inputs, builder, inputs.source);
  return decideDue(inputs, builder, due);
}

/** All changes that are due, in the order of reasons. Also right while something holds the image. */
function dueChanges(
  {image, builds, trigger, lifecycle: embedded}: DecisionInputs,
  builder: ReadyBuilder,
  {source, since}: Extract<SourceOutcome, {kind: 'resolved'}>,
): readonly DueChange[] {
  const ran = newestSourceBuild(builds);
  const success = newestSuccess(builds);
  const executor = builder.builder.spec.executor;
  const config = buildConfigOf(image, source, executorText(builder.builder.spec));
  const moved = Math.max(image.changedAt, builder.stackSince);
  const lifecycle = executor === 'embedded' ? embedded : builder.lifecycle;
  return [
    triggerChange(trigger),
    commitChange(ran, source, since),
    configChange(ran, config, image.changedAt),
    buildpackChange(success, builder.buildpacks, Math.max(image.changedAt, builder.buildpacksSince)),
    stackChange(success, builder.stack.resolved.runImage.digest, moved),
    lifecycle && lifecycleChange(success, {executor, version: lifecycle.version}, lifecycle.since),
  ].filter((change) => change !== undefined);
}

/** An interrupted build runs again, as soon as something can run it. */
function interruptedDecision({number, strategy}: Build, executorProblem: string | undefined): Decision {
  if (strategy === 'build' && executorProblem) return hold('executor-not-ready', executorProblem);
  return {kind: 'running', number};
}

function decideDue(inputs: DecisionInputs, builder: ReadyBuilder, due: readonly DueChange[]): Decision {
  const {image, builds} = inputs;
  const ran = newestSourceBuild(builds);
  const changes = due.map(({change}) => change);
  const userMade = changes.some(({reason}) => isUserMade(reason));
  const rebase = canRebase(due, newestSuccess(builds), builder);

  if (image.paused) return hold('paused', pausedMessage(due), due);
  if (!userMade && !rebase && ran?.state === 'failed') return hold('last-build-failed', failedMessage(ran, due), due);
  if (!userMade && !rebase && ran?.state === 'cancelled') return hold('cancelled', cancelledMessage(ran, due), due);
  if (due.length === 0) return {kind: 'up-to-date'};
  const refused = rebase ? endedRebase(builds, due) : undefined;
  if (refused)
    return hold(refused.state === 'cancelled' ? 'cancelled' : 'last-build-failed', rebaseMessage(refused), due);
  const loop = repeatedChange(builds, changes);
  if (loop && !userMade) return hold('loop', loopMessage(loop.reason), due);
  if (!userMade && !mayMaintain(image, rebase)) return hold('ask', askMessage(image, due), due);
  if (!userMade && inputs.patchHold) return hold('patch', inputs.patchHold, due);
  if (rebase) return {kind: 'rebase', due};
  if (inputs.executorProblem) return hold('executor-not-ready', inputs.executorProblem, due);
  return {kind: 'build', due};
}

/** STACK alone, the same stack id, and a successful image to edit (kpack `rebasable`). */
function canRebase(due: readonly DueChange[], success: Build | undefined, builder: ReadyBuilder): boolean {
  return due.length === 1 && due[0]?.change.reason === 'STACK' && success?.result?.stackId === builder.stack.spec.id;
}

/** A rebase for this very change that failed or was cancelled already: trying it for ever would help nobody. */
function endedRebase(builds: readonly Build[], due: readonly DueChange[]): Build | undefined {
  const newest = builds.at(-1);
  if (newest?.strategy !== 'rebase' || newest.state === 'succeeded') return undefined;
  return due.every(({change}) => carries(newest, change)) ? newest : undefined;
}

function mayMaintain(image: Image, rebase: boolean): boolean {
  switch (image.spec.updatePolicy) {
    case 'auto':
      return true;
    case 'stack-only':
      return rebase;
    case 'ask':
      return false;
    default:
      return image.spec.updatePolicy satisfies never;
  }
}

function hold(kind: HoldKind, message: string, due: readonly DueChange[] = []): Decision {
  const held: Hold = {kind, message};
  return {kind: 'hold', hold: held, due};
}

function sourceMessage(source: Exclude<SourceOutcome, {kind: 'resolved'}>): string {
  return source.kind === 'waiting'
    ? 'looking at its source for the first time'
    : `source cannot be read: ${source.problem}`;
}

function dueWords(due: readonly DueChange[]): string {
  return due.length === 0 ? 'nothing is due' : `${reasonText(due.map(({change}) => change))} is due`;
}

function pausedMessage(due: readonly DueChange[]): string {
  return `paused; ${dueWords(due)}; resume it to let it follow`;
}

function failedMessage(build: Build, due: readonly DueChange[]): string {
  const waiting = due.length > 0 ? `${dueWords(due)} but needs buildpacks; ` : '';
  return `build ${build.number} failed; ${waiting}waits for a trigger, a commit or a changed configuration`;
}

function cancelledMessage(build: Build, due: readonly DueChange[]): string {
  const waiting = due.length > 0 ? `${dueWords(due)}; ` : '';
  return `build ${build.number} was cancelled; ${waiting}waits for a trigger, a commit or a changed configuration`;
}

function rebaseMessage(build: Build): string {
  const why = build.failure ? `: ${build.failure.message}` : '';
  return `rebase ${build.number} ${build.state}${why}; trigger a build, or give its stack another run image`;
}

function loopMessage(reason: string): string {
  return `the same ${reason} change was built twice in a row and is due again; trigger a build to break the loop`;
}

function askMessage(image: Image, due: readonly DueChange[]): string {
  return `${dueWords(due)}; its update policy is "${image.spec.updatePolicy}": trigger it`;
}

// Intents about stacks: both base images are found and checked before anything is recorded.
import {canonicalText} from '../../domain/canonical-text.ts';
import type {Event} from '../../domain/event.ts';
import {nameProblem} from '../../domain/resource-name.ts';
import type {Stack, StackSpec} from '../../domain/stack.ts';
import type {Intent} from '../../protocol/intent.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {findBaseImage, type FoundBaseImage} from '../base-images.ts';
import {Refusal} from '../refusal.ts';
import type {StatePaths} from '../state-paths.ts';
import {canMove} from '../tag-digests.ts';
import {checkMode} from './image-intents.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;
type Found = {readonly events: readonly Event[]; readonly notes: readonly string[]};

/** Creates or changes a stack (kpack `remote_stack_reader.go` for the checks); no events when nothing changed. */
export async function saveStack(
  intent: Of<'stack.save'>,
  state: State,
  paths: StatePaths,
  now: number,
): Promise<Found> {
  const {name, mode} = intent;
  const problem = nameProblem(name);
  if (problem) throw new Refusal('invalid', problem);
  const before = entry(state.stacks, name);
  checkMode(mode, before !== undefined, `clusterstacks.kpack.io "${name}"`);
  const buildImage = intent.buildImage ?? before?.spec.buildImage;
  const runImage = intent.runImage ?? before?.spec.runImage;
  if (!buildImage || !runImage) {
    throw new Refusal(
      'invalid',
      'a stack needs both a build image and a run image; give --build-image and --run-image',
    );
  }
  const following = followingOf(intent, before, [buildImage, runImage]);
  if (before && isKnown(intent, before)) return {events: withFollowing(before, following, now), notes: []};
  const build = await findBaseImage(buildImage, paths);
  const run = await findBaseImage(runImage, paths);
  const stack = stackOf(name, {build, run, wantedId: intent.id}, before, now, following);
  const notes = [build, run].map(({base}) => `Uploading '${base.name}@${base.digest}'`);
  if (before && sameStack(before, stack)) return {events: [], notes};
  return {events: [{kind: 'stack.saved', at: now, stack}], notes};
}

function isKnown({buildImage, runImage, known}: Of<'stack.save'>, {spec, resolved}: Stack): boolean {
  return (
    spec.buildImage === buildImage &&
    spec.runImage === runImage &&
    resolved.buildImage.digest === known?.buildImage &&
    resolved.runImage.digest === known.runImage
  );
}

type Following = Pick<StackSpec, 'follow' | 'followRollout'>;

/** The stack on its digests, with another policy about its tags; no event when it has that one. */
function withFollowing(stack: Stack, following: Following, now: number): readonly Event[] {
  const {follow: _, followRollout: _rollout, ...rest} = stack.spec;
  const spec = {...rest, ...following};
  if (canonicalText(spec) === canonicalText(stack.spec)) return [];
  const {pinnedBy: _pin, ...unpinned} = stack;
  return [{kind: 'stack.saved', at: now, stack: {...unpinned, generation: stack.generation + 1, spec}}];
}

/** Both images where their tags point now, when that is what was proposed. */
export async function acceptProposal(
  {name}: Of<'stack.accept'>,
  state: State,
  paths: StatePaths,
  now: number,
): Promise<Found> {
  const {stack, proposal} = proposalOf(state, name);
  const {buildImage, runImage, follow, followRollout} = stack.spec;
  const following = {...(follow ? {follow} : {}), ...(followRollout ? {followRollout} : {})};
  const build = await findBaseImage(buildImage, paths);
  const run = await findBaseImage(runImage, paths);
  if (run.base.digest !== proposal.runImage || build.base.digest !== proposal.buildImage) {
    throw new Refusal(
      'conflict',
      `the tags of stack "${name}" moved again since this was proposed: the run image is at ${run.base.digest}, proposed was ${proposal.runImage}; "slipway clusterstack refresh ${name}" looks anew`,
    );
  }
  const next = stackOf(name, {build, run, wantedId: stack.spec.id}, stack, now, following);
  const notes = [build, run].map(({base}) => `Uploading '${base.name}@${base.digest}'`);
  return {events: [{kind: 'stack.saved', at: now, stack: next, followed: true}], notes};
}

/** The proposal is not made again until the tags move on. */
export function rejectProposal({name}: Of<'stack.reject'>, state: State, now: number): readonly Event[] {
  proposalOf(state, name);
  return [{kind: 'stack.proposal-rejected', at: now, name}];
}

/** The stack of that name, which must follow its tags. */
export function followingStack(state: State, name: string): Stack {
  const stack = entry(state.stacks, name);
  if (!stack) throw new Refusal('not-found', `clusterstacks.kpack.io "${name}" not found`);
  if (stack.spec.follow !== undefined) return stack;
  throw new Refusal(
    'conflict',
    `stack "${name}" follows no tags; "slipway clusterstack patch ${name} --follow" makes it do so`,
  );
}

function proposalOf(state: State, name: string) {
  const stack = followingStack(state, name);
  const proposal = entry(state.stackWatches, name)?.proposal;
  if (proposal) return {stack, proposal};
  throw new Refusal('conflict', `nothing is proposed for stack "${name}": its tags point to what it has`);
}

/** An image that is named by digest cannot be followed: asking for it is refused. A rollout given with the policy is kept with it. */
function followingOf(
  {follow, name, rollout}: Of<'stack.save'>,
  before: Stack | undefined,
  images: readonly string[],
): Following {
  if (follow === 'off') return {};
  const wanted = follow ?? before?.spec.follow;
  if (wanted === undefined) return {};
  const followRollout = (follow === undefined ? undefined : rollout) ?? before?.spec.followRollout;
  if (images.some(canMove)) return {follow: wanted, ...(followRollout ? {followRollout} : {})};
  if (follow === undefined) return {};
  throw new Refusal(
    'invalid',
    `stack "${name}": expected a tag to follow, got images named by digest (${images.join(', ')}); name them by tag`,
  );
}

/** Builders that still name it are held, and say so. */
export function deleteStack({name}: Of<'stack.delete'>, state: State, now: number): readonly Event[] {
  if (!entry(state.stacks, name)) throw new Refusal('not-found', `clusterstacks.kpack.io "${name}" not found`);
  return [{kind: 'stack.deleted', at: now, name}];
}

function stackOf(
  name: string,
  {build, run, wantedId = run.stackId}: {build: FoundBaseImage; run: FoundBaseImage; wantedId: string | undefined},
  before: Stack | undefined,
  now: number,
  following: Following,
): Stack {
  if (!run.stackId || run.stackId !== build.stackId || run.stackId !== wantedId) {
    throw new Refusal(
      'invalid',
      `invalid stack images. expected stack: ${wantedId ?? 'a label io.buildpacks.stack.id'}, build image stack: ${build.stackId ?? 'none'}, run image stack: ${run.stackId ?? 'none'}`,
    );
  }
  const missing = missingMixins(build.mixins, run.mixins);
  if (missing.length > 0) throw new Refusal('invalid', `runImage missing required mixin(s): ${missing.join(', ')}`);
  return {
    name,
    generation: (before?.generation ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    spec: {
      id: run.stackId,
      buildImage: build.base.image,
      runImage: run.base.image,
      ...following,
    },
    resolved: {
      at: before?.resolved.runImage.digest === run.base.digest ? before.resolved.at : now,
      buildImage: build.base,
      runImage: run.base,
      mixins: run.mixins,
      userId: build.userId ?? 1000,
      groupId: build.groupId ?? 1000,
      target: run.target,
      runnable: run.runnable,
    },
  };
}

/** Mixins of the build image that are not stage-specific must be in the run image too. */
function missingMixins(build: readonly string[], run: readonly string[]): readonly string[] {
  return build.filter((mixin) => !mixin.startsWith('build:') && !run.includes(mixin) && !run.includes(`run:${mixin}`));
}

function sameStack(a: Stack, b: Stack): boolean {
  const facts = ({spec, resolved}: Stack) => JSON.stringify([spec, {...resolved, at: 0}]);
  return facts(a) === facts(b);
}

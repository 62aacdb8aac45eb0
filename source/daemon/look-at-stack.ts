// Looks where a stack's tags point and records what is news: a proposal, that all is as it was, or why it cannot be said.
import type {Command} from '../controller/command.ts';
import type {Controller} from '../controller/controller.ts';
import type {Event} from '../domain/event.ts';
import type {BaseDigests, Stack, StackWatch} from '../domain/stack.ts';
import {entry} from '../state/entry.ts';
import type {TagDigests} from './tag-digests.ts';

/** A look that finds what is known already writes nothing. */
export async function lookAtStack(
  {name, generation, buildImage, runImage}: Extract<Command, {kind: 'look-at-stack'}>,
  controller: Controller,
  tags: TagDigests,
  now: () => number,
): Promise<void> {
  const found = await bothDigests(tags, buildImage, runImage).catch((error: unknown) => ({
    problem: error instanceof Error ? error.message : String(error),
  }));
  const {stacks, stackWatches} = controller.state.read();
  const stack = entry(stacks, name);
  // It may have been changed while its tags were looked at.
  if (!stack || stack.generation !== generation || stack.spec.follow === undefined) return;
  const event = newsOf(stack, entry(stackWatches, name) ?? {changes: []}, found, now());
  if (event) controller.record([event]);
}

async function bothDigests(tags: TagDigests, buildImage: string, runImage: string): Promise<BaseDigests> {
  const run = await tags.digestOf(runImage);
  return {runImage: run, buildImage: buildImage === runImage ? run : await tags.digestOf(buildImage)};
}

function newsOf(
  stack: Stack,
  watch: StackWatch,
  found: BaseDigests | {readonly problem: string},
  at: number,
): Event | undefined {
  const {name, resolved} = stack;
  if ('problem' in found) {
    return found.problem === watch.problem ? undefined : {kind: 'stack.look-failed', at, name, message: found.problem};
  }
  const here = {buildImage: resolved.buildImage.digest, runImage: resolved.runImage.digest};
  if (same(found, here)) {
    const isNews = watch.proposal || watch.rejected || watch.problem !== undefined;
    return isNews ? {kind: 'stack.tag-settled', at, name} : undefined;
  }
  if (same(found, watch.rejected)) return undefined;
  const {proposal, problem} = watch;
  // What an `auto` stack could not follow stays its problem until it does; what could not be read can be read again.
  const isRead = problem === undefined || (stack.spec.follow === 'auto' && proposal?.hold === undefined);
  if (same(found, proposal) && isRead) return undefined;
  const hold = holdOf(stack, watch, found);
  return {kind: 'stack.tag-moved', at, name, to: found, ...(hold === undefined ? {} : {hold})};
}

/** The loop guard: a change that following has made once before is not made again without being asked. */
function holdOf({name, spec, resolved}: Stack, {changes}: StackWatch, found: BaseDigests): string | undefined {
  const from = resolved.runImage.digest;
  const before = changes.findLast((change) => change.old === from && change.new === found.runImage);
  if (spec.follow !== 'auto' || !before) return undefined;
  const when = new Date(before.at).toISOString();
  return `the tag went from ${short(from)} to ${short(found.runImage)} once before (${when}) and came back since; "slipway clusterstack accept ${name}" follows it all the same`;
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

function same(a: BaseDigests, b: BaseDigests | undefined): boolean {
  return a.runImage === b?.runImage && a.buildImage === b.buildImage;
}

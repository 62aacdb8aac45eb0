// Waits until an image has the build that is meant, and says in words what it waits for meanwhile.
import type {Client} from '../client/client.ts';
import type {Build} from '../domain/build.ts';
import type {Decision} from '../domain/decision.ts';
import type {Hold} from '../domain/hold.ts';
import {builderOf} from '../state/image-decision.ts';
import {imageStatus} from '../state/image-status.ts';
import type {ImageRecord, State} from '../state/state.ts';
import {failure} from './command-error.ts';
import type {CommandContext} from './command-context.ts';
import {findImage} from './lookup.ts';
import {waitForState} from './state-change.ts';

/** What the wait ended with: the build, or that there is nothing to build. */
export type AwaitedBuild = {readonly kind: 'build'; readonly build: Build} | {readonly kind: 'up-to-date'};

/**
 * Resolves to the newest build that `isMeant` accepts. A hold that only a person can end is an error in the hold's own
 * words; one that ends by itself is said on stderr.
 */
export function waitForBuild(
  client: Client,
  context: CommandContext,
  image: {readonly namespace: string; readonly name: string},
  isMeant: (build: Build) => boolean,
): Promise<AwaitedBuild> {
  let said = '';
  return waitForState(client, context.signal, (state) => {
    const record = findImage(state, image.namespace, image.name);
    const build = record.builds.findLast(isMeant);
    if (build) return {kind: 'build', build};
    const {decision, hold} = imageStatus(record, state);
    if (decision.kind === 'up-to-date') return {kind: 'up-to-date'};
    const isLooking = hold?.kind === 'executor-not-ready' && looksForEngine(record, state);
    if (hold && !isLooking && !endsByItself(decision, record))
      throw failure(`image "${image.name}" waits: ${hold.message}`);
    const words = waitingWords(decision, hold);
    if (words !== said) context.stderr.write(`Waiting: ${words}\n`);
    said = words;
    return undefined;
  });
}

/** Whether the image will be looked at again without anybody doing anything. */
export function endsByItself(decision: Decision, record: ImageRecord): boolean {
  switch (decision.kind) {
    case 'build':
    case 'rebase':
    case 'running':
      return true;
    case 'up-to-date':
      return false;
    case 'hold':
      return decision.hold.kind === 'waiting-for-a-slot' || isFirstLook(decision.hold, record);
    default:
      return decision satisfies never;
  }
}

/** The controller looks for engines when the first builder wants one, which takes it a moment. */
function looksForEngine(record: ImageRecord, state: State): boolean {
  const builder = builderOf(record, state);
  const isContainer = builder?.kind === 'ready' && builder.builder.spec.executor === 'container';
  return isContainer && state.controller?.engines === undefined;
}

function isFirstLook(hold: Hold, {source, image}: ImageRecord): boolean {
  const problem = source?.generation === image.generation ? source.problem : undefined;
  return hold.kind === 'source-not-ready' && problem === undefined;
}

function waitingWords(decision: Decision, hold: Hold | undefined): string {
  return decision.kind === 'running'
    ? `build ${decision.number} runs first`
    : (hold?.message ?? 'a build is about to start');
}

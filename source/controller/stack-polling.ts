// When the tags of a stack that follows them are looked at next, and when what was found is patched without asking.
import type {Settings} from '../domain/event.ts';
import type {Stack} from '../domain/stack.ts';
import {entry} from '../state/entry.ts';
import type {State} from '../state/state.ts';
import type {Command} from './command.ts';

/** A look at a stack's tags: of which spec, when it began, and how many before it failed in a row. */
export type StackLook = {readonly generation: number; readonly at: number; readonly failures: number};
export type StackLooks = ReadonlyMap<string, StackLook>;

/** Base images come out every few days; a registry counts every look. */
const usualInterval = 5 * 60_000;
/** The longest rest after looks that failed (milliseconds), unless the interval itself is longer. */
const longestRest = 60 * 60_000;
/** Looks of several stacks do not come at once: each interval is longer by up to so much of it. */
const jitterShare = 0.1;

/** What is to be done about stacks now, and when the next look is due. */
export function stackCommands(
  state: State,
  looks: StackLooks,
  now: number,
): {readonly commands: readonly Command[]; readonly wakes: readonly number[]} {
  const following = Object.values(state.stacks).filter(({spec}) => spec.follow !== undefined);
  const commands: Command[] = [];
  const wakes: number[] = [];
  for (const stack of following) {
    const lookAt = nextStackLookAt(stack, looks.get(stack.name), state.settings);
    if (lookAt > now) wakes.push(lookAt);
    else commands.push(lookCommand(stack));
    const proposal = entry(state.stackWatches, stack.name)?.proposal;
    if (stack.spec.follow === 'auto' && proposal && proposal.hold === undefined) {
      commands.push({
        kind: 'follow-stack',
        name: stack.name,
        runImage: proposal.runImage,
        buildImage: proposal.buildImage,
      });
    }
  }
  return {commands, wakes};
}

/** The time of the next look (milliseconds since the epoch). The same stack and look give the same time. */
export function nextStackLookAt(
  {name, generation}: Stack,
  look: StackLook | undefined,
  {stackPollInterval = usualInterval}: Pick<Settings, 'stackPollInterval'>,
): number {
  if (!look || look.generation !== generation) return 0;
  const rest = Math.min(stackPollInterval * 2 ** Math.min(look.failures, 30), Math.max(longestRest, stackPollInterval));
  return look.at + Math.round(rest * (1 + jitterShare * jitterOf(`${name} ${look.at}`)));
}

/** From 0 to 1, the same for the same text (FNV-1a). */
function jitterOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) / 0xffffffff;
}

function lookCommand({name, generation, spec}: Stack): Command {
  return {kind: 'look-at-stack', name, generation, buildImage: spec.buildImage, runImage: spec.runImage};
}

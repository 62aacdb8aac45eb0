// What carrying out a command needs: the ports, the image library, the paths; and the event every attempt begins with.
import type {BuildRef} from '../domain/build.ts';
import type {ExecutorKind} from '../domain/builder.ts';
import type {Event} from '../domain/event.ts';
import type {Patch} from '../domain/patch.ts';
import type {StartCommand} from '../controller/command.ts';
import type {Clock} from '../ports/clock.ts';
import type {Executor} from '../ports/executor.ts';
import type {History} from '../ports/history.ts';
import type {SourceResolver} from '../ports/source-resolver.ts';
import type {Engines} from './engines.ts';
import type {ImageLibrary} from './image-library.ts';
import type {StatePaths} from './state-paths.ts';
import type {TagDigests} from './tag-digests.ts';

export type Hands = {
  readonly clock: Clock;
  readonly history: History;
  readonly sources: SourceResolver;
  readonly executors: Readonly<Partial<Record<ExecutorKind, Executor>>>;
  readonly library: ImageLibrary;
  /** Told when an engine went away under a run. */
  readonly engines: Pick<Engines, 'lost'>;
  readonly paths: StatePaths;
  /** Told of errors nobody else hears of: a log that cannot be written, an outcome the disk refuses for now. */
  readonly onDefect: (error: unknown) => void;
  /** Where the tags of base images point. */
  readonly tags: TagDigests;
  /** Patches a stack to where its tags point, as an operator who accepts the proposal does. */
  readonly acceptProposal: (stack: string) => Promise<void>;
  /** The patches as they are now. */
  readonly patches: () => Readonly<Record<string, Patch>>;
};

/** The event that opens an attempt; recorded before anything of it runs. */
export function startedEvent(
  command: StartCommand,
  phases: Extract<Event, {kind: 'build.started'}>['phases'],
  at: number,
): Event {
  const {attempt, strategy, changes, inputs} = command;
  return {kind: 'build.started', at, ...refOf(command), attempt, strategy, changes, inputs, phases};
}

/** A build's name without the rest of a command. */
export function refOf({namespace, image, number}: BuildRef): BuildRef {
  return {namespace, image, number};
}

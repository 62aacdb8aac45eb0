// What the plan asks for. A command is imperative and may be given again: carrying it out twice is the same as once.
import type {BuildInputs, BuildRef, BuildStrategy} from '../domain/build.ts';
import type {Change} from '../domain/change.ts';
import type {ImageSource} from '../domain/source.ts';

export type StartCommand = BuildRef & {
  readonly kind: 'start';
  readonly attempt: number;
  readonly strategy: BuildStrategy;
  readonly changes: readonly Change[];
  readonly inputs: BuildInputs;
};

export type Command =
  | StartCommand
  /** Stop what runs for a build whose cancellation was asked for. */
  | (BuildRef & {readonly kind: 'stop'})
  /** An interrupted build that was to be cancelled: nothing runs any more, so it ends as cancelled. */
  | (BuildRef & {readonly kind: 'finish-cancelled'})
  | {
      readonly kind: 'look-at-source';
      readonly namespace: string;
      readonly name: string;
      readonly generation: number;
      readonly source: ImageSource;
      readonly projectDescriptorPath?: string;
    }
  | (BuildRef & {readonly kind: 'prune'})
  /** Where do the tags of a stack that follows them point? */
  | {
      readonly kind: 'look-at-stack';
      readonly name: string;
      readonly generation: number;
      readonly buildImage: string;
      readonly runImage: string;
    }
  /** Patch the stack to where its tags point: its policy says so. */
  | {readonly kind: 'follow-stack'; readonly name: string; readonly buildImage: string; readonly runImage: string}
  | {readonly kind: 'open-wave'; readonly patch: string; readonly wave: number}
  | {
      readonly kind: 'close-patch';
      readonly patch: string;
      readonly state: 'succeeded' | 'failed' | 'stopped';
      readonly note?: string;
    };

/** What is the same command given again: one at a time is under way, and a broken one is left alone for a while. */
export function commandKey(command: Command): string {
  switch (command.kind) {
    case 'look-at-source':
      return `look ${command.namespace}/${command.name} ${command.generation}`;
    case 'look-at-stack':
      return `look stack ${command.name} ${command.generation}`;
    case 'follow-stack':
      return `follow ${command.name} ${command.buildImage} ${command.runImage}`;
    case 'start':
    case 'stop':
    case 'finish-cancelled':
    case 'prune':
      return buildCommandKey(command.kind, command);
    case 'open-wave':
    case 'close-patch':
      return `${command.kind} ${command.patch}`;
    default:
      return command satisfies never;
  }
}

/** The key of a command about one build. */
export function buildCommandKey(kind: Command['kind'], {namespace, image, number}: BuildRef): string {
  return `${kind} ${namespace}/${image} ${number}`;
}

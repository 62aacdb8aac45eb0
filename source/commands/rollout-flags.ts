// How a patch is let loose on its fleet, as flags: waves, canaries, the failures that stop it, and waiting for its end.
import {type Command, InvalidArgumentError} from 'commander';
import type {Rollout} from '../domain/rollout.ts';
import {collectList, positiveNumber} from './flags.ts';

export type RolloutFlags = {
  readonly wave?: number;
  readonly canary?: readonly string[];
  readonly maxFailures?: NonNullable<Rollout['maxFailures']>;
};

/** --wave, --canary and --max-failures */
export function rolloutFlags(command: Command): Command {
  return command
    .option(
      '--wave <count>',
      'so many images at a time, the next when these have ended',
      positiveNumber('how many images go at a time'),
    )
    .option(
      '--canary <image>',
      'an image that goes before all others; repeat it or give a list with commas',
      collectList,
    )
    .option('--max-failures <count|share%>', 'stop when more images than this failed', failureLimit);
}

/** -w/--wait for a whole patch. */
export function waitForPatchFlag(command: Command): Command {
  return command.option('-w, --wait', 'follow the patch to its end; exit with 1 unless all of it succeeded');
}

/** The rollout that the flags ask for, as part of an intent; nothing when they ask for none. */
export function rolloutOf({wave, canary, maxFailures}: RolloutFlags): {readonly rollout?: Rollout} {
  if (wave === undefined && canary === undefined && maxFailures === undefined) return {};
  return {
    rollout: {
      ...(wave === undefined ? {} : {wave}),
      ...(canary === undefined ? {} : {canary}),
      ...(maxFailures === undefined ? {} : {maxFailures}),
    },
  };
}

function failureLimit(text: string): NonNullable<Rollout['maxFailures']> {
  const [, number = '', percent] = /^(\d{1,9}(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const isShare = percent === '%' && Number(number) <= 100;
  if (isShare) return {share: Number(number) / 100};
  if (percent === '' && /^\d+$/.test(number)) return {count: Number(number)};
  throw new InvalidArgumentError('Expected a number of images (3) or a share of them (5%).');
}

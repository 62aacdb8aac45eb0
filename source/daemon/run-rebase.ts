// Runs one rebase: two documents are edited, no layer is read. Its log reads as kpack's rebase pod's.
import type {BuildRef, BuildResult} from '../domain/build.ts';
import type {Event} from '../domain/event.ts';
import {exportTargetOf} from '../domain/export-target.ts';
import {exitCodeMeaning} from '../domain/failure.ts';
import type {Image} from '../domain/image.ts';
import {rebasePhases} from '../domain/phase.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {ReadyBuilder} from '../domain/resolve-builder.ts';
import type {Controller} from '../controller/controller.ts';
import type {StartCommand} from '../controller/command.ts';
import {changeText} from '../executors/change-text.ts';
import type {PublishOptions} from '../ports/executor.ts';
import {builderOf} from '../state/image-decision.ts';
import type {ImageRecord} from '../state/state.ts';
import {buildTags} from './build-tags.ts';
import type {Delivery} from './deliver-image.ts';
import {openBuildLog} from './open-build-log.ts';
import {recordOutcome} from './record-outcome.ts';
import {recordTogether} from './record-together.ts';
import {type Hands, refOf, startedEvent} from './hands.ts';

/** Records every step; a refusal of the image's own checks is a failed build with upstream's words. */
export async function runRebase(
  command: StartCommand,
  controller: Controller,
  hands: Hands,
  signal: AbortSignal,
  interrupted: () => boolean,
): Promise<void> {
  const {clock} = hands;
  const ref = refOf(command);
  const record = controller.state.read().images[resourceKey(ref.namespace, ref.image)];
  const builder = record && builderOf(record, controller.state.read());
  if (!record || builder?.kind !== 'ready') return;

  await recordTogether(controller, [
    startedEvent(command, rebasePhases, clock.now()),
    {kind: 'phase.started', at: clock.now(), ...ref, phase: 'prepare'},
    {kind: 'phase.finished', at: clock.now(), ...ref, phase: 'prepare', state: 'succeeded'},
    {kind: 'phase.started', at: clock.now(), ...ref, phase: 'rebase'},
  ]);
  const started = controller.state.read().images[resourceKey(ref.namespace, ref.image)];
  if (!started) return;
  // A few lines that only repeat what the events say: not worth two flushes for each image of a fleet.
  const log = openBuildLog(hands, ref, command.attempt, {sync: false});
  const say = (text: string) => log.write('rebase', 'slipway', clock.now(), Buffer.from(text));
  try {
    say(changeText(command.changes));
    const options = {signal, log: (line: string) => say(`${line}\n`)};
    const ended = await rebase(command, started, builder, hands, options).then(
      ({result, lines}): readonly Event[] => {
        say(lines.map((line) => `${line}\n`).join(''));
        return [
          {kind: 'phase.finished', at: clock.now(), ...ref, phase: 'rebase', state: 'succeeded', exitCode: 0},
          {kind: 'build.succeeded', at: clock.now(), ...ref, result},
        ];
      },
      (error: unknown): readonly Event[] => {
        if (signal.aborted) return stoppedEvents(ref, clock.now(), interrupted());
        const message = error instanceof Error ? error.message : String(error);
        say(`ERROR: ${message}\n`);
        return failedEvents(ref, message, clock.now());
      },
    );
    log.close();
    await recordOutcome(controller, ended, hands, interrupted);
  } finally {
    log.close();
  }
}

/** Edits the image onto its stack's run image, or points it back to what it was, as the build's inputs say. */
async function rebase(
  command: StartCommand,
  record: ImageRecord,
  builder: ReadyBuilder,
  hands: Hands,
  options: PublishOptions,
): Promise<{readonly result: BuildResult; readonly lines: readonly string[]}> {
  const tags = buildTags(record.image.spec, command.number, startedAt(command, record, hands));
  const result =
    command.inputs.restores === undefined
      ? await rebasedResult(command, record, builder, tags, hands, options)
      : await restoredResult(command.inputs.restores, command, record, builder, tags, hands, options);
  const {digest} = result;
  return {
    result,
    lines: [`*** Images (${digest}):`, ...tags.map((tag) => `      ${tag}`), '', `*** Digest: ${digest}`],
  };
}

/** The same for every attempt, so that its names are too. */
function startedAt({number}: StartCommand, {builds}: ImageRecord, {clock}: Hands): number {
  return builds.find((build) => build.number === number)?.startedAt ?? clock.now();
}

async function rebasedResult(
  command: StartCommand,
  {image, builds}: ImageRecord,
  builder: ReadyBuilder,
  tags: readonly string[],
  {library}: Hands,
  options: PublishOptions,
): Promise<BuildResult> {
  const appDigest = command.inputs.previousDigest;
  const app = builds.findLast(({result}) => result?.digest === appDigest)?.result;
  if (appDigest === undefined || !app)
    throw new Error('expected a successful image to rebase, found none; trigger a build');
  const {stack} = builder;
  const {runImage} = stack.resolved;
  const {digest, size} = await library.rebase(
    {
      namespace: image.namespace,
      image: image.name,
      appDigest,
      base: {layout: runImage.layout, digest: runImage.digest, name: runImage.name},
      tags,
      delivery: deliveryOf(image, builder, tags),
    },
    options,
  );
  return {...app, digest, size, tags, runImage: {name: runImage.name, digest: runImage.digest}, stackId: stack.spec.id};
}

/** What it was is known from the patch: nothing is made, names are moved. */
async function restoredResult(
  digest: string,
  command: StartCommand,
  {image}: ImageRecord,
  builder: ReadyBuilder,
  tags: readonly string[],
  {library, patches}: Hands,
  options: PublishOptions,
): Promise<BuildResult> {
  const member = patches()[command.inputs.patch ?? '']?.members[resourceKey(image.namespace, image.name)];
  if (member?.restore?.digest !== digest)
    throw new Error(`expected the patch to know the image ${digest}; trigger a build`);
  const delivery = deliveryOf(image, builder, tags);
  await library.restore({namespace: image.namespace, image: image.name, tags, digest, delivery}, options);
  return {...member.restore, tags};
}

function deliveryOf({spec}: Image, {builder, stack}: ReadyBuilder, tags: readonly string[]): Delivery {
  const {executor, engine} = builder.spec;
  const runImage = stack.resolved.runImage.name;
  return {target: exportTargetOf(spec, executor), tags, runImage, ...(engine ? {engine} : {})};
}

/** Cancelled, or the controller stops: then the same number goes on at the next start. */
function stoppedEvents(ref: BuildRef, at: number, interrupted: boolean): readonly Event[] {
  return [
    {kind: 'phase.finished', at, ...ref, phase: 'rebase', state: 'cancelled'},
    {kind: interrupted ? 'build.interrupted' : 'build.cancelled', at, ...ref},
  ];
}

function failedEvents(ref: BuildRef, message: string, at: number): readonly Event[] {
  return [
    {kind: 'phase.finished', at, ...ref, phase: 'rebase', state: 'failed', exitCode: 72},
    {
      kind: 'build.failed',
      at,
      ...ref,
      failure: {
        phase: 'rebase',
        exitCode: 72,
        meaning: exitCodeMeaning(72),
        message,
        next: `Trigger a build of "${ref.image}" to build it on the new run image instead.`,
      },
    },
  ];
}

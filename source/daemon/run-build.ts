// Runs one build through its executor, and records every step. What the executor says becomes events; what it prints, the log.
import type {BuildRef} from '../domain/build.ts';
import {buildpackLabel} from '../domain/buildpack.ts';
import type {Event} from '../domain/event.ts';
import {exportTargetOf} from '../domain/export-target.ts';
import {exitCodeMeaning} from '../domain/failure.ts';
import type {ReadyBuilder} from '../domain/resolve-builder.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {Controller} from '../controller/controller.ts';
import type {StartCommand} from '../controller/command.ts';
import type {PhaseName} from '../domain/phase.ts';
import type {BuildJob, ExecutorEvent, LogStream, RunOutcome} from '../ports/executor.ts';
import {openBuildLog} from './open-build-log.ts';
import {recordOutcome} from './record-outcome.ts';
import {builderOf} from '../state/image-decision.ts';
import type {ImageRecord} from '../state/state.ts';
import {buildTags} from './build-tags.ts';
import {namedForEngines} from './engine-names.ts';
import {type Hands, refOf, startedEvent} from './hands.ts';

/**
 * Records `build.started` before anything else, then runs it to its end. When the controller is being stopped the attempt
 * ends as interrupted and runs again at the next start; a cancelled build ends as cancelled.
 */
export async function runBuild(
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
  const executor = hands.executors[command.inputs.executor];
  if (!record || builder?.kind !== 'ready' || !executor) return;

  controller.record([startedEvent(command, executor.phases, clock.now())]);
  const log = openBuildLog(hands, ref, command.attempt);
  try {
    const started = controller.state.read().images[resourceKey(ref.namespace, ref.image)];
    const begun = started?.builds.find(({number}) => number === ref.number)?.startedAt ?? clock.now();
    const report = {
      event: (event: ExecutorEvent) => {
        if (event.kind === 'buildpack.started') log.section('build', clock.now(), buildpackLabel(event.buildpack));
        controller.record([recordable(event, ref, clock.now())]);
      },
      log: (phase: PhaseName, stream: LogStream, bytes: Uint8Array) => log.write(phase, stream, clock.now(), bytes),
    };
    const run = async () => executor.run(buildJob(command, record, builder, begun, hands), report, signal);
    const outcome = await run().catch((error: unknown) => brokenRun(error));
    log.close();
    const isLost = await engineWasLost(outcome, command, hands);
    const event = outcomeEvent(outcome, ref, clock.now(), {interrupted: interrupted(), lost: isLost});
    await recordOutcome(controller, [event], hands, interrupted);
  } finally {
    log.close();
  }
}

/** So many times an engine may go away under one build before it is the build that is to blame. */
const mostLosses = 3;

/**
 * An engine that went away took the attempt with it, not the build: the same number runs again when it is back, which is looked for
 * before the attempt is said to have ended, so that the next one waits.
 */
async function engineWasLost(outcome: RunOutcome, {attempt}: StartCommand, {engines}: Hands): Promise<boolean> {
  if (outcome.kind !== 'failed' || !outcome.lost) return false;
  await engines.lost();
  return attempt < mostLosses;
}

function recordable(event: ExecutorEvent, ref: BuildRef, at: number): Event {
  return event.kind === 'run.remarked'
    ? {kind: 'build.remarked', at, ...ref, remark: event.remark}
    : {...event, at, ...ref};
}

function outcomeEvent(
  outcome: RunOutcome,
  ref: BuildRef,
  at: number,
  {interrupted, lost}: {readonly interrupted: boolean; readonly lost: boolean},
): Event {
  switch (outcome.kind) {
    case 'succeeded':
      return {kind: 'build.succeeded', at, ...ref, result: outcome.result};
    case 'failed':
      return lost
        ? {kind: 'build.interrupted', at, ...ref}
        : {kind: 'build.failed', at, ...ref, failure: outcome.failure};
    case 'cancelled':
      return {kind: interrupted ? 'build.interrupted' : 'build.cancelled', at, ...ref};
    default:
      return outcome satisfies never;
  }
}

/** The executor itself broke, or its job could not be made: the build fails with what it said, and the controller lives on. */
function brokenRun(error: unknown): RunOutcome {
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'failed',
    failure: {
      phase: 'prepare',
      meaning: exitCodeMeaning(1),
      message,
      next: 'See the controller log (slipway controller logs), then trigger the build again.',
    },
  };
}

function buildJob(
  command: StartCommand,
  {image}: ImageRecord,
  builder: ReadyBuilder,
  startedAt: number,
  hands: Hands,
): BuildJob {
  const {namespace, name, spec} = image;
  const {stack} = builder;
  const own = builder.builder.spec;
  const {previousDigest} = command.inputs;
  const created = creationTime(spec.creationTime, hands.clock.now());
  return {
    namespace,
    image: name,
    number: command.number,
    attempt: command.attempt,
    changes: command.changes,
    source: spec.source,
    revision: command.inputs.source,
    env: command.inputs.config.env ?? [],
    tags: buildTags(spec, command.number, startedAt),
    export: exportTargetOf(spec, own.executor),
    builder: {
      kind: builder.builder.kind,
      name: builder.builder.name,
      ...containerParts(builder),
      trusted: own.trusted,
      order: builder.order,
      buildpacks: builder.buildpacks,
      stackId: stack.spec.id,
      runImage: own.executor === 'container' ? namedForEngines(stack.resolved.runImage) : stack.resolved.runImage,
      runnable: stack.resolved.runnable,
      target: stack.resolved.target,
      userId: stack.resolved.userId,
      groupId: stack.resolved.groupId,
    },
    cacheDirectory: hands.paths.cache(namespace, name),
    workDirectory: hands.paths.work(namespace, name, command.number, command.attempt),
    ...(spec.projectDescriptorPath ? {projectDescriptorPath: spec.projectDescriptorPath} : {}),
    ...(spec.defaultProcess ? {defaultProcess: spec.defaultProcess} : {}),
    ...(spec.buildTimeout ? {timeout: spec.buildTimeout} : {}),
    ...(created === undefined ? {} : {creationTime: created}),
    ...(previousDigest ? {previous: {layout: hands.paths.image(namespace, name), digest: previousDigest}} : {}),
  };
}

/** What only the container executor needs: the image that runs, or what it is composed of, and the names that are taken. */
function containerParts({builder, stack, lifecycle}: ReadyBuilder): Partial<BuildJob['builder']> {
  const {spec, found} = builder;
  const reservedNames = [spec.image, spec.tag, spec.lifecycleImage].filter((name) => name !== undefined);
  const resource = lifecycle?.resource;
  return {
    reservedNames,
    ...(spec.engine ? {engine: spec.engine} : {}),
    ...(spec.lifecycleImage === undefined ? {} : {lifecycleImage: spec.lifecycleImage}),
    ...(found ? {image: found.pinned ?? found.id} : {}),
    ...(resource ? {compose: {buildImage: stack.resolved.buildImage, lifecycle: resource}} : {}),
  };
}

function creationTime(text: string | undefined, now: number): number | undefined {
  if (!text) return undefined;
  return text === 'now' ? Math.floor(now / 1000) : Number(text);
}

// Runs one build through its executor, and records every step. What the executor says becomes events; what it prints, the log.
import type {BuildRef} from '../domain/build.ts';
import {buildpackLabel} from '../domain/buildpack.ts';
import type {Event} from '../domain/event.ts';
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
    await recordOutcome(controller, [outcomeEvent(outcome, ref, clock.now(), interrupted())], hands, interrupted);
  } finally {
    log.close();
  }
}

function recordable(event: ExecutorEvent, ref: BuildRef, at: number): Event {
  return event.kind === 'run.remarked'
    ? {kind: 'build.remarked', at, ...ref, remark: event.remark}
    : {...event, at, ...ref};
}

function outcomeEvent(outcome: RunOutcome, ref: BuildRef, at: number, interrupted: boolean): Event {
  switch (outcome.kind) {
    case 'succeeded':
      return {kind: 'build.succeeded', at, ...ref, result: outcome.result};
    case 'failed':
      return {kind: 'build.failed', at, ...ref, failure: outcome.failure};
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
    builder: {
      kind: builder.builder.kind,
      name: builder.builder.name,
      trusted: builder.builder.spec.trusted,
      order: builder.order,
      buildpacks: builder.buildpacks,
      stackId: stack.spec.id,
      runImage: stack.resolved.runImage,
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

function creationTime(text: string | undefined, now: number): number | undefined {
  if (!text) return undefined;
  return text === 'now' ? Math.floor(now / 1000) : Number(text);
}

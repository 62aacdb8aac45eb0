// Carries out what the plan asks for: starts and stops runs, looks at sources, prunes. Every outcome is recorded.
import type {Build, BuildRef} from '../domain/build.ts';
import type {Event} from '../domain/event.ts';
import {patchIsOpen} from '../domain/patch.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {CarryOut, Controller} from '../controller/controller.ts';
import type {Command, StartCommand} from '../controller/command.ts';
import {entry} from '../state/entry.ts';
import type {State} from '../state/state.ts';
import {closingEvent} from './close-patch.ts';
import {type Hands, refOf} from './hands.ts';
import {lookAtStack} from './look-at-stack.ts';
import {Refusal} from './refusal.ts';
import {runBuild} from './run-build.ts';
import {runRebase} from './run-rebase.ts';

/** The hands of the controller, and the way to stop all runs at once (they end as interrupted). */
export function createHands(hands: Hands): {readonly carryOut: CarryOut; interruptAll(): void} {
  const running = new Map<string, AbortController>();
  const lookups = new AbortController();
  const interrupted = {value: false};

  const carryOut: CarryOut = async (command, controller) => {
    switch (command.kind) {
      case 'start':
        return startRun(command, controller);
      case 'stop':
        return running.get(buildKey(command))?.abort();
      case 'finish-cancelled':
        return record(controller, [{kind: 'build.cancelled', at: hands.clock.now(), ...refOf(command)}]);
      case 'look-at-source':
        return lookAtSource(command, controller, hands, lookups.signal);
      case 'open-wave':
      case 'close-patch':
        return stepPatch(command, controller, hands);
      case 'look-at-stack':
        return lookAtStack(command, controller, hands.tags, hands.clock.now);
      case 'follow-stack':
        return followStack(command, controller, hands);
      case 'prune':
        return pruneBuild(command, controller, hands);
      default:
        return command satisfies never;
    }
  };

  async function startRun(command: StartCommand, controller: Controller): Promise<void> {
    const abort = new AbortController();
    running.set(buildKey(command), abort);
    try {
      const run = command.strategy === 'rebase' ? runRebase : runBuild;
      await run(command, controller, hands, abort.signal, () => interrupted.value);
    } finally {
      running.delete(buildKey(command));
    }
  }

  return {
    carryOut,
    interruptAll() {
      interrupted.value = true;
      lookups.abort();
      for (const abort of running.values()) abort.abort();
    },
  };
}

async function lookAtSource(
  command: Extract<Command, {kind: 'look-at-source'}>,
  controller: Controller,
  {sources, clock}: Hands,
  signal: AbortSignal,
): Promise<void> {
  const {namespace, name, generation, source, projectDescriptorPath} = command;
  const event = await sources.resolve(source, signal, {projectDescriptorPath}).then(
    (resolved): Event => ({kind: 'source.resolved', at: clock.now(), namespace, name, generation, source: resolved}),
    (error: unknown): Event => {
      const message = error instanceof Error ? error.message : String(error);
      return {kind: 'source.failed', at: clock.now(), namespace, name, generation, message};
    },
  );
  if (!signal.aborted && isStill(command, controller) && isNews(event, controller)) record(controller, [event]);
}

/** The image may have been deleted and made anew, or given another source, while its source was looked at. */
function isStill(
  {namespace, name, source}: Extract<Command, {kind: 'look-at-source'}>,
  controller: Controller,
): boolean {
  const found = entry(controller.state.read().images, resourceKey(namespace, name));
  return found !== undefined && JSON.stringify(found.image.spec.source) === JSON.stringify(source);
}

/** A look that finds what is known already is no event: polling writes nothing. */
function isNews(event: Event, controller: Controller): boolean {
  if (event.kind !== 'source.resolved' && event.kind !== 'source.failed') return true;
  const found = controller.state.read().images[resourceKey(event.namespace, event.name)];
  if (!found || found.image.generation !== event.generation) return false;
  const known = found.source?.generation === event.generation ? found.source : undefined;
  if (!known) return true;
  if (event.kind === 'source.failed') return known.problem !== event.message;
  return (
    known.problem !== undefined ||
    known.resolved?.revision !== event.source.revision ||
    known.resolved.type !== event.source.type
  );
}

/**
 * The stack stays as it is when it cannot be patched: what its images forbid holds the proposal until the tags move on; a registry
 * that cannot be reached is a problem of the stack, and asked again after a while.
 */
async function followStack(
  {name}: Extract<Command, {kind: 'follow-stack'}>,
  controller: Controller,
  {acceptProposal, clock}: Hands,
): Promise<void> {
  try {
    await acceptProposal(name);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const watch = entry(controller.state.read().stackWatches, name);
    if (error.kind === 'conflict') controller.lookAtStackSoon(name);
    else if (error.kind === 'invalid' && watch?.proposal) {
      const {buildImage, runImage} = watch.proposal;
      const to = {buildImage, runImage};
      record(controller, [{kind: 'stack.tag-moved', at: clock.now(), name, to, hold: error.message}]);
    } else if (watch?.problem !== error.message) {
      record(controller, [{kind: 'stack.look-failed', at: clock.now(), name, message: error.message}]);
    }
  }
}

async function stepPatch(
  command: Extract<Command, {kind: 'open-wave' | 'close-patch'}>,
  controller: Controller,
  {clock}: Hands,
): Promise<void> {
  const state = controller.state.read();
  const patch = entry(state.patches, command.patch);
  if (!patch || !patchIsOpen(patch)) return;
  const at = clock.now();
  if (command.kind === 'open-wave') {
    record(controller, [{kind: 'patch.wave-opened', at, id: patch.id, wave: command.wave}]);
    return;
  }
  record(controller, [closingEvent(patch, command.state, state, at, command.note)]);
}

async function pruneBuild(
  command: BuildRef,
  controller: Controller,
  {history, library, clock, patches}: Hands,
): Promise<void> {
  const found = controller.state.read().images[resourceKey(command.namespace, command.image)];
  const build = found?.builds.find(({number}) => number === command.number);
  if (!found || !build) return;
  record(controller, [{kind: 'build.pruned', at: clock.now(), ...refOf(command)}]);
  history.logs.remove(refOf(command));
  const others = found.builds.filter((other) => other !== build).flatMap((other) => digestOf(other));
  await library.prune(build, [...others, ...rollbackDigests(command, patches())]);
}

/** What a rollback of a patch would point the image back to. */
function rollbackDigests({namespace, image}: BuildRef, patches: State['patches']): readonly string[] {
  return Object.values(patches).flatMap(({members}) => {
    const member = entry(members, resourceKey(namespace, image));
    return [member?.previous, member?.restore].flatMap((result) => (result ? [result.digest] : []));
  });
}

function digestOf({result}: Build): readonly string[] {
  return result ? [result.digest] : [];
}

function record(controller: Controller, events: readonly Event[]): void {
  controller.record(events);
}

function buildKey({namespace, image, number}: BuildRef): string {
  return `${namespace}/${image}/${number}`;
}

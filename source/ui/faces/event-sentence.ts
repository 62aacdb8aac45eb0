// An event as one sentence for a person: what plain mode prints, and what a screen reader says.
import type {BuilderSpec} from '../../domain/builder.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import {reasonText} from '../../domain/change.ts';
import type {EngineStatement} from '../../domain/engine.ts';
import type {Event} from '../../domain/event.ts';
import {failureLines} from '../view-models/failure-lines.ts';
import {shortDigest, sizeText} from '../view-models/names.ts';

/** The sentence, or undefined for what only a machine wants to know. */
export function eventSentence(event: Event): string | undefined {
  switch (event.kind) {
    case 'image.saved':
      return `image ${event.image.name} saved, generation ${event.image.generation}`;
    case 'image.deleted':
      return `image ${event.name} deleted`;
    case 'image.triggered':
      return `image ${event.name} triggered: ${event.message}`;
    case 'image.paused':
      return `image ${event.name} paused`;
    case 'image.resumed':
      return `image ${event.name} goes on`;
    case 'source.resolved':
      return `source of ${event.name} is at ${shortDigest(event.source.revision)}`;
    case 'source.failed':
      return `source of ${event.name} cannot be read: ${event.message}`;
    case 'stack.saved':
      return `stack ${event.stack.name} saved, run image ${shortDigest(event.stack.resolved.runImage.digest)}`;
    case 'stack.tag-moved':
      return `stack ${event.name}: its tag points to run image ${shortDigest(event.to.runImage)} now${event.hold === undefined ? '' : `; held: ${event.hold}`}`;
    case 'stack.tag-settled':
      return `stack ${event.name}: its tag points to what it has`;
    case 'stack.look-failed':
      return `stack ${event.name}: its tag cannot be followed: ${event.message}`;
    case 'stack.proposal-rejected':
      return `stack ${event.name} stays where it is; the proposal was rejected`;
    case 'stack.deleted':
      return `stack ${event.name} deleted`;
    case 'store.saved':
      return `store ${event.store.name} saved`;
    case 'store.deleted':
      return `store ${event.name} deleted`;
    case 'builder.saved':
      return `builder ${event.builder.name} saved, ${basisOf(event.builder.spec)}`;
    case 'builder.deleted':
      return `builder ${event.key} deleted`;
    case 'build.started':
      return `${nameOf(event)} started, a ${event.strategy}, because of ${reasonText(event.changes)}`;
    case 'build.remarked':
      return `${nameOf(event)}: ${event.remark}`;
    case 'phase.started':
      return `${nameOf(event)}: ${event.phase} started`;
    case 'phase.finished': {
      const code = event.exitCode === undefined || event.exitCode === 0 ? '' : `, exit ${event.exitCode}`;
      return `${nameOf(event)}: ${event.phase} ${event.state}${code}${event.note ? `, ${event.note}` : ''}`;
    }
    case 'buildpacks.detected':
      return `${nameOf(event)}: buildpacks ${event.buildpacks.map((one) => buildpackLabel(one)).join(', ')}`;
    case 'buildpack.started':
      return `${nameOf(event)}: buildpack ${event.index} of ${event.of}, ${buildpackLabel(event.buildpack)}`;
    case 'cancel.requested':
      return `${nameOf(event)} is being cancelled`;
    case 'build.succeeded':
      return `${nameOf(event)} succeeded: ${event.result.digest}, ${sizeText(event.result.size)}`;
    case 'build.failed': {
      const {phase, buildpack} = event.failure;
      const place = buildpack ? `${phase} of ${buildpackLabel(buildpack)}` : phase;
      return [
        `${nameOf(event)} failed in ${place}`,
        ...failureLines(event.failure).map((line) => oneSpace(line.map(({text}) => text).join(''))),
      ].join('; ');
    }
    case 'build.cancelled':
      return `${nameOf(event)} cancelled`;
    case 'build.interrupted':
      return `${nameOf(event)} interrupted; it runs again`;
    case 'patch.opened': {
      const acting = Object.values(event.patch.members).filter(({wave}) => wave > 0).length;
      return `patch ${event.patch.id} of ${event.patch.target.name} opened for ${acting} images`;
    }
    case 'patch.wave-opened':
      return `patch ${event.id}: wave ${event.wave} opened`;
    case 'patch.paused':
      return `patch ${event.id} paused`;
    case 'patch.resumed':
      return `patch ${event.id} goes on`;
    case 'patch.closed':
      return `patch ${event.id} ${event.state}${event.note ? `: ${event.note}` : ''}`;
    case 'settings.changed':
      return `${event.settings.maxConcurrentBuilds} builds at once`;
    case 'lifecycle.saved':
      return `lifecycle ${event.lifecycle.name} saved, version ${event.lifecycle.resolved.version}`;
    case 'lifecycle.deleted':
      return `lifecycle ${event.name} deleted`;
    case 'engines.found':
      return event.engines.map(engineWords).join('; ');
    case 'controller.started':
      return `controller ${event.version} started`;
    case 'buildpack.finished':
    case 'layer.recorded':
    case 'build.pruned':
      return undefined;
    default:
      return event satisfies never;
  }
}

function basisOf({stack, image}: BuilderSpec): string {
  return stack === undefined ? `of the image ${image ?? ''}` : `on stack ${stack}`;
}

function engineWords(engine: EngineStatement): string {
  if (engine.state === 'ready') return `${engine.kind} ${engine.version} answers`;
  return engine.state === 'absent' ? `${engine.kind} is not installed` : `${engine.kind} does not answer`;
}

function nameOf({image, number}: {readonly image: string; readonly number: number}): string {
  return `${image} build ${number}`;
}

function oneSpace(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

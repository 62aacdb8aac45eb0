// Intents about stacks: both base images are found and checked before anything is recorded.
import type {Event} from '../../domain/event.ts';
import {nameProblem} from '../../domain/resource-name.ts';
import type {Stack} from '../../domain/stack.ts';
import type {Intent} from '../../protocol/intent.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {findBaseImage, type FoundBaseImage} from '../base-images.ts';
import {Refusal} from '../refusal.ts';
import type {StatePaths} from '../state-paths.ts';
import {checkMode} from './image-intents.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;
type Found = {readonly events: readonly Event[]; readonly notes: readonly string[]};

/** Creates or changes a stack (kpack `remote_stack_reader.go` for the checks); no events when nothing changed. */
export async function saveStack(
  intent: Of<'stack.save'>,
  state: State,
  paths: StatePaths,
  now: number,
): Promise<Found> {
  const {name, mode} = intent;
  const problem = nameProblem(name);
  if (problem) throw new Refusal('invalid', problem);
  const before = entry(state.stacks, name);
  checkMode(mode, before !== undefined, `clusterstacks.kpack.io "${name}"`);
  const buildImage = intent.buildImage ?? before?.spec.buildImage;
  const runImage = intent.runImage ?? before?.spec.runImage;
  if (!buildImage || !runImage) {
    throw new Refusal(
      'invalid',
      'a stack needs both a build image and a run image; give --build-image and --run-image',
    );
  }
  const build = await findBaseImage(buildImage, paths);
  const run = await findBaseImage(runImage, paths);
  const stack = stackOf(name, {build, run, wantedId: intent.id}, before, now);
  const notes = [build, run].map(({base}) => `Uploading '${base.name}@${base.digest}'`);
  if (before && sameStack(before, stack)) return {events: [], notes};
  return {events: [{kind: 'stack.saved', at: now, stack}], notes};
}

/** Builders that still name it are held, and say so. */
export function deleteStack({name}: Of<'stack.delete'>, state: State, now: number): readonly Event[] {
  if (!entry(state.stacks, name)) throw new Refusal('not-found', `clusterstacks.kpack.io "${name}" not found`);
  return [{kind: 'stack.deleted', at: now, name}];
}

function stackOf(
  name: string,
  {build, run, wantedId = run.stackId}: {build: FoundBaseImage; run: FoundBaseImage; wantedId: string | undefined},
  before: Stack | undefined,
  now: number,
): Stack {
  if (!run.stackId || run.stackId !== build.stackId || run.stackId !== wantedId) {
    throw new Refusal(
      'invalid',
      `invalid stack images. expected stack: ${wantedId ?? 'a label io.buildpacks.stack.id'}, build image stack: ${build.stackId ?? 'none'}, run image stack: ${run.stackId ?? 'none'}`,
    );
  }
  const missing = missingMixins(build.mixins, run.mixins);
  if (missing.length > 0) throw new Refusal('invalid', `runImage missing required mixin(s): ${missing.join(', ')}`);
  return {
    name,
    generation: (before?.generation ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    spec: {id: run.stackId, buildImage: build.base.image, runImage: run.base.image},
    resolved: {
      at: before?.resolved.runImage.digest === run.base.digest ? before.resolved.at : now,
      buildImage: build.base,
      runImage: run.base,
      mixins: run.mixins,
      userId: build.userId ?? 1000,
      groupId: build.groupId ?? 1000,
      target: run.target,
      runnable: run.runnable,
    },
  };
}

/** Mixins of the build image that are not stage-specific must be in the run image too. */
function missingMixins(build: readonly string[], run: readonly string[]): readonly string[] {
  return build.filter((mixin) => !mixin.startsWith('build:') && !run.includes(mixin) && !run.includes(`run:${mixin}`));
}

function sameStack(a: Stack, b: Stack): boolean {
  const facts = ({spec, resolved}: Stack) => JSON.stringify([spec, {...resolved, at: 0}]);
  return facts(a) === facts(b);
}

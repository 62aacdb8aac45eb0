// The fleet with some history: the image that is being built was built five times before, so that it says how long it takes.
import type {Build} from '../../../source/domain/build.ts';
import type {State} from '../../../source/state/state.ts';
import {aFleet} from './a-fleet.ts';

/** The build that runs in it. */
export const practicedBuild = {namespace: 'default', image: 'spring-petclinic', number: 8};

const earlier = [0.92, 1.04, 1, 1.11, 0.97];
const hour = 3_600_000;

export function aPracticedFleet(): State {
  const state = aFleet().state();
  const key = 'default/spring-petclinic';
  const record = state.images[key];
  const [first, ...later] = record?.builds ?? [];
  if (!record || !first) throw new Error('the fleet has no spring-petclinic');
  const past = earlier.map((pace, at) => repeated(first, at + 1, pace, (earlier.length - at) * 26 * hour));
  const moved = [first, ...later].map((build) => ({...build, number: build.number + earlier.length}));
  const builds = [...past, ...moved];
  return {...state, images: {...state.images, [key]: {...record, builds, buildCounter: builds.length}}};
}

/** The same build at another time and pace. */
function repeated(build: Build, number: number, pace: number, before: number): Build {
  const from = build.startedAt;
  const moved = (at: number) => Math.round(from - before + (at - from) * pace);
  return {
    ...build,
    number,
    startedAt: moved(from),
    ...(build.finishedAt === undefined ? {} : {finishedAt: moved(build.finishedAt)}),
    phases: build.phases.map((phase) => ({
      ...phase,
      ...(phase.startedAt === undefined ? {} : {startedAt: moved(phase.startedAt)}),
      ...(phase.finishedAt === undefined ? {} : {finishedAt: moved(phase.finishedAt)}),
    })),
  };
}

// Statement 13: the time left, held against builds that `npm run record-corpus` recorded while the machine was more and less busy.
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Build} from '../../source/domain/build.ts';
import {median, timeLeft} from '../../source/ui/view-models/time-left.ts';
import {aPracticedFleet} from '../../test/ui/support/practiced-fleet.ts';
import {runTests} from './support/tests-as-check.ts';

export const number = 13;
export const statement =
  'ETA: from at least 3 successes of the same image, else absent; median error at most 25 % at half time on a recorded corpus';

type Times = Readonly<Record<string, number>>;

export async function run(): Promise<{figure: string; pass: boolean}> {
  const file = path.join(import.meta.dirname, '../../test/fixtures/corpus/phases.json');
  const corpus = JSON.parse(await readFile(file, 'utf8')) as readonly Times[];
  const builds = corpus.map((times, at) => buildOf(times, at + 1, Infinity));
  const errors = corpus.slice(3).map((times, at) => {
    const whole = Object.values(times).reduce((sum, one) => sum + one, 0);
    const half = buildOf(times, at + 4, whole / 2);
    const left = timeLeft(half, builds.slice(0, at + 3), half.startedAt + whole / 2);
    // The error of the whole time that is promised: what has gone by and what is said to be left.
    return left ? Math.abs(whole / 2 + left.milliseconds - whole) / whole : 1;
  });
  const few = timeLeft(buildOf(corpus[0] ?? {}, 3, 1), builds.slice(0, 2), 1);
  const error = median(errors) * 100;
  const tests = await runTests(['test/ui/time-left.test.ts']);
  return {
    figure: `median error ${error.toFixed(1)} % over ${errors.length} builds, ${few ? 'said' : 'absent'} with two; ${tests.figure}`,
    pass: errors.length >= 8 && error <= 25 && few === undefined && tests.pass,
  };
}

/** A build of those times as it stands `at` milliseconds after its start. */
function buildOf(times: Times, number: number, at: number): Build {
  const [like] = aPracticedFleet().images['default/spring-petclinic']?.builds ?? [];
  if (!like) throw new Error('the fleet has no build');
  let start = like.startedAt;
  const phases = like.phases.map(({name}) => {
    const [from, to] = [start, start + (times[name] ?? 0)];
    start = to;
    if (to <= like.startedAt + at) return {name, state: 'succeeded' as const, startedAt: from, finishedAt: to};
    return from <= like.startedAt + at
      ? {name, state: 'running' as const, startedAt: from}
      : {name, state: 'pending' as const};
  });
  const whole = at === Infinity;
  return {...like, number, phases, state: whole ? 'succeeded' : 'running', ...(whole ? {finishedAt: start} : {})};
}

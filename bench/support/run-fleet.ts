// One measured run in a process of its own: a patch of the whole fleet and its rollback, or the bare rebases.
import {openFleet, type RunningFleet} from '../../test/fleet/support/a-running-fleet.ts';
import {openHistory} from '../../source/history/open-history.ts';
import {concurrentRebases} from '../../source/controller/plan.ts';
import {findBaseImage} from '../../source/daemon/base-images.ts';
import {statePaths} from '../../source/daemon/state-paths.ts';
import {latestSuccess} from '../../source/state/image-status.ts';

export type FleetRun = {
  readonly planMilliseconds: number;
  readonly imagesPerSecond: number;
  readonly rollbackPerSecond: number;
  /** Processor time of the whole process for each image of the patch, user and system together. */
  readonly cpuMillisecondsPerRebase: number;
  /** Highest resident set of the process. */
  readonly peakMegabytes: number;
};

const [what = '', home = '', nextBase = ''] = process.argv.slice(2);
const history = openHistory({directory: home, now: Date.now});
const fleet = openFleet({home, history});
const result = what === 'limit' ? await bareRebases(fleet, nextBase) : await patchAndBack(fleet, nextBase);
await fleet.stop();
history.close();
if (fleet.defects.length > 0) throw new AggregateError(fleet.defects, 'the run had defects');
console.log(JSON.stringify({...result, peakMegabytes: process.resourceUsage().maxRSS / 1024}));

async function patchAndBack(one: RunningFleet, runImage: string): Promise<Omit<FleetRun, 'peakMegabytes'>> {
  const images = Object.keys(one.state().images).length;
  const patched = {kind: 'stack.save', mode: 'patch', name: 'base', runImage} as const;
  const planning = performance.now();
  await one.send(patched, true);
  const planMilliseconds = performance.now() - planning;

  const patching = startTiming();
  const {patch = ''} = await one.send(patched);
  await one.closed(patch);
  const patchTimes = patching(images);

  const rolling = performance.now();
  const {patch: back = ''} = await one.send({kind: 'patch.rollback', id: patch});
  const {state} = await one.closed(back);
  if (state !== 'succeeded') throw new Error(`the rollback ${state}`);
  return {planMilliseconds, ...patchTimes, rollbackPerSecond: (images * 1000) / (performance.now() - rolling)};
}

async function bareRebases(one: RunningFleet, reference: string): Promise<Omit<FleetRun, 'peakMegabytes'>> {
  const {base} = await findBaseImage(reference, statePaths(one.home));
  const waiting = Object.values(one.state().images);
  const images = waiting.length;
  const rebasing = startTiming();
  const worker = async (): Promise<void> => {
    for (let record = waiting.pop(); record; record = waiting.pop()) {
      const {namespace, name, spec} = record.image;
      const appDigest = latestSuccess(record)?.result?.digest ?? '';
      await one.library.rebase({namespace, image: name, appDigest, base, tags: [spec.tag]});
    }
  };
  await Promise.all(Array.from({length: concurrentRebases}, worker));
  return {planMilliseconds: 0, ...rebasing(images), rollbackPerSecond: 0};
}

/** Call what it gives when so many images are done. */
function startTiming(): (images: number) => Pick<FleetRun, 'imagesPerSecond' | 'cpuMillisecondsPerRebase'> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  return (images) => {
    const {user, system} = process.cpuUsage(cpu);
    return {
      imagesPerSecond: (images * 1000) / (performance.now() - began),
      cpuMillisecondsPerRebase: (user + system) / 1000 / images,
    };
  };
}

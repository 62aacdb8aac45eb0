// Compares the launchers over many seeds and prints the differences: `node test/peers/launcher/compare-launches.ts FROM TO`.
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {findUpstreamLifecycle} from '../find-lifecycle.ts';
import {compareLaunch} from './compare-launch.ts';
import {drawLaunch} from './random-launch.ts';

const [from = '1', to = from] = process.argv.slice(2);
const base = await mkdtemp(path.join(os.tmpdir(), 'slipway-launches-'));
const upstream = findUpstreamLifecycle();
try {
  if ('obstacle' in upstream) throw new Error(upstream.obstacle);
  let different = 0;
  for (let seed = Number(from); seed <= Number(to); seed += 1) {
    const differences = await compareLaunch(drawLaunch(seed), path.join(base, String(seed)), upstream.launcher);
    if (differences.length === 0) continue;
    different += 1;
    console.log(`\n## seed ${seed}`);
    for (const line of differences) console.log(line);
  }
  console.log(`\n${Number(to) - Number(from) + 1} seeds, ${different} with a difference`);
} finally {
  await rm(base, {recursive: true, force: true});
}

// Compares many seeds and prints the differences: `node test/peers/random/compare-seeds.ts FROM TO`.
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {makeRunImage} from '../run-image.ts';
import {compareCase} from './compare-case.ts';
import {findUpstreamLifecycle} from '../find-lifecycle.ts';
import {drawCase} from './random-case.ts';

const [from = '1', to = from] = process.argv.slice(2);
const base = await mkdtemp(path.join(os.tmpdir(), 'slipway-random-'));
const upstream = findUpstreamLifecycle();
try {
  if ('obstacle' in upstream) throw new Error(upstream.obstacle);
  const runImage = await makeRunImage(path.join(base, 'stacks'));
  let different = 0;
  const seeds = Array.from({length: Number(to) - Number(from) + 1}, (_, index) => Number(from) + index);
  for (const seed of seeds) {
    const drawn = drawCase(seed);
    const differences = await compareCase(drawn, {base: path.join(base, String(seed)), runImage, upstream}).catch(
      (error: unknown) => [String(error instanceof Error ? error.stack : error)],
    );
    if (differences.length === 0) continue;
    different += 1;
    console.log(`\n## seed ${seed}: Platform API ${drawn.platformApi}, ${drawn.mode}`);
    for (const line of differences) console.log(line);
  }
  console.log(`\n${seeds.length} seeds, ${different} with a difference`);
} finally {
  await rm(base, {recursive: true, force: true});
}

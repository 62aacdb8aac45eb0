// Drawn cases, run by upstream's real lifecycle and by ours: buildpacks, orders, layers, files with names nobody would choose, several builds of one
// image. What they do, say and leave has to be the same. `node test/peers/random/compare-seeds.ts FROM TO` runs more of them.
import {existsSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {whyNoPrivateRoot} from '../conformance/private-root.ts';
import {findUpstreamLifecycle} from '../peers/find-lifecycle.ts';
import {compareCase} from '../peers/random/compare-case.ts';
import {drawCase} from '../peers/random/random-case.ts';
import {makeRunImage} from '../peers/run-image.ts';

const upstream = findUpstreamLifecycle();
const obstacle =
  whyNoPrivateRoot() ??
  (existsSync(path.resolve('dist/lifecycle.js')) ? undefined : 'needs dist/lifecycle.js: npm run build') ??
  ('obstacle' in upstream ? upstream.obstacle : undefined);

let base: string;
let runImage: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'slipway-random-'));
  if (obstacle === undefined) runImage = await makeRunImage(path.join(base, 'stacks'));
}, 60_000);

afterAll(() => rm(base, {recursive: true, force: true}));

const seeds = Array.from({length: 12}, (_, index) => index + 1);

describe('a drawn case goes the same way with both lifecycles', () => {
  test.for(seeds)('seed %i', {timeout: 120_000}, async (seed, {skip}) => {
    skip(obstacle !== undefined, obstacle);
    if ('obstacle' in upstream) return;
    expect(await compareCase(drawCase(seed), {base: path.join(base, String(seed)), runImage, upstream})).toEqual([]);
  });
});

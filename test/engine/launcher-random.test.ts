// Drawn layers, environments and calls, and metadata.toml files nobody should write, met by upstream's launcher and by ours: what the process gets
// and how launching fails has to be the same. `node test/peers/launcher/compare-launches.ts FROM TO` runs more seeds.
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {whyNoPrivateRoot} from '../conformance/private-root.ts';
import {findUpstreamLifecycle} from '../peers/find-lifecycle.ts';
import {compareLaunch} from '../peers/launcher/compare-launch.ts';
import {oddMetadata} from '../peers/launcher/odd-metadata.ts';
import {drawLaunch} from '../peers/launcher/random-launch.ts';

const upstream = findUpstreamLifecycle();
const obstacle = whyNoPrivateRoot() ?? ('obstacle' in upstream ? upstream.obstacle : undefined);
let base: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'slipway-launches-'));
});

afterAll(() => rm(base, {recursive: true, force: true}));

const seeds = Array.from({length: 20}, (_, index) => index + 1);

describe('both launchers do the same', () => {
  test.for(seeds)('with drawn layers, seed %i', {timeout: 60_000}, async (seed, {skip}) => {
    skip(obstacle !== undefined, obstacle);
    if ('obstacle' in upstream) return;
    expect(await compareLaunch(drawLaunch(seed), path.join(base, String(seed)), upstream.launcher)).toEqual([]);
  });

  test.for(Object.entries(oddMetadata))('with metadata.toml: %s', {timeout: 60_000}, async ([, odd], {skip}) => {
    skip(obstacle !== undefined, obstacle);
    if ('obstacle' in upstream) return;
    expect(await compareLaunch(odd, path.join(base, 'odd'), upstream.launcher)).toEqual([]);
  });
});

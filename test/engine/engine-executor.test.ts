// The container executor on real engines: the contract of all executors, then what only containers have.
import path from 'node:path';
import {afterAll, describe, expect, test, vi} from 'vitest';
import {openBuildSite, runJob, succeeded} from '../executors/build-site.ts';
import {describeExecutor} from '../executors/executor-contract.ts';
import {composingExecutor} from './composed-builder.ts';
import {type EngineAtHost, openEngineHost} from './engine-host.ts';

vi.setConfig({testTimeout: 120_000, hookTimeout: 120_000});

const host = await openEngineHost();
afterAll(() => host.close());

for (const obstacle of host.obstacles) {
  test(`every engine can be had: ${obstacle}`, (context) => {
    if (process.env['SLIPWAY_IN_CI']) throw new Error(obstacle);
    context.skip(obstacle);
  });
}

for (const at of host.engines) {
  const name = `${at.engine.kind} ${at.engine.version}`;

  describeExecutor(`container (${name})`, async () => {
    const site = await openBuildSite();
    return {site, executor: composingExecutor(at, site.published, `contract${at.engine.kind}`), close: site.close};
  });
}

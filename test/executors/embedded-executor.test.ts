// The embedded executor against the contract, and what only it promises: buildpacks that mean harm see and change nothing.
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll} from 'vitest';
import {createSandbox} from '../../source/executors/create-sandbox.ts';
import {probeSandbox} from '../../source/executors/probe-sandbox.ts';
import {bundleLifecycle, embeddedAt, openBuildSite} from './build-site.ts';
import {describeExecutor} from './executor-contract.ts';

const statement = await probeSandbox();
const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-lifecycle-'));
const lifecycle = bundleLifecycle(path.join(scratch, 'lifecycle.mjs'));
afterAll(() => rm(scratch, {recursive: true, force: true}));

if (statement.kind === 'private-root') {
  describeExecutor(`embedded (${statement.as})`, async () => {
    const site = await openBuildSite();
    return {site, executor: embeddedAt(site.home, createSandbox(statement), lifecycle), close: site.close};
  });
} else {
  console.log(`skipped the embedded executor in a private root: ${statement.why}`);
}

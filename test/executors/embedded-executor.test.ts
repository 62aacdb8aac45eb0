// The embedded executor against the contract: as root, as an ordinary user, and on the host's own paths.
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import type {SandboxStatement} from '../../source/domain/event.ts';
import {createSandbox} from '../../source/executors/create-sandbox.ts';
import {probeSandbox} from '../../source/executors/probe-sandbox.ts';
import {bundleLifecycle, embeddedAt, openBuildSite, runJob, succeeded} from './build-site.ts';
import {describeExecutor} from './executor-contract.ts';
import {remoteExecutor, remoteProblem} from './remote-executor.ts';

const statement = await probeSandbox();
const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-lifecycle-'));
await chmod(scratch, 0o755);
const lifecycle = bundleLifecycle(path.join(scratch, 'lifecycle.mjs'));
afterAll(() => rm(scratch, {recursive: true, force: true}));

const ordinary = 65_534;
const hostPaths: SandboxStatement = {kind: 'host-paths', why: 'this test says so'};
const noRemote = remoteProblem(ordinary);

if (statement.kind === 'private-root') {
  describeExecutor(`embedded (${statement.as})`, async () => {
    const site = await openBuildSite();
    return {site, executor: remoteExecutor({home: site.home, lifecycle, statement}), close: site.close};
  });
} else {
  console.log(`skipped the embedded executor in a private root: ${statement.why}`);
}

if (noRemote !== undefined) console.log(`skipped the ordinary user: ${noRemote}`);

describe.runIf(statement.kind === 'private-root' && noRemote === undefined)('as an ordinary user', () => {
  test('builds in a private root, reuses, and removes what is read-only', async () => {
    const site = await openBuildSite(ordinary);
    try {
      const build = `id -u; mkdir -p $1/kept/deep; echo x > $1/kept/deep/file; chmod 555 $1/kept/deep $1/kept
          printf '[types]\\nlaunch = true\\n' > $1/kept.toml
          printf '[[processes]]\\ntype = "web"\\ncommand = ["cat"]\\ndefault = true\\n' > $1/launch.toml
          unshare --user true && echo "made a namespace"; cat ${site.home}/source/app.txt`;
      const buildpack = await site.buildpack('acme/mapped', {build: `${build}; exit 0`});
      const executor = remoteExecutor({
        home: site.home,
        lifecycle,
        statement: {kind: 'private-root', as: 'user'},
        uid: ordinary,
      });
      const first = await runJob(executor, site.job([buildpack]));
      expect(first.text('build')).toMatch(/^1000\n/);
      expect(first.text('build')).not.toContain('made a namespace');
      expect(first.text('build')).not.toContain('an app');
      const {digest} = succeeded(first);
      const second = await runJob(executor, site.job([buildpack], {previous: {layout: site.published, digest}}));
      expect(second.outcome).toMatchObject({kind: 'succeeded', result: {digest}});
    } finally {
      await site.close();
    }
  });
});

describe('without a private root', () => {
  test.runIf(process.getuid?.() === 0)('nothing is built as root, and the failure says what to do', async () => {
    const site = await openBuildSite();
    const job = site.job([await site.buildpack('acme/any', {})]);
    const trusted = {...job, builder: {...job.builder, trusted: true}};
    const run = await runJob(embeddedAt(site.home, createSandbox(hostPaths), lifecycle), trusted);
    expect(run.outcome).toMatchObject({
      kind: 'failed',
      failure: {phase: 'prepare', message: expect.stringMatching(/nothing is built as root.*container executor/)},
    });
    await site.close();
  });

  test.runIf(noRemote === undefined).each([
    [false, 'failed'],
    [true, 'succeeded'],
  ])('a builder whose trust is %s: the build has %s', async (trusted, kind) => {
    const site = await openBuildSite(ordinary);
    const build = `printf '[[processes]]\\ntype = "web"\\ncommand = ["cat"]\\ndefault = true\\n' > $1/launch.toml; pwd`;
    const job = site.job([await site.buildpack('acme/host', {build})]);
    const executor = remoteExecutor({home: site.home, lifecycle, statement: hostPaths, uid: ordinary});
    const run = await runJob(executor, {...job, builder: {...job.builder, trusted}});
    expect(run.outcome).toMatchObject({kind});
    const remarks = run.events.flatMap((event) => (event.kind === 'run.remarked' ? [event.remark] : []));
    expect(remarks).toEqual(
      trusted ? [expect.stringContaining('Built without a private root (this test says so)')] : [],
    );
    expect(run.text('build')).toBe(trusted ? `${job.workDirectory}/workspace\n` : '');
    await site.close();
  });
});

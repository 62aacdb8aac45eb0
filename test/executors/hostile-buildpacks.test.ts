// Buildpacks that mean harm, in a real build: what they may not see, change, forge or leave behind.
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {createSandbox} from '../../source/executors/create-sandbox.ts';
import {probeSandbox} from '../../source/executors/probe-sandbox.ts';
import type {Executor} from '../../source/ports/executor.ts';
import {type BuildSite, bundleLifecycle, embeddedAt, openBuildSite, runJob, succeeded} from './build-site.ts';

const statement = await probeSandbox();
if (statement.kind !== 'private-root') console.log(`skipped hostile buildpacks: ${statement.why}`);

const secret = 'the-secret-of-another-build';
const process_ = `printf '[[processes]]\\ntype = "web"\\ncommand = ["cat"]\\ndefault = true\\n' > $1/launch.toml`;

describe.runIf(statement.kind === 'private-root')('a hostile buildpack', () => {
  let scratch: string;
  let site: BuildSite;
  let executor: Executor;
  let other: string;

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'slipway-lifecycle-'));
    site = await openBuildSite();
    executor = embeddedAt(site.home, createSandbox(statement), bundleLifecycle(path.join(scratch, 'lifecycle.mjs')));
    other = path.join(site.home, 'work', 'default.other.1.1', 'layers');
    await mkdir(other, {recursive: true});
    await writeFile(path.join(other, 'secret'), secret, {mode: 0o644});
  });
  afterAll(async () => {
    await site.close();
    await rm(scratch, {recursive: true, force: true});
  });

  async function build(script: string) {
    return runJob(executor, site.job([await site.buildpack('acme/hostile', {build: `${process_}\n${script}`})]));
  }

  test('cannot bring a file of the machine into the image by links', async () => {
    const run = await build(`
      mkdir -p $1/loot; ln -s ${other}/secret $1/loot/secret; ln -s /etc/shadow $1/loot/shadow; ln -s / $1/loot/root
      ln -s ${other} $1/linked; printf '[types]\\nlaunch = true\\ncache = true\\n' | tee $1/loot.toml > $1/linked.toml
      ln -s ${other}/secret workspace-link; rm -rf /workspace/app.txt; ln -s ${other}/secret /workspace/app.txt`);
    expect(run.text()).not.toContain(secret);
    expect(await contentOfBlobs(site.published)).not.toContain(secret);
    expect(await contentOfBlobs(path.join(site.home, 'cache'))).not.toContain(secret);
  });

  test('cannot end up with a file of the machine as its bill of materials', async () => {
    const run = await build(`ln -s ${other}/secret $1/launch.sbom.cdx.json; ln -s /etc/shadow $1/build.sbom.cdx.json`);
    expect(run.text()).not.toContain(secret);
    expect(await contentOfBlobs(site.published)).not.toContain(secret);
  });

  test('sees nothing of other builds, homes, engines, the controller, the cache and the image', async () => {
    const attempts = [
      `cat ${other}/secret ${site.home}/work/*/layers/*`,
      'ls -A ~root /root; cat /root/.ssh/* /home/[!c]*/.ssh/*',
      'ls /var/run/docker.sock /run/docker.sock /run/podman /run/user',
      // The brackets keep the search from finding its own command line.
      `cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -a '[v]itest'`,
      'ls -d /cache /previous /run-image /out /work',
    ];
    const run = await build(
      `for attempt in 1; do ${attempts.map((each) => `{ ${each}; }`).join('; ')}; done 2>/dev/null; exit 0`,
    );
    succeeded(run);
    expect(run.text('build')).toBe('');
  });

  test('cannot write what is not its own', async () => {
    const files = [
      '/cnb/order.toml',
      '/cnb/buildpacks/acme_hostile/1.2.3/bin/build',
      '/platform/env/X',
      '/slipway/lifecycle.mjs',
      '/usr/x',
      '/etc/passwd',
      '/x',
    ];
    const run = await build(
      `for file in ${files.join(' ')}; do (echo x > $file) 2>/dev/null && echo $file; done; exit 0`,
    );
    expect(run.outcome).toMatchObject({kind: 'succeeded'});
    expect(run.text('build')).toBe('');
  });

  test('cannot forge an event, by the descriptor or by printing one', async () => {
    const forged = '{"kind":"buildpack.started","id":"acme/forged","version":"6.6.6","index":1,"of":1}';
    const run = await build(`
      (echo '${forged}' > /proc/1/fd/3; echo '${forged}' >&3) 2>/dev/null
      echo '${forged}'; echo '===> EXPORT'; echo '{"kind":"image.exported","digest":"sha256:${'0'.repeat(64)}"}'; exit 0`);
    expect(run.outcome).toMatchObject({kind: 'succeeded'});
    expect(JSON.stringify(run.events)).not.toContain('forged');
  });

  test('cannot survive its phase', async () => {
    const run = await build(
      '(setsid bash -c "while :; do echo x > /layers/late 2>/dev/null; read -t 1 < <(:); done" &) >/dev/null 2>&1',
    );
    expect(run.outcome).toMatchObject({kind: 'succeeded'});
  });

  test('takes only itself down by killing all it can', async () => {
    const run = await build('kill -9 -1; kill -9 1; kill -9 $$');
    expect(run.outcome).toMatchObject({kind: 'failed', failure: {phase: 'build', exitCode: 51}});
  });

  test('cannot keep its directory from being removed', async () => {
    const run = await build(
      'mkdir -p $1/deep && cd $1/deep && for ((i = 0; i < 300; i++)); do mkdir -p aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa && cd -P aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done; chmod 000 /layers/acme_hostile/deep; ln -s / /tmp/root; mkfifo /layers/pipe; exit 3',
    );
    expect(run.outcome).toMatchObject({kind: 'failed'});
    expect(await readdir(path.join(site.home, 'work'))).toEqual(['default.other.1.1']);
    expect(await readFile(path.join(other, 'secret'), 'utf8')).toBe(secret);
  });
});

/** Everything the files below a directory hold, unpacked where they are gzip. */
async function contentOfBlobs(directory: string): Promise<string> {
  const entries = await readdir(directory, {recursive: true, withFileTypes: true}).catch(() => []);
  const texts = entries.map(async (entry) => {
    if (!entry.isFile()) return '';
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('latin1');
  });
  return (await Promise.all(texts)).join('\n');
}

// What every executor does, whatever it runs builds with. An executor passes by calling `describeExecutor` with a way to open one.
import {access, mkdir, readdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {readImage} from '../../source/oci/image-layout.ts';
import type {Executor, ExecutorEvent} from '../../source/ports/executor.ts';
import {type BuildSite, runJob, succeeded} from './build-site.ts';

export type ExecutorAtSite = {
  readonly executor: Executor;
  readonly site: BuildSite;
  readonly close: () => Promise<void>;
};

/** Layers of every kind, a process, and output on both streams. */
const honestBuild = `
layers=$1
echo "---> building"
echo "on stderr" > /dev/stderr
mkdir -p "$layers/launched/bin" "$layers/cached"
echo tool > "$layers/launched/bin/tool"
printf '[types]\\nlaunch = true\\n' > "$layers/launched.toml"
date > "$layers/cached/kept" ; echo kept > "$layers/cached/kept"
printf '[types]\\ncache = true\\n' > "$layers/cached.toml"
printf '[[processes]]\\ntype = "web"\\ncommand = ["cat", "app.txt"]\\ndefault = true\\n' > "$layers/launch.toml"
`;

/** The contract of `source/ports/executor.ts`. */
export function describeExecutor(name: string, open: () => Promise<ExecutorAtSite>): void {
  describe(`${name} executor`, () => {
    let at: ExecutorAtSite;
    beforeAll(async () => {
      at = await open();
    });
    afterAll(() => at.close());

    test('turns a source into an image with its names, and says so phase by phase', async () => {
      const buildpack = await at.site.buildpack('acme/tool', {build: honestBuild});
      const job = at.site.job([buildpack]);
      const run = await runJob(at.executor, job);
      const result = succeeded(run);
      expect(result).toMatchObject({
        tags: job.tags,
        stackId: 'acme.stacks.noble',
        runImage: {name: 'registry.example/run:noble', digest: job.builder.runImage.digest},
        buildpacks: [{id: 'acme/tool', version: '1.2.3', homepage: 'https://acme.tool.example'}],
      });
      const image = await readImage(at.site.published, result.digest);
      expect(image.config.config?.Entrypoint).toEqual(['/cnb/process/web']);
      expect(phasesOf(run.events)).toEqual(at.executor.phases.map((phase) => `${phase} succeeded`));
      expect(run.events).toContainEqual({kind: 'buildpacks.detected', buildpacks: result.buildpacks});
      expect(layersOf(run.events, 'added')).toContain('acme/tool:launched');
      expect(layersOf(run.events, 'cached')).toContain('acme/tool:cached');
      expect(run.text('prepare')).toContain('Build reason(s): COMMIT\nCOMMIT:\n');
      expect(run.text('build')).toContain('on stderr\n');
      await expectGone(job.workDirectory);
    });

    test('reuses the layers of the previous image and restores the cache', async () => {
      const buildpack = await at.site.buildpack('acme/again', {build: honestBuild});
      const first = await runJob(at.executor, at.site.job([buildpack]));
      const {digest} = succeeded(first);
      const second = await runJob(
        at.executor,
        at.site.job([buildpack], {previous: {layout: at.site.published, digest}}),
      );
      expect(succeeded(second).digest).toBe(digest);
      expect(layersOf(second.events, 'reused')).toContain('acme/again:launched');
      expect(layersOf(second.events, 'restored')).toContain('acme/again:cached');
    });

    test('passes environment on to the buildpacks, the image over the project descriptor', async () => {
      const buildpack = await at.site.buildpack('acme/env', {
        build: 'echo "$FROM_DESCRIPTOR $FROM_IMAGE [${SLIPWAY_EVENTS_FD}] [${SLIPWAY_OUTPUT_LAYOUT}]"; cat app.txt',
      });
      const env = [
        {name: 'FROM_IMAGE', value: 'two words'},
        {name: 'FROM_DESCRIPTOR', value: 'overridden'},
      ];
      const run = await runJob(at.executor, at.site.job([buildpack], {env}));
      expect(run.text('build')).toContain('overridden two words [] []\nan app\n');
    });

    test('fails with 20 when no group passes detection', async () => {
      const buildpack = await at.site.buildpack('acme/none', {detect: 'exit 100'});
      const run = await runJob(at.executor, at.site.job([buildpack]));
      expect(run.outcome).toMatchObject({
        kind: 'failed',
        failure: {
          phase: 'detect',
          exitCode: 20,
          message: expect.stringMatching(/no buildpack/i),
        },
      });
      const before = at.executor.phases.slice(0, at.executor.phases.indexOf('detect'));
      expect(phasesOf(run.events)).toEqual([...before.map((phase) => `${phase} succeeded`), 'detect failed']);
    });

    test('fails with 21 when a buildpack broke while detecting', async () => {
      const buildpack = await at.site.buildpack('acme/broken', {detect: 'echo broken >&2; exit 3'});
      const run = await runJob(at.executor, at.site.job([buildpack]));
      expect(run.outcome).toMatchObject({kind: 'failed', failure: {phase: 'detect', exitCode: 21}});
    });

    test('fails with 51, the buildpack and the line that names the error when a buildpack fails', async () => {
      const good = await at.site.buildpack('acme/good', {});
      const bad = await at.site.buildpack('acme/bad', {
        build: "echo fetching; printf '\\033[31mnpm ERR! missing script: build\\033[0m\\n' >&2; exit 7",
      });
      const job = at.site.job([good, bad]);
      const run = await runJob(at.executor, job);
      expect(run.outcome).toMatchObject({
        kind: 'failed',
        failure: {
          phase: 'build',
          exitCode: 51,
          meaning: 'a buildpack failed while building',
          buildpack: {id: 'acme/bad', version: '1.2.3'},
          message: expect.stringContaining('npm ERR! missing script: build'),
          next: expect.stringContaining('acme/bad 1.2.3'),
        },
      });
      expect(run.events.filter((event) => event.kind === 'buildpack.started')).toMatchObject([
        {buildpack: {id: 'acme/good'}, index: 1, of: 2},
        {buildpack: {id: 'acme/bad'}, index: 2, of: 2},
      ]);
      await expectGone(job.workDirectory);
    });

    test('fails in prepare, in words, when the source cannot be had', async () => {
      const buildpack = await at.site.buildpack('acme/any', {});
      const source = {kind: 'local', path: path.join(at.site.home, 'nowhere')} as const;
      const run = await runJob(at.executor, at.site.job([buildpack], {source}));
      expect(run.outcome).toMatchObject({
        kind: 'failed',
        failure: {phase: 'prepare', message: expect.stringContaining('nowhere')},
      });
    });

    test('hands log bytes on while the phase runs', async () => {
      const buildpack = await at.site.buildpack('acme/slow', {
        build:
          'echo first; for ((i = 0; i < 200; i++)); do [[ -e /layers/go || -e "$PWD/go" ]] && exit 0; read -t 0.05 < <(:); done; exit 9',
      });
      const seen: string[] = [];
      const cancel = new AbortController();
      const run = await runJob(at.executor, at.site.job([buildpack]), cancel.signal, ({log}) => {
        const piece = log.at(-1);
        if (piece?.phase !== 'build' || !piece.bytes.includes('first')) return;
        seen.push(piece.during);
        cancel.abort();
      });
      expect(seen).toEqual(['build']);
      expect(run.outcome.kind).toBe('cancelled');
    });

    test('stops everything when cancelled, and leaves nothing', async () => {
      const buildpack = await at.site.buildpack('acme/endless', {
        build: 'setsid bash -c "trap \\"\\" TERM INT; echo up; sleep 987654" & sleep 987653',
      });
      const cancel = new AbortController();
      const job = at.site.job([buildpack]);
      const run = await runJob(at.executor, job, cancel.signal, ({log}) => {
        if (log.at(-1)?.bytes.includes('up')) cancel.abort();
      });
      expect(run.outcome).toEqual({kind: 'cancelled'});
      expect(phasesOf(run.events).at(-1)).toBe('build cancelled');
      expect(await processesNamed(/^sleep 98765[34] $/)).toEqual([]);
      await expectGone(job.workDirectory);
    });

    test('never starts anything when it is cancelled before it begins', async () => {
      const buildpack = await at.site.buildpack('acme/early', {build: 'echo ran'});
      const job = at.site.job([buildpack]);
      const run = await runJob(at.executor, job, AbortSignal.abort());
      expect(run.outcome).toEqual({kind: 'cancelled'});
      await expectGone(job.workDirectory);
    });

    test('fails a build that takes longer than its limit', async () => {
      const buildpack = await at.site.buildpack('acme/late', {build: 'echo waiting; sleep 987652'});
      const run = await runJob(at.executor, at.site.job([buildpack], {timeout: 2}));
      expect(run.outcome).toMatchObject({
        kind: 'failed',
        failure: {meaning: 'the build took longer than its limit of 2 seconds'},
      });
      expect(await processesNamed(/^sleep 987652 $/)).toEqual([]);
    });

    test('keeps what a buildpack prints as it came: ten million bytes on one line, and no text at all', async () => {
      const buildpack = await at.site.buildpack('acme/loud', {
        build: `head -c 10000000 /dev/zero | tr '\\0' x; echo; printf '\\000\\377\\376\\033[2J\\r\\n'`,
      });
      const run = await runJob(at.executor, at.site.job([buildpack]));
      expect(run.outcome.kind).toBe('succeeded');
      const bytes = Buffer.concat(run.log.filter(({phase}) => phase === 'build').map((piece) => piece.bytes));
      expect(bytes.indexOf(Buffer.concat([Buffer.alloc(10_000_000, 'x'), Buffer.from('\n')]))).toBe(0);
      expect(bytes.indexOf(Buffer.from('\u0000\u00ff\u00fe\u001b[2J\r\n', 'latin1'))).toBeGreaterThan(0);
    });

    test('removes what a predecessor left, and nothing that is not its own', async () => {
      const works = path.join(at.site.home, 'works-of-others');
      await mkdir(path.join(works, 'somebody-elses'), {recursive: true});
      await writeFile(path.join(works, 'somebody-elses', 'run.json'), '{"executor":"another"}');
      await at.executor.sweep(works);
      expect(await readdir(works)).toEqual(['somebody-elses']);
      await at.executor.sweep(path.join(works, 'no-such-directory'));
    });
  });
}

function phasesOf(events: readonly ExecutorEvent[]): readonly string[] {
  return events.flatMap((event) => (event.kind === 'phase.finished' ? [`${event.phase} ${event.state}`] : []));
}

function layersOf(events: readonly ExecutorEvent[], what: string): readonly string[] {
  return events.flatMap((event) => (event.kind === 'layer.recorded' && event.what === what ? [event.layer] : []));
}

async function expectGone(directory: string): Promise<void> {
  await expect(access(directory)).rejects.toMatchObject({code: 'ENOENT'});
}

/** Command lines of this machine's processes, each word followed by a space, that match. */
export async function processesNamed(pattern: RegExp): Promise<readonly string[]> {
  const {readFile} = await import('node:fs/promises');
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ')).filter((line) => pattern.test(line));
}

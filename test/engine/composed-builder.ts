// Puts buildpacks and an order into a builder image inside the engine: quick enough to be done for every job of a test.
import {stringify} from 'smol-toml';
import {createContainerExecutor} from '../../source/executors/container/container-executor.ts';
import {copyIn} from '../../source/executors/container/engine-commands.ts';
import {fileEntries, tarStream, treeEntries} from '../../source/executors/container/tar-stream.ts';
import {buildpackPath} from '../../source/executors/reachable-buildpacks.ts';
import type {TarEntry} from '../../source/oci/tar-writer.ts';
import type {BuildJob, Executor} from '../../source/ports/executor.ts';
import {copyingSources, publishInto} from '../executors/build-site.ts';
import type {EngineAtHost} from './engine-host.ts';

/** A container executor that makes the image of each job's builder first, from its buildpacks and its order. */
export function composingExecutor(at: EngineAtHost, published: string, owner: string): Executor {
  const executor = createContainerExecutor({
    engine: at.engine,
    owner,
    sources: copyingSources,
    publish: publishInto(published),
    clock: {
      now: () => Date.now(),
      after: (milliseconds, task) => {
        const timer = setTimeout(task, milliseconds);
        return () => clearTimeout(timer);
      },
    },
  });
  return {
    ...executor,
    run: async (job, report, signal) =>
      executor.run(job.builder.image ? job : await withImage(at, job), report, signal),
  };
}

let images = 0;

/** `programs` are scripts that stand in the place of the lifecycle's, by their names. */
export async function withImage(
  at: EngineAtHost,
  job: BuildJob,
  programs: Readonly<Record<string, string>> = {},
): Promise<BuildJob> {
  images += 1;
  const image = `slipway.test/builder:${process.pid}-${images}`;
  const {cli, engine} = at;
  const container = `slipway-compose-${process.pid}-${images}`;
  await cli.call(['create', '--name', container, '--network', 'none', '--entrypoint', 'true', at.base]);
  await cli.call(copyIn(engine, container, '/'), {input: tarStream(builderEntries(job, programs))});
  await cli.call(['commit', container, image]);
  await cli.call(['rm', '--force', container]);
  return {...job, builder: {...job.builder, image}};
}

function* builderEntries({builder}: BuildJob, programs: Readonly<Record<string, string>>): Generator<TarEntry> {
  const root = {userId: 0, groupId: 0};
  for (const [name, script] of Object.entries(programs)) {
    const content = Buffer.from(`#!/bin/bash\n${script}\n`);
    yield {path: `cnb/lifecycle/${name}`, kind: 'file', mode: 0o755, uid: 0, gid: 0, content};
  }
  yield* fileEntries(new Map([['cnb/order.toml', stringify({order: builder.order})]]), root, ['cnb/buildpacks']);
  for (const buildpack of builder.buildpacks) {
    const place = `cnb/buildpacks/${buildpackPath(buildpack)}`;
    yield* fileEntries(new Map(), root, [place]);
    for (const entry of treeEntries(buildpack.directory, root))
      yield {...entry, path: `${place}/${entry.path.slice(2)}`};
  }
}

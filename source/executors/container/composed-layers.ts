// What goes onto a build image to make a builder of it: directories, lifecycle, buildpacks, order (specification: platform, Build Image).
import path from 'node:path';
import {stringify} from 'smol-toml';
import {buildpackLabel, type OrderGroup} from '../../domain/buildpack.ts';
import type {LifecycleResource} from '../../domain/lifecycle-resource.ts';
import type {ImageConfig} from '../../oci/image-config.ts';
import type {WrittenLayer} from '../../oci/layer-writer.ts';
import type {TarEntry} from '../../oci/tar-writer.ts';
import type {BuildJob} from '../../ports/executor.ts';
import {runToml} from '../build-files.ts';
import {buildpackPath} from '../reachable-buildpacks.ts';
import type {Labels} from './engine-commands.ts';
import {fileEntries, treeEntries} from './tar-stream.ts';

const root = {userId: 0, groupId: 0};

/** The layers in order; what changes most often comes last, so that an engine keeps the others. */
export function composedLayers(job: BuildJob, lifecycle: LifecycleResource): readonly Iterable<TarEntry>[] {
  const {buildpacks} = job.builder;
  return [
    directories(job),
    lifecycleEntries(lifecycle),
    ...buildpacks.map((buildpack) => buildpackEntries(buildpack)),
    fileEntries(
      new Map([
        ['cnb/order.toml', stringify({order: orderTables(job.builder.order)})],
        ['cnb/run.toml', runToml(job)],
        ['cnb/stack.toml', stringify({'run-image': {image: job.builder.runImage.name}})],
      ]),
      root,
    ),
  ];
}

/** What the lifecycle expects to be there: `/layers` and `/workspace` are the build user's. */
function directories({builder}: BuildJob): readonly TarEntry[] {
  const own = {uid: builder.userId, gid: builder.groupId};
  const directory = (name: string, owner = {uid: 0, gid: 0}): TarEntry => ({
    path: `${name}/`,
    kind: 'directory',
    mode: 0o755,
    ...owner,
  });
  return [
    directory('cnb'),
    directory('cnb/buildpacks'),
    directory('layers', own),
    directory('platform'),
    directory('platform/env'),
    directory('workspace', own),
  ];
}

/** One program under the names of its phases (upstream's release archive has the same links). */
const programs = ['analyzer', 'builder', 'creator', 'detector', 'exporter', 'extender', 'rebaser', 'restorer'] as const;

function* lifecycleEntries({resolved}: LifecycleResource): Generator<TarEntry> {
  yield* fileEntries(new Map(), root, ['cnb/lifecycle']);
  for (const entry of treeEntries(resolved.directory, root)) {
    if (entry.kind === 'file') yield {...entry, path: `cnb/lifecycle/${entry.path.slice(2)}`};
  }
  for (const program of programs) {
    yield {path: `cnb/lifecycle/${program}`, kind: 'symlink', mode: 0o777, uid: 0, gid: 0, linkTarget: 'lifecycle'};
  }
}

function* buildpackEntries(buildpack: BuildJob['builder']['buildpacks'][number]): Generator<TarEntry> {
  const place = path.posix.join('cnb/buildpacks', buildpackPath(buildpack));
  yield* fileEntries(new Map(), root, [path.posix.dirname(place)]);
  for (const entry of treeEntries(buildpack.directory, root)) yield {...entry, path: `${place}/${entry.path.slice(2)}`};
}

/** TOML knows no undefined. */
function orderTables(order: readonly OrderGroup[]): readonly object[] {
  return order.map(({group}) => ({
    group: group.map(({id, version, optional}) => ({
      id,
      ...(version === undefined ? {} : {version}),
      ...(optional ? {optional} : {}),
    })),
  }));
}

/** The build image's config with the labels that make it a builder (pack `internal/builder/builder.go`). */
export function composedConfig(
  base: ImageConfig,
  job: BuildJob,
  {resolved}: LifecycleResource,
  labels: Labels,
  added: readonly WrittenLayer[],
): ImageConfig {
  const {builder} = job;
  const created = '1980-01-01T00:00:01Z';
  const ids = [`CNB_USER_ID=${builder.userId}`, `CNB_GROUP_ID=${builder.groupId}`, `CNB_STACK_ID=${builder.stackId}`];
  const isOurs = (variable: string) => ids.some((id) => variable.split('=')[0] === id.split('=')[0]);
  const metadata = {
    description: `composed by slipway for ${builder.kind} ${builder.name}`,
    buildpacks: builder.buildpacks.map(({id, version, homepage}) => ({id, version, ...(homepage ? {homepage} : {})})),
    stack: {runImage: {image: builder.runImage.name, mirrors: []}},
    images: [{image: builder.runImage.name, mirrors: []}],
    lifecycle: {version: resolved.version, apis: resolved.apis},
    createdBy: {name: 'slipway', version: resolved.version},
  };
  return {
    ...base,
    created,
    config: {
      ...base.config,
      User: `${builder.userId}:${builder.groupId}`,
      WorkingDir: '/layers',
      Env: [...(base.config?.Env ?? []).filter((variable) => !isOurs(variable)), ...ids],
      Labels: {
        ...base.config?.Labels,
        'io.buildpacks.stack.id': builder.stackId,
        'io.buildpacks.builder.metadata': JSON.stringify(metadata),
        'io.buildpacks.buildpack.order': JSON.stringify(orderTables(builder.order)),
        'io.buildpacks.lifecycle.version': resolved.version,
        'io.buildpacks.lifecycle.apis': JSON.stringify(resolved.apis),
        ...labels,
      },
    },
    rootfs: {type: 'layers', diff_ids: [...base.rootfs.diff_ids, ...added.map(({diffId}) => diffId)]},
    history: [
      ...(base.history ?? []),
      ...added.map((_, index) => ({created, created_by: `slipway: ${historyOf(index, builder.buildpacks)}`})),
    ],
  };
}

function historyOf(index: number, buildpacks: BuildJob['builder']['buildpacks']): string {
  const buildpack = buildpacks[index - 2];
  if (index === 0) return 'directories';
  if (index === 1) return 'lifecycle';
  return buildpack ? `buildpack ${buildpackLabel(buildpack)}` : 'order';
}

// Everything about one image, stack or builder, for reading.
import {type Builder, builderKey, type BuilderSpec, executorText} from '../../domain/builder.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import {exportTargetOf} from '../../domain/export-target.ts';
import type {Stack, StackWatch} from '../../domain/stack.ts';
import {entry} from '../../state/entry.ts';
import {resolvedBuilder} from '../../state/image-decision.ts';
import type {ImageStatus} from '../../state/image-status.ts';
import {latestSuccess} from '../../state/image-status.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import {dayAndTimeText} from './durations.ts';
import {shortDigest} from './names.ts';
import {type Line, span} from './spans.ts';
import type {StackRow} from './stack-rows.ts';

/** The image's spec, its source and what it gave last. */
export function describeImage(record: ImageRecord, status: ImageStatus, state: State): readonly Line[] {
  const {image, source, builds} = record;
  const {spec} = image;
  const success = builds.length > 0 ? latestSuccess({image, builds, buildCounter: 0}) : undefined;
  return [
    field('state', status.hold ? `${status.state}: ${status.hold.message}` : status.state),
    field('namespace', image.namespace),
    field('tag', spec.tag),
    ...spec.additionalTags.map((tag) => field('', tag)),
    field('builder', `${spec.builder.kind} ${spec.builder.name}`),
    field('source', spec.source.kind === 'git' ? `${spec.source.url} ${spec.source.revision}` : spec.source.path),
    ...(spec.source.subPath ? [field('sub path', spec.source.subPath)] : []),
    field('resolved', source?.resolved ? shortDigest(source.resolved.revision) : 'not yet'),
    ...(source?.problem ? [field('problem', source.problem)] : []),
    ...(source?.problemSince === undefined ? [] : [field('since', dayAndTimeText(source.problemSince))]),
    field('policy', spec.updatePolicy),
    field('export', exportText(record, state)),
    field(
      'history',
      `${spec.successBuildHistoryLimit} successful and ${spec.failedBuildHistoryLimit} failed builds kept`,
    ),
    ...spec.env.map(({name, value}, at) => field(at === 0 ? 'env' : '', `${name}=${value}`)),
    [],
    field('newest', success?.result ? success.result.digest : 'no build has succeeded yet'),
    ...(success?.result?.buildpacks.map((one, at) => field(at === 0 ? 'buildpacks' : '', buildpackLabel(one))) ?? []),
  ];
}

/** Where its builds go; where nobody said so, what its builder does by itself. */
function exportText(record: ImageRecord, state: State): string {
  const {spec} = record.image;
  const builder = state.builders[builderKey(spec.builder.kind, spec.builder.name, record.image.namespace)];
  if (spec.export !== undefined) return spec.export;
  return builder
    ? `${exportTargetOf(spec, builder.spec.executor)} (what its builder does)`
    : 'not known without its builder';
}

/** A stack's base images, or a builder's order. */
export function describeStack(row: StackRow, state: State): readonly Line[] {
  if (row.kind === 'heading') return [];
  if (row.kind === 'stack') {
    const {spec, resolved} = row.stack;
    const {target} = resolved;
    return [
      field('stack id', spec.id),
      field('used by', row.uses),
      [],
      field('run image', spec.runImage),
      field('', resolved.runImage.digest),
      field('build image', spec.buildImage),
      field('', resolved.buildImage.digest),
      ...followLines(row.stack, entry(state.stackWatches, row.stack.name)),
      [],
      field('target', [target.os, target.arch, target.distroName, target.distroVersion].filter(Boolean).join(' ')),
      field('user', `${resolved.userId}:${resolved.groupId}`),
      ...(resolved.mixins.length > 0 ? [field('mixins', resolved.mixins.join(' '))] : []),
      ...(resolved.runnable ? [] : [field('note', 'the run image has no shell, so nothing can be started in it')]),
    ];
  }
  const {spec} = row.builder;
  return [
    field('kind', row.builder.kind),
    field('used by', row.uses),
    ...(spec.image === undefined ? [] : [field('image', spec.image)]),
    ...(spec.stack === undefined ? [] : [field('stack', stackText(spec.stack, state))]),
    ...(spec.runImage === undefined ? [] : [field('run image', spec.runImage)]),
    ...(spec.image === undefined ? [field('store', spec.store ?? 'none')] : []),
    field('executor', executorText(spec)),
    ...engineFields(spec, state),
    ...lifecycleFields(row.builder, state),
    field('trusted', spec.trusted ? 'yes' : 'no'),
    [],
    ...(row.builder.found?.order ?? spec.order).flatMap(({group}, at) => [
      field(at === 0 ? 'order' : '', `group ${at + 1}`),
      ...group.map((entry) => field('', `  ${buildpackLabel(entry)}${entry.optional ? ' (optional)' : ''}`)),
    ]),
  ];
}

/** What is known of the engine that its builds run in, and what helps when it does not answer. */
function engineFields({engine: kind}: BuilderSpec, {controller}: State): readonly Line[] {
  const engine = controller?.engines?.find((one) => one.kind === kind);
  if (!engine) return [];
  if (engine.state !== 'ready') return [field('', engine.problem), field('', engine.next)];
  const how = engine.rootless ? ', rootless' : '';
  return [field('', `${engine.kind} ${engine.version}${how}`), ...engine.limits.map((limit) => field('', limit))];
}

function stackText(name: string, state: State): string {
  return state.stacks[name] ? name : `${name} (there is no such stack)`;
}

function lifecycleFields(builder: Builder, state: State): readonly Line[] {
  const resolved = resolvedBuilder(builder, state);
  if (resolved.kind === 'not-ready') return [field('problem', resolved.message)];
  const {lifecycle} = resolved;
  const pinned = builder.spec.lifecycleImage;
  return [
    ...(lifecycle ? [field('lifecycle', lifecycle.version)] : []),
    ...(pinned === undefined ? [] : [field('', `privileged phases from ${pinned}`)]),
  ];
}

function field(name: string, value: string): Line {
  return [span(name.padEnd(12), 'dim'), span(value)];
}

function followLines({spec, pinnedBy}: Stack, watch: StackWatch | undefined): readonly Line[] {
  if (spec.follow === undefined && pinnedBy === undefined) return [];
  const {proposal, rejected, problem} = watch ?? {};
  const policy = spec.follow === 'auto' ? 'its tags; what moves is patched' : 'its tags; what moves is proposed';
  return [
    [],
    field('follows', spec.follow === undefined ? `nothing since the rollback of ${pinnedBy ?? ''}` : policy),
    ...(proposal ? [field('proposed', proposal.runImage)] : []),
    ...(proposal?.hold === undefined ? [] : [field('held', proposal.hold)]),
    ...(rejected ? [field('rejected', rejected.runImage)] : []),
    ...(problem === undefined ? [] : [field('problem', problem)]),
  ];
}

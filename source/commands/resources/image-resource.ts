// An image in kpack's shape (kpack.io/v1alpha2 Image) with Slipway's additions: spec.paused, updatePolicy, export;
// status.state and status.hold.
import {reasonText} from '../../domain/change.ts';
import type {Image, ImageSpec} from '../../domain/image.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {ImageSource} from '../../domain/source.ts';
import {imageStatus, latestBuild, latestSuccess} from '../../state/image-status.ts';
import {sourceProblem} from '../../state/source-problem.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import {atDigest} from '../image-reference.ts';
import {timestamp} from '../time-text.ts';
import {readyCondition} from './image-condition.ts';

/** The resource with its status as the state is now. */
export function imageResource(record: ImageRecord, state: State): PlainData {
  return {...imageManifest(record.image), status: status(record, state)};
}

/** The resource without a status: what one would apply. */
export function imageManifest({namespace, name, generation, createdAt, paused, spec}: Image): {
  readonly [key: string]: PlainData;
} {
  return {
    apiVersion: 'kpack.io/v1alpha2',
    kind: 'Image',
    metadata: {name, namespace, generation, creationTimestamp: timestamp(createdAt)},
    spec: {
      tag: spec.tag,
      additionalTags: orAbsent(spec.additionalTags),
      builder: {kind: spec.builder.kind, name: spec.builder.name},
      serviceAccountName: spec.serviceAccountName,
      source: sourceData(spec.source),
      cache: spec.cacheSize === undefined ? undefined : {volume: {size: spec.cacheSize}},
      successBuildHistoryLimit: spec.successBuildHistoryLimit,
      failedBuildHistoryLimit: spec.failedBuildHistoryLimit,
      imageTaggingStrategy: spec.imageTaggingStrategy,
      projectDescriptorPath: spec.projectDescriptorPath,
      defaultProcess: spec.defaultProcess,
      build: buildData(spec),
      paused: paused || undefined,
      updatePolicy: spec.updatePolicy,
      export: spec.export,
    },
  };
}

function buildData(spec: ImageSpec): PlainData {
  const build = {
    env: orAbsent(spec.env.map(({name, value}) => ({name, value}))),
    services: orAbsent(spec.services.map(({kind, apiVersion, name}) => ({kind, apiVersion, name}))),
    // Kept as it came in a manifest: plain data by construction.
    resources: Object.keys(spec.resources).length === 0 ? undefined : (spec.resources as PlainData),
    buildTimeout: spec.buildTimeout,
    creationTime: spec.creationTime,
  };
  return Object.values(build).every((value) => value === undefined) ? undefined : build;
}

/** A source as a manifest writes it; `local` is Slipway's. */
export function sourceData(source: ImageSource, revision?: string): PlainData {
  const {subPath} = source;
  switch (source.kind) {
    case 'git': {
      const {url, initializeSubmodules} = source;
      return {git: {url, revision: revision ?? source.revision, initializeSubmodules}, subPath};
    }
    case 'local':
      return {local: {path: source.path, revision}, subPath};
    default:
      return source satisfies never;
  }
}

function status(record: ImageRecord, state: State): PlainData {
  const {image, buildCounter} = record;
  const build = latestBuild(record);
  const success = latestSuccess(record);
  const {state: name, hold} = imageStatus(record, state);
  return {
    observedGeneration: image.generation,
    conditions: [{type: 'Ready', ...readyCondition(record, state)}, ...sourceConditions(record)],
    latestBuildRef: build && `${image.name}-build-${build.number}`,
    latestBuildImageGeneration: build?.inputs.imageGeneration,
    latestBuildReason: build && reasonText(build.changes),
    latestImage: success?.result && atDigest(image.spec.tag, success.result.digest),
    latestStack: success?.result?.stackId,
    buildCounter,
    state: name,
    hold: hold && {kind: hold.kind, message: hold.message},
  };
}

/** Slipway's own, only while a source that was read once cannot be read any more: Ready stays what it is, as in kpack. */
function sourceConditions(record: ImageRecord): readonly PlainData[] {
  const found = sourceProblem(record);
  if (!found) return [];
  const {problem: message, since} = found;
  const lastTransitionTime = since === undefined ? undefined : timestamp(since);
  return [{type: 'SourceReady', status: 'False', reason: 'SourceUnreadable', message, lastTransitionTime}];
}

function orAbsent<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

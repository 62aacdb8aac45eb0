// A build in kpack's shape (kpack.io/v1alpha2 Build) with Slipway's additions: status.phases, executor, changes, startedAt, finishedAt.
import type {Build} from '../../domain/build.ts';
import {reasonText} from '../../domain/change.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {ImageRecord} from '../../state/state.ts';
import {atDigest} from '../image-reference.ts';
import {timestamp} from '../time-text.ts';
import {buildCondition} from './build-condition.ts';
import {sourceData} from './image-resource.ts';

/** The resource; `record` is the image it belongs to. */
export function buildResource(build: Build, record: ImageRecord): PlainData {
  const {image, number, namespace, inputs} = build;
  const changes = build.changes.map(changeData);
  return {
    apiVersion: 'kpack.io/v1alpha2',
    kind: 'Build',
    metadata: {
      name: `${image}-build-${number}`,
      namespace,
      creationTimestamp: timestamp(build.startedAt),
      labels: {
        'image.kpack.io/buildNumber': String(number),
        'image.kpack.io/image': image,
        'image.kpack.io/imageGeneration': String(inputs.imageGeneration),
      },
      annotations: {
        'image.kpack.io/reason': reasonText(build.changes),
        'image.kpack.io/buildChanges': JSON.stringify(changes),
        'image.kpack.io/builderName': inputs.builder.name,
        'image.kpack.io/builderKind': inputs.builder.kind,
      },
    },
    spec: {
      tags: build.result?.tags ?? [record.image.spec.tag],
      builder: {ref: {kind: inputs.builder.kind, name: inputs.builder.name}},
      runImage: {image: atDigest(inputs.runImage.name, inputs.runImage.digest)},
      source: sourceData(record.image.spec.source, inputs.source.revision),
      env: inputs.config.env?.map(({name, value}) => ({name, value})),
      lastBuild: inputs.previousDigest && {image: atDigest(record.image.spec.tag, inputs.previousDigest)},
    },
    status: {...kpackStatus(build, record), ...additions(build), changes},
  };
}

function kpackStatus(build: Build, record: ImageRecord): {readonly [key: string]: PlainData} {
  const {result} = build;
  return {
    conditions: [{type: 'Succeeded', ...buildCondition(build)}],
    buildMetadata: build.buildpacks.map(({id, version, homepage}) => ({id, version, homepage})),
    stack: result && {id: result.stackId, runImage: atDigest(result.runImage.name, result.runImage.digest)},
    lifecycleVersion: result?.lifecycleVersion ?? build.inputs.lifecycleVersion,
    latestImage: result && atDigest(record.image.spec.tag, result.digest),
    stepsCompleted: build.phases.filter(({state}) => state === 'succeeded').map(({name}) => name),
  };
}

function additions(build: Build): {readonly [key: string]: PlainData} {
  return {
    executor: build.inputs.executor,
    strategy: build.strategy,
    attempts: build.attempts.length,
    startedAt: timestamp(build.startedAt),
    finishedAt: build.finishedAt === undefined ? undefined : timestamp(build.finishedAt),
    phases: build.phases.map((phase) => ({
      name: phase.name,
      state: phase.state,
      startedAt: phase.startedAt === undefined ? undefined : new Date(phase.startedAt).toISOString(),
      finishedAt: phase.finishedAt === undefined ? undefined : new Date(phase.finishedAt).toISOString(),
      exitCode: phase.exitCode,
    })),
  };
}

/** A change is plain data by construction; the compiler cannot see that through its named types. */
function changeData(change: Build['changes'][number]): PlainData {
  return {reason: change.reason, old: change.old as PlainData, new: change.new as PlainData};
}

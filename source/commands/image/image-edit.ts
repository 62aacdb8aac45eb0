// Turns the flags of image create, patch and save into what the controller is asked for; says what is wrong in kp's words
// (kpack-cli `pkg/image/factory.go`, `update_factory.go`).
import type {BuilderRef} from '../../domain/builder.ts';
import type {EnvVar, Image, ServiceRef} from '../../domain/image.ts';
import type {ImageEdit} from '../client-types.ts';
import {failure, usageError} from '../command-error.ts';
import type {LocalFiles} from '../command-context.ts';
import type {ImageFlags} from './image-flags.ts';

/** The edit for an image that exists (`existing`) or is to be made. */
export async function imageEdit(flags: ImageFlags, files: LocalFiles, existing: Image | undefined): Promise<ImageEdit> {
  checkSources(flags, existing);
  const edit: ImageEdit = {
    tag: existing ? undefined : flags.tag,
    additionalTags: flags.additionalTag,
    deleteAdditionalTags: flags.deleteAdditionalTag,
    replaceAdditionalTags: flags.replaceAdditionalTag,
    builder: builderOf(flags, existing),
    git: flags.git === undefined ? undefined : {url: flags.git},
    gitRevision: flags.gitRevision ?? (flags.git !== undefined && !existing ? 'main' : undefined),
    localPath: flags.localPath === undefined ? undefined : await localPath(flags.localPath, files),
    subPath: flags.subPath,
    env: flags.env?.map(envOf),
    deleteEnv: flags.deleteEnv && deletions(flags.deleteEnv, existing),
    services: flags.serviceBinding?.map(serviceOf),
    deleteServices: flags.deleteServiceBinding,
    cacheSize: cacheSizeOf(flags.cacheSize),
    serviceAccountName: flags.serviceAccount,
    successBuildHistoryLimit: historyLimit(flags.successBuildHistoryLimit),
    failedBuildHistoryLimit: historyLimit(flags.failedBuildHistoryLimit),
    projectDescriptorPath: flags.projectDescriptorPath,
    defaultProcess: flags.defaultProcess,
    buildTimeout: timeoutOf(flags.buildTimeout),
    creationTime: creationTimeOf(flags.creationTime),
    updatePolicy: flags.updatePolicy,
    export: flags.export,
  };
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)) as ImageEdit;
}

function checkSources(flags: ImageFlags, existing: Image | undefined): void {
  const given = [flags.git, flags.blob, flags.localPath].filter((source) => source !== undefined).length;
  if (given > 1 || (given === 0 && !existing)) throw usageError('image source must be one of git, blob, or local-path');
  if (flags.blob !== undefined) {
    throw usageError('blob sources are not in this version of slipway yet; expected --git or --local-path');
  }
  if (flags.gitRevision === undefined || flags.git !== undefined) return;
  if (flags.localPath !== undefined)
    throw usageError('git-revision is incompatible with blob and local path image sources');
  if (existing?.spec.source.kind !== 'git') throw usageError('git-revision is incompatible with existing image source');
}

function builderOf({builder, clusterBuilder}: ImageFlags, existing: Image | undefined): BuilderRef | undefined {
  if (builder !== undefined && clusterBuilder !== undefined) {
    throw usageError('must provide one of builder or cluster-builder');
  }
  if (builder !== undefined) return {kind: 'Builder', name: builder};
  if (clusterBuilder !== undefined) return {kind: 'ClusterBuilder', name: clusterBuilder};
  return existing ? undefined : {kind: 'ClusterBuilder', name: 'default'};
}

async function localPath(path: string, files: LocalFiles): Promise<string> {
  const absolute = files.absolute(path);
  const kind = await files.kind(absolute);
  if (kind === 'directory' || kind === 'zip') return absolute;
  const got = kind === 'missing' ? 'does not exist' : 'is neither';
  throw failure(`local path must be a directory or zip; "${absolute}" ${got}`);
}

function envOf(text: string): EnvVar {
  const equals = text.indexOf('=');
  if (equals < 1)
    throw usageError(`env vars are improperly formatted: expected NAME=VALUE, got ${JSON.stringify(text)}`);
  return {name: text.slice(0, equals), value: text.slice(equals + 1)};
}

function deletions(names: readonly string[], existing: Image | undefined): readonly string[] {
  for (const name of names) {
    if (existing?.spec.env.some((variable) => variable.name === name)) continue;
    throw failure(`delete-env parameter '${name}' not found in existing image configuration`);
  }
  return names;
}

function serviceOf(text: string): ServiceRef {
  const parts = text.split(':');
  const [kind = '', apiVersion = '', name = ''] = parts.length === 1 ? ['Secret', 'v1', text] : parts;
  const isWellFormed = (parts.length === 1 || parts.length === 3) && kind !== '' && apiVersion !== '' && name !== '';
  if (isWellFormed) return {kind, apiVersion, name};
  throw usageError(
    `service bindings are improperly formatted: expected KIND:APIVERSION:NAME or NAME, got ${JSON.stringify(text)}`,
  );
}

function cacheSizeOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\d+(\.\d+)?([kMGTPE]i?|m)?$/.test(text)) return text;
  throw usageError(`invalid cache size, must be valid quantity ex. 2G; got ${JSON.stringify(text)}`);
}

function historyLimit(text: string | undefined): number | undefined {
  return wholeNumber(text, 'must provide a valid build history limit > 0');
}

function timeoutOf(text: string | undefined): number | undefined {
  return wholeNumber(text, 'must provide a valid build timeout > 0 in seconds');
}

function wholeNumber(text: string | undefined, expected: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw usageError(`${expected}; got ${JSON.stringify(text)}`);
}

function creationTimeOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || text === 'now' || /^\d+$/.test(text)) return text;
  throw usageError(`expected --creation-time to be "now" or seconds since the epoch, got ${JSON.stringify(text)}`);
}

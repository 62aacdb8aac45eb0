// CONFIG: what the image's spec says about a build differs from what the newest build that ran the source was given.
import type {Build} from '../build.ts';
import {canonicalText} from '../canonical-text.ts';
import type {BuildConfig} from '../change.ts';
import type {DueChange} from '../decision.ts';
import {exportTargetOf} from '../export-target.ts';
import type {Image} from '../image.ts';
import type {ResolvedSource} from '../source.ts';

/**
 * Due on the first build of an image, and when {env, resources, services, source, executor, export} differ with the revision
 * blanked on both sides (kpack `configChange`). The order of env matters.
 */
export function configChange(baseline: Build | undefined, config: BuildConfig, since: number): DueChange | undefined {
  const old = baseline?.inputs.config ?? nothing;
  if (baseline && comparable(old) === comparable(config)) return undefined;
  return {change: {reason: 'CONFIG', old, new: config}, since};
}

/** What CONFIG compares for an image as it is now, in kpack's shape. `executor` is the builder's, as `executorText` says it. */
export function buildConfigOf(image: Image, source: ResolvedSource, executor: string): BuildConfig {
  const {spec} = image;
  return {
    ...(spec.env.length > 0 ? {env: spec.env} : {}),
    resources: spec.resources,
    ...(spec.services.length > 0 ? {services: spec.services} : {}),
    source: sourceConfig(image, source),
    ...(executor === 'embedded' ? {} : {executor}),
    ...(isByItself(image, executor) ? {} : {export: image.spec.export}),
  };
}

/** What nobody asked for is not said: kpack's shape stays as it is. */
function isByItself({spec}: Image, executor: string): boolean {
  return (
    spec.export === undefined || spec.export === exportTargetOf({}, executor === 'embedded' ? executor : 'container')
  );
}

const nothing: BuildConfig = {resources: {}, source: {}};

function sourceConfig({spec}: Image, {revision}: ResolvedSource): BuildConfig['source'] {
  const subPath = spec.source.subPath ? {subPath: spec.source.subPath} : {};
  switch (spec.source.kind) {
    case 'git': {
      const submodules = spec.source.initializeSubmodules ? {initializeSubmodules: true} : {};
      return {git: {url: spec.source.url, revision, ...submodules}, ...subPath};
    }
    case 'local':
      return {local: {path: spec.source.path, revision}, ...subPath};
    default:
      return spec.source satisfies never;
  }
}

function comparable(config: BuildConfig): string {
  const {git, local} = config.source;
  const source = {
    ...(git ? {git: {...git, revision: ''}} : {}),
    ...(local ? {local: {...local, revision: ''}} : {}),
    ...(config.source.subPath ? {subPath: config.source.subPath} : {}),
  };
  return canonicalText({...config, source});
}

// Resources as manifests that `apply` takes back unchanged and that a cluster's kpack takes too: no status, no generation, what
// only Slipway knows in annotations.
import type {Builder} from '../../domain/builder.ts';
import type {BuildpackStore} from '../../domain/buildpack-store.ts';
import type {Image} from '../../domain/image.ts';
import type {LifecycleResource} from '../../domain/lifecycle-resource.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {Stack} from '../../domain/stack.ts';
import {orderData} from '../resources/builder-resource.ts';
import {imageManifest, sourceData} from '../resources/image-resource.ts';
import {ownAnnotations} from './own-annotations.ts';

const apiVersion = 'kpack.io/v1alpha2';
/** kpack wants an account for what is cluster-wide; here it means nothing. */
const serviceAccountRef = {namespace: 'kpack', name: 'default'};

/** With the digests it stands on: applied where it is, it stays on them, wherever its tags point. */
export function exportedStack({name, spec, resolved}: Stack): PlainData {
  return {
    apiVersion,
    kind: 'ClusterStack',
    metadata: {
      name,
      annotations: {
        [ownAnnotations.buildDigest]: resolved.buildImage.digest,
        [ownAnnotations.runDigest]: resolved.runImage.digest,
        [ownAnnotations.follow]: spec.follow ?? 'off',
        ...own(ownAnnotations.followRollout, spec.followRollout && JSON.stringify(spec.followRollout)),
      },
    },
    spec: {id: spec.id, buildImage: {image: spec.buildImage}, runImage: {image: spec.runImage}},
  };
}

export function exportedStore({name, spec}: BuildpackStore): PlainData {
  return {
    apiVersion,
    kind: 'ClusterStore',
    metadata: {name},
    spec: {sources: spec.sources.map((image) => ({image}))},
  };
}

export function exportedLifecycle({name, spec}: LifecycleResource): PlainData {
  return {apiVersion, kind: 'ClusterLifecycle', metadata: {name}, spec: {image: spec.image}};
}

/** kpack wants a tag: one that has none here gets a name, and an annotation that says so. It knows no ready-made builder images. */
export function exportedBuilder({kind, name, namespace, spec}: Builder): PlainData {
  const {tag, stack, store, order, trusted, executor, lifecycle, image} = spec;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      annotations: {
        [ownAnnotations.trusted]: String(trusted),
        [ownAnnotations.executor]: executor,
        ...own(ownAnnotations.engine, spec.engine),
        ...own(ownAnnotations.builderImage, image),
        ...own(ownAnnotations.runImage, spec.runImage),
        ...own(ownAnnotations.lifecycleImage, spec.lifecycleImage),
        ...(tag === undefined ? {[ownAnnotations.untagged]: 'true'} : {}),
      },
    },
    spec: {
      tag: tag ?? `slipway.local/builders/${name}`,
      stack: stack === undefined ? undefined : {kind: 'ClusterStack', name: stack},
      store: store === undefined ? undefined : {kind: 'ClusterStore', name: store},
      lifecycle: lifecycle === undefined ? undefined : {kind: 'ClusterLifecycle', name: lifecycle},
      order: image === undefined ? orderData(order) : undefined,
      ...(kind === 'ClusterBuilder' ? {serviceAccountRef} : {serviceAccountName: 'default'}),
    },
  };
}

function own(annotation: string, value: string | undefined): {readonly [annotation: string]: string} {
  return value === undefined ? {} : {[annotation]: value};
}

/** A local source stands as the registry image that kp would have made of it; an annotation says where it lies. */
export function exportedImage(image: Image): PlainData {
  const {name, namespace, paused, spec} = image;
  const {paused: _paused, updatePolicy: _policy, export: _export, ...fields} = specOf(image);
  const {source} = spec;
  const isLocal = source.kind === 'local';
  return {
    apiVersion,
    kind: 'Image',
    metadata: {
      name,
      namespace,
      annotations: {
        [ownAnnotations.updatePolicy]: spec.updatePolicy,
        [ownAnnotations.export]: spec.export,
        ...(paused ? {[ownAnnotations.paused]: 'true'} : {}),
        ...(isLocal ? {[ownAnnotations.localPath]: source.path} : {}),
      },
    },
    spec: {
      ...fields,
      source: isLocal ? {registry: {image: `${spec.tag}-source`}, subPath: source.subPath} : sourceData(source),
    },
  };
}

function specOf(image: Image): {readonly [key: string]: PlainData} {
  const {spec} = imageManifest(image);
  if (spec === null || typeof spec !== 'object' || Array.isArray(spec)) {
    throw new Error('expected the manifest of an image to have a spec');
  }
  return spec as {readonly [key: string]: PlainData};
}

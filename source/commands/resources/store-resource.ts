// A buildpack store in kpack's shape (kpack.io/v1alpha2 ClusterStore).
import type {StoredBuildpack} from '../../domain/buildpack.ts';
import type {BuildpackStore} from '../../domain/buildpack-store.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import {timestamp} from '../time-text.ts';
import {orderData} from './builder-resource.ts';

/** The resource with its status. */
export function storeResource({name, generation, createdAt, spec, resolved}: BuildpackStore): PlainData {
  return {
    apiVersion: 'kpack.io/v1alpha2',
    kind: 'ClusterStore',
    metadata: {name, generation, creationTimestamp: timestamp(createdAt)},
    spec: {sources: spec.sources.map((image) => ({image}))},
    status: {
      observedGeneration: generation,
      conditions: [{type: 'Ready', status: 'True'}],
      buildpacks: resolved.buildpacks.map(storedData),
    },
  };
}

function storedData({id, version, api, homepage, digest, order, source}: StoredBuildpack): PlainData {
  return {id, version, api, homepage, digest, order: order && orderData(order), storeImage: {image: source}};
}

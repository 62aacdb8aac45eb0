// What a builder is made of: versions filled in, composites followed, and what is missing said.
import {describe, expect, test} from 'vitest';
import {buildpackLabel, type OrderGroup} from '../../source/domain/buildpack.ts';
import {resolveBuilder} from '../../source/domain/resolve-builder.ts';
import {aBuilder, aBuildpack, aStack, aStore} from '../support/builders.ts';

const go = (version: string) => aBuildpack('some/go', version);
const composite = aBuildpack('some/all', '1.0.0', {
  order: [
    {
      group: [
        {id: 'some/go', version: '1.2.0'},
        {id: 'some/node', optional: true},
      ],
    },
  ],
});
const store = aStore({buildpacks: [go('1.10.0'), go('1.9.0'), go('1.2.0'), go('2.0.0-rc.1'), composite]});

function resolve(order: readonly OrderGroup[]) {
  return resolveBuilder(aBuilder({spec: {order}}), aStack(), store);
}

describe('a builder', () => {
  test('takes the highest version of what its order names without one', () => {
    expect(resolve([{group: [{id: 'some/go'}]}])).toMatchObject({
      kind: 'ready',
      order: [{group: [{id: 'some/go', version: '2.0.0-rc.1'}]}],
    });
  });

  test('takes the version its order names', () => {
    expect(resolve([{group: [{id: 'some/go', version: '1.9.0'}]}])).toMatchObject({
      order: [{group: [{id: 'some/go', version: '1.9.0'}]}],
    });
  });

  test('reaches through composite buildpacks, each buildpack once, optional ones may be missing', () => {
    const resolved = resolve([
      {group: [{id: 'some/all'}]},
      {group: [{id: 'some/all'}, {id: 'some/go', version: '1.2.0'}]},
    ]);
    expect(resolved.kind === 'ready' && resolved.buildpacks.map(buildpackLabel)).toEqual([
      'some/all@1.0.0',
      'some/go@1.2.0',
    ]);
  });

  test('ends with a composite buildpack that names itself', () => {
    const itself = aBuildpack('some/self', '1.0.0', {order: [{group: [{id: 'some/self'}]}]});
    const builder = aBuilder({spec: {order: [{group: [{id: 'some/self'}]}]}});
    expect(resolveBuilder(builder, aStack(), aStore({buildpacks: [itself]}))).toMatchObject({kind: 'ready'});
  });

  test('changed when the newest of its parts did', () => {
    const builder = aBuilder({changedAt: 5});
    expect(resolveBuilder(builder, aStack({at: 9}), aStore({at: 3}))).toMatchObject({
      stackSince: 9,
      buildpacksSince: 5,
    });
    expect(resolveBuilder(builder, aStack({at: 2}), aStore({at: 7}))).toMatchObject({
      stackSince: 5,
      buildpacksSince: 7,
    });
  });

  test.each<readonly [string, Parameters<typeof resolveBuilder>, string]>([
    ['no stack', [aBuilder(), undefined, aStore()], 'ClusterStack "base" does not exist'],
    ['no store', [aBuilder(), aStack(), undefined], 'ClusterStore "default" does not exist'],
    ['no order', [aBuilder({spec: {order: []}}), aStack(), aStore()], 'its order names no buildpacks'],
    [
      'a buildpack the store does not have, named twice',
      [aBuilder({spec: {order: [{group: [{id: 'some/rust'}]}, {group: [{id: 'some/rust'}]}]}}), aStack(), aStore()],
      'some/rust not found in ClusterStore "default"',
    ],
    [
      'a version the store does not have',
      [aBuilder({spec: {order: [{group: [{id: 'some/one', version: '9.0.0'}]}]}}), aStack(), aStore()],
      'some/one@9.0.0 not found in ClusterStore "default"',
    ],
    [
      'a buildpack and no store to find it in',
      [aBuilder({spec: {store: undefined}}), aStack(), undefined],
      'some/one, some/two not found: the builder names no ClusterStore',
    ],
  ])('is not ready with %s', (_, parts, message) => {
    expect(resolveBuilder(...parts)).toMatchObject({kind: 'not-ready', message});
  });
});

// What a builder image says about itself, and what is said to a person when it is none.
import {describe, expect, test} from 'vitest';
import {readBuilderImage} from '../../source/executors/container/builder-image.ts';
import {choosePlatformApi} from '../../source/executors/container/platform-api.ts';
import {builderLabels} from '../peers/make-builder.ts';

const config = {
  User: '1001:1000',
  Env: ['CNB_USER_ID=1001', 'CNB_GROUP_ID=1000'],
  Labels: builderLabels({listed: [{id: 'acme/tool', version: '1.2.3', homepage: 'https://acme.example'}]}),
};
const inspect = (more: object = {}, image: object = {}) =>
  JSON.stringify([{Id: 'sha256:1', Os: 'linux', Config: {...config, ...more}, ...image}]);

test('ids, lifecycle, Platform APIs and buildpacks come from its config and labels', () => {
  expect(readBuilderImage('b', inspect())).toEqual({
    id: 'sha256:1',
    userId: 1001,
    groupId: 1000,
    stackId: 'slipway.test',
    lifecycleVersion: '0.21.17',
    platformApis: ['0.7', '0.8', '0.9', '0.10', '0.11', '0.12', '0.13', '0.14', '0.15'],
    buildpacks: [{id: 'acme/tool', version: '1.2.3', homepage: 'https://acme.example'}],
    order: [],
    mixins: [],
    runImages: ['registry.example/run:noble'],
  });
});

test('its order, its mixins and the digest of its own repository are read, when it has them', () => {
  const Labels = {
    ...config.Labels,
    'io.buildpacks.buildpack.order': '[{"group":[{"id":"acme/tool","version":"1.2.3","optional":true}]}]',
    'io.buildpacks.stack.mixins': '["curl","build:git"]',
  };
  const RepoDigests = ['other.example/builder@sha256:aa', 'ghcr.io/acme/builder@sha256:bb'];
  expect(readBuilderImage('ghcr.io/acme/builder:1', inspect({Labels}, {RepoDigests}))).toMatchObject({
    order: [{group: [{id: 'acme/tool', version: '1.2.3', optional: true}]}],
    mixins: ['curl', 'build:git'],
    pinned: 'ghcr.io/acme/builder@sha256:bb',
  });
});

test('mirrors of its run image come after it, and a run image of the newer metadata before both', () => {
  const metadata = {
    stack: {runImage: {image: 'old.example/run', mirrors: ['mirror.example/run']}},
    images: [{image: 'new.example/run', mirrors: null}],
  };
  const Labels = {...config.Labels, 'io.buildpacks.builder.metadata': JSON.stringify(metadata)};
  expect(readBuilderImage('b', inspect({Labels})).runImages).toEqual([
    'new.example/run',
    'old.example/run',
    'mirror.example/run',
  ]);
});

describe('an image that is no builder is refused in words', () => {
  test.each([
    ['of root', inspect({User: 'root'}), /a user other than root/],
    ['without a user', inspect({User: ''}), /a user other than root/],
    ['whose build user is 0', inspect({Env: ['CNB_USER_ID=0', 'CNB_GROUP_ID=0']}), /a user other than root/],
    ['without CNB_USER_ID', inspect({Env: null}), /CNB_USER_ID.*got ""/],
    [
      'with a label that is no JSON',
      inspect({Labels: {'io.buildpacks.builder.metadata': '{'}}),
      /JSON.*io\.buildpacks\.builder\.metadata/,
    ],
    ['of Windows', inspect({}, {Os: 'windows'}), /an image for linux, got one for windows/],
  ])('%s', (_what, printed, message) => {
    expect(() => readBuilderImage('acme/image', printed)).toThrow(message);
    expect(() => readBuilderImage('acme/image', printed)).toThrow(/acme\/image is no builder/);
  });
});

describe('the Platform API', () => {
  test.each([
    [['0.7', '0.12', '0.13', '0.14', '0.15'], '0.13'],
    [['0.3', '0.12'], '0.12'],
    [['0.14', '0.15'], '0.14'],
  ])('of %j is %s', (supported, expected) => {
    expect(choosePlatformApi(supported)).toBe(expected);
  });

  test('that is too old is refused', () => {
    expect(() => choosePlatformApi(['0.3', '0.11'])).toThrow(/got 0\.3, 0\.11; take a builder with a newer lifecycle/);
    expect(() => choosePlatformApi([])).toThrow(/none that its labels name/);
  });

  test('is one that a pinned lifecycle image speaks too', () => {
    expect(choosePlatformApi(['0.12', '0.13', '0.14'], ['0.12'])).toBe('0.12');
    expect(() => choosePlatformApi(['0.12'], ['0.14'])).toThrow(
      /its builder's lifecycle \(0\.12\), got one with 0\.14/,
    );
  });
});

// An image with a lifecycle that a person pinned for an untrusted builder: what it says of itself, and which phases run from it.
import {describe, expect, test} from 'vitest';
import {readLifecycleImage} from '../../source/executors/container/lifecycle-image.ts';

const inspect = (Labels: Readonly<Record<string, string>> | null) =>
  JSON.stringify([{Id: 'sha256:1', Os: 'linux', Config: {User: '0', Labels}}]);

test('version and Platform APIs come from its labels; it needs no user and no ids', () => {
  const labels = {
    'io.buildpacks.lifecycle.version': '0.21.17',
    'io.buildpacks.lifecycle.apis':
      '{"buildpack":{"supported":["0.10"]},"platform":{"deprecated":["0.7"],"supported":["0.13"]}}',
  };
  expect(readLifecycleImage('acme/lifecycle', inspect(labels))).toEqual({
    name: 'acme/lifecycle',
    id: 'sha256:1',
    version: '0.21.17',
    platformApis: ['0.13', '0.7'],
  });
});

describe('an image that is none is refused in words', () => {
  test.each([
    ['without labels', null],
    ['with a label that is no JSON', {'io.buildpacks.lifecycle.apis': '{'}],
    ['with a label of another form', {'io.buildpacks.lifecycle.apis': '{"platform":"0.13"}'}],
  ])('%s', (_what, labels) => {
    expect(() => readLifecycleImage('acme/app', inspect(labels))).toThrow(
      /acme\/app is no lifecycle image: expected the label io\.buildpacks\.lifecycle\.apis.*take one of buildpacksio\/lifecycle/,
    );
  });
});

// The text under a reason: what went away, what came, what stayed.
import {describe, expect, test} from 'vitest';
import {changeDiff, diffLineText} from '../../source/domain/change-diff.ts';
import type {Change} from '../../source/domain/change.ts';

const text = (change: Change) => changeDiff(change).map(diffLineText);

describe('the diff of a change', () => {
  test.each<readonly [string, Change, readonly string[]]>([
    [
      'TRIGGER has nothing old',
      {reason: 'TRIGGER', old: '', new: 'A new build was manually triggered on Fri, 20 Nov 2020 15:38:15 -0500'},
      ['+ A new build was manually triggered on Fri, 20 Nov 2020 15:38:15 -0500'],
    ],
    ['COMMIT', {reason: 'COMMIT', old: 'old-revision', new: 'new-revision'}, ['- old-revision', '+ new-revision']],
    ['STACK', {reason: 'STACK', old: 'sha256:4284', new: 'sha256:01ea'}, ['- sha256:4284', '+ sha256:01ea']],
    ['LIFECYCLE', {reason: 'LIFECYCLE', old: '0.17.0', new: '0.20.3'}, ['- 0.17.0', '+ 0.20.3']],
    [
      'BUILDPACK shows only what the builder no longer has',
      {reason: 'BUILDPACK', old: [{id: 'some/one', version: '1.2', homepage: 'https://one'}], new: null},
      ['- - id: some/one', '-   version: "1.2"'],
    ],
    [
      'the first build of an image',
      {
        reason: 'CONFIG',
        old: {resources: {}, source: {}},
        new: {resources: {}, source: {git: {url: 'https://github.com/some/app.git', revision: 'edd446bc'}}},
      },
      [
        'resources: {}',
        '- source: {}',
        '+ source:',
        '+   git:',
        '+     revision: edd446bc',
        '+     url: https://github.com/some/app.git',
      ],
    ],
    [
      'CONFIG of many parts',
      {
        reason: 'CONFIG',
        old: {
          env: [
            {name: 'env-var-name', value: 'env-var-value'},
            {name: 'another-env-var-name', value: 'another-env-var-value'},
          ],
          resources: {limits: {cpu: '500m', memory: '2G'}, requests: {cpu: '100m', memory: '512M'}},
          source: {git: {url: 'some-git-url', revision: 'some-git-revision'}, subPath: 'some-sub-path'},
        },
        new: {
          env: [
            {name: 'new-env-var-name', value: 'new-env-var-value'},
            {name: 'another-env-var-name', value: 'another-env-var-value'},
          ],
          resources: {limits: {cpu: '300m', memory: '1G'}, requests: {cpu: '200m', memory: '512M'}},
          source: {local: {path: '/app', revision: 'sha256:1'}},
        },
      },
      [
        'env:',
        '- - name: env-var-name',
        '-   value: env-var-value',
        '+ - name: new-env-var-name',
        '+   value: new-env-var-value',
        '- name: another-env-var-name',
        '  value: another-env-var-value',
        'resources:',
        '  limits:',
        '-     cpu: 500m',
        '-     memory: 2G',
        '+     cpu: 300m',
        '+     memory: 1G',
        '  requests:',
        '-     cpu: 100m',
        '+     cpu: 200m',
        '    memory: 512M',
        'source:',
        '-   git:',
        '-     revision: some-git-revision',
        '-     url: some-git-url',
        '-   subPath: some-sub-path',
        '+   local:',
        '+     path: /app',
        '+     revision: sha256:1',
      ],
    ],
    [
      'an entry said twice is added after the first',
      {
        reason: 'CONFIG',
        old: {env: [{name: 'A', value: 'x'}], resources: {}, source: {}},
        new: {
          env: [
            {name: 'A', value: 'x'},
            {name: 'A', value: 'x'},
          ],
          resources: {},
          source: {},
        },
      },
      ['env:', '- name: A', '  value: x', '+ - name: A', '+   value: x', 'resources: {}', 'source: {}'],
    ],
  ])('%s', (_name, change, expected) => {
    expect(text(change)).toEqual(expected);
  });
});

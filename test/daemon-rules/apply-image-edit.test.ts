// An edit of an image does what kp's create, patch and save do, and refuses in kp's words.
import {describe, expect, test} from 'vitest';
import {editedImage, newImage} from '../../source/daemon/intents/apply-image-edit.ts';
import type {ImageSpec} from '../../source/domain/image.ts';
import type {ImageEdit} from '../../source/protocol/intent.ts';
import {anImage} from '../support/builders.ts';
import {refused} from './refused.ts';

const tag = 'registry.example.test/web';
const git = {url: 'https://git.example.test/web.git'};
const create = (edit: ImageEdit) => newImage('default', 'web', {tag, ...edit}, 100);
const patch = (edit: ImageEdit, spec: Partial<ImageSpec> = {}) => editedImage(anImage({spec}), edit, 100);

const localSource = {kind: 'local', path: '/app'} as const;
const env = [
  {name: 'A', value: '1'},
  {name: 'B', value: '2'},
];
const firstTag = 'registry.example.test/web:one';
const tags = [firstTag, 'registry.example.test/web:two'];
const db = {kind: 'Secret', name: 'db'};

describe('a new image', () => {
  test("has kp's defaults", () => {
    expect(create({git})).toEqual({
      namespace: 'default',
      name: 'web',
      generation: 1,
      createdAt: 100,
      changedAt: 100,
      paused: false,
      spec: anImage({spec: {tag, builder: {kind: 'ClusterBuilder', name: 'default'}}}).spec,
    });
  });

  test.each<readonly [string, ImageEdit, ImageSpec['source']]>([
    ['git, branch main', {git}, {kind: 'git', ...git, revision: 'main'}],
    ['git at a revision', {git, gitRevision: 'v1.0'}, {kind: 'git', ...git, revision: 'v1.0'}],
    ['git below a path', {git, subPath: 'app'}, {kind: 'git', ...git, revision: 'main', subPath: 'app'}],
    ['a local directory', {localPath: '/app'}, localSource],
    ['a local directory below a path', {localPath: '/app', subPath: 'web'}, {...localSource, subPath: 'web'}],
  ])('has the source %s', (_, edit, source) => {
    expect(create(edit).spec.source).toEqual(source);
  });

  test.each<readonly [string, ImageEdit, string]>([
    ['a tag', {tag: undefined, git}, '--tag is required to create the resource'],
    ['a source', {}, 'image source must be one of git, blob, or local-path'],
    ['a source that says something', {git: {url: ''}}, 'image source must be one of git, blob, or local-path'],
    ['one source only', {git, localPath: '/app'}, 'image source must be one of git, blob, or local-path'],
    [
      'no revision for a directory',
      {localPath: '/app', gitRevision: 'main'},
      'git-revision is incompatible with blob and local path image sources',
    ],
    ['a path that does not depend on who reads it', {localPath: 'app'}, 'local path must be absolute, got "app"'],
    [
      'tags on one registry',
      {git, additionalTags: ['other.example.test/web']},
      'all additionalTags must have the same registry as tag',
    ],
    ['variables with names', {git, env: [{name: '', value: '1'}]}, 'env vars are improperly formatted'],
    ['a cache size that is one', {git, cacheSize: 'much'}, 'invalid cache size, must be valid quantity ex. 2G'],
    [
      'a cache size in a unit that is one',
      {git, cacheSize: '2constructor'},
      'invalid cache size, must be valid quantity ex. 2G',
    ],
    ['a cache size at all', {git, cacheSize: '0'}, 'cache size must be greater than 0'],
    ['a history of successes', {git, successBuildHistoryLimit: 0}, 'must provide a valid build history limit > 0'],
    ['a history of failures', {git, failedBuildHistoryLimit: 1.5}, 'must provide a valid build history limit > 0'],
    ['a timeout', {git, buildTimeout: 0}, 'a build timeout must be more than 0 seconds'],
    ['a creation time', {git, creationTime: 'yesterday'}, 'a creation time must be "now" or seconds since the epoch'],
  ])('needs %s', (_, edit, words) => {
    expect(refused(() => create(edit))).toContain(`invalid: ${words}`);
  });

  test.each([
    ['', 'a name is needed'],
    ['Web', 'lower case letters'],
    ['-web', 'start and end with a letter or digit'],
    ['../web', 'must consist of lower case letters'],
    ['w'.repeat(64), 'has 64 characters, at most 63 are allowed'],
  ])('is not called "%s", and neither is its namespace', (name, words) => {
    expect(refused(() => newImage('default', name, {tag, git}, 1))).toContain(words);
    expect(refused(() => newImage(name, 'web', {tag, git}, 1))).toContain(words);
  });
});

describe('a patch', () => {
  test('that changes nothing gives the same image back', () => {
    const image = anImage({spec: {env}});
    expect(editedImage(image, {}, 100)).toBe(image);
    expect(editedImage(image, {env, tag: image.spec.tag, gitRevision: 'main'}, 100)).toBe(image);
  });

  test('that changes something makes a new generation', () => {
    expect(patch({serviceAccountName: 'robot'})).toMatchObject({generation: 2, changedAt: 100, createdAt: 1});
  });

  test.each<readonly [string, ImageEdit, Partial<ImageSpec>, Partial<ImageSpec>]>([
    [
      'sets variables in place and appends new ones',
      {
        env: [
          {name: 'A', value: '9'},
          {name: 'C', value: '3'},
        ],
      },
      {env},
      {
        env: [
          {name: 'A', value: '9'},
          {name: 'B', value: '2'},
          {name: 'C', value: '3'},
        ],
      },
    ],
    [
      'takes the last of two values for one variable',
      {
        env: [
          {name: 'A', value: '8'},
          {name: 'A', value: '9'},
          {name: 'C', value: '3'},
          {name: 'C', value: '4'},
        ],
      },
      {env: [{name: 'A', value: '1'}]},
      {
        env: [
          {name: 'A', value: '9'},
          {name: 'C', value: '4'},
        ],
      },
    ],
    ['deletes variables', {deleteEnv: ['A']}, {env}, {env: [{name: 'B', value: '2'}]}],
    [
      'adds tags, each once',
      {additionalTags: [...tags, firstTag]},
      {additionalTags: tags.slice(0, 1)},
      {additionalTags: tags},
    ],
    ['deletes tags', {deleteAdditionalTags: tags.slice(0, 1)}, {additionalTags: tags}, {additionalTags: tags.slice(1)}],
    [
      'replaces tags',
      {replaceAdditionalTags: tags.slice(1)},
      {additionalTags: tags.slice(0, 1)},
      {additionalTags: tags.slice(1)},
    ],
    ['adds services', {services: [db]}, {}, {services: [db]}],
    ['deletes services', {deleteServices: ['db']}, {services: [db]}, {services: []}],
    ['lets a cache grow', {cacheSize: '3Gi'}, {cacheSize: '2G'}, {cacheSize: '3Gi'}],
    ['keeps a cache as large', {cacheSize: '1024Mi'}, {cacheSize: '1Gi'}, {cacheSize: '1024Mi'}],
    [
      'moves to another builder',
      {builder: {kind: 'Builder', name: 'mine'}},
      {},
      {builder: {kind: 'Builder', name: 'mine'}},
    ],
    ['sets a policy', {updatePolicy: 'ask'}, {}, {updatePolicy: 'ask'}],
  ])('%s', (_, edit, before, after) => {
    expect(patch(edit, before).spec).toMatchObject(after);
  });

  test.each<readonly [string, ImageEdit, ImageSpec['source'], ImageSpec['source']]>([
    [
      'another revision',
      {gitRevision: 'develop'},
      {kind: 'git', ...git, revision: 'main', subPath: 'app'},
      {kind: 'git', ...git, revision: 'develop', subPath: 'app'},
    ],
    [
      'another repository, at main as a new image',
      {git: {url: 'https://other.test/a.git'}},
      {kind: 'git', ...git, revision: 'v1', subPath: 'app'},
      {kind: 'git', url: 'https://other.test/a.git', revision: 'main', subPath: 'app'},
    ],
    [
      'another repository at a revision',
      {git: {url: 'https://other.test/a.git'}, gitRevision: 'v2'},
      {kind: 'git', ...git, revision: 'v1'},
      {kind: 'git', url: 'https://other.test/a.git', revision: 'v2'},
    ],
    [
      'a directory instead',
      {localPath: '/app'},
      {kind: 'git', ...git, revision: 'v1', subPath: 'web'},
      {kind: 'local', path: '/app', subPath: 'web'},
    ],
    ['a repository instead', {git}, localSource, {kind: 'git', ...git, revision: 'main'}],
    ['another sub path', {subPath: 'web'}, {...localSource, subPath: 'app'}, {...localSource, subPath: 'web'}],
    ['no sub path', {subPath: ''}, {...localSource, subPath: 'app'}, localSource],
    [
      'a repository and no sub path',
      {git, subPath: ''},
      {...localSource, subPath: 'app'},
      {kind: 'git', ...git, revision: 'main'},
    ],
  ])('gives the image %s', (_, edit, before, after) => {
    expect(patch(edit, {source: before}).spec.source).toEqual(after);
  });

  test.each<readonly [string, ImageEdit, Partial<ImageSpec>, string]>([
    ['another tag', {tag: 'registry.example.test/other'}, {}, 'the tag is immutable'],
    ['two sources', {git, localPath: '/app'}, {}, 'image source must be one of git, blob, or local-path'],
    [
      'a revision of a directory that comes',
      {localPath: '/app', gitRevision: 'main'},
      {},
      'git-revision is incompatible with blob and local path image sources',
    ],
    [
      'a revision of a directory that is there',
      {gitRevision: 'main'},
      {source: localSource},
      'git-revision is incompatible with existing image source',
    ],
    [
      'to delete a variable that is not there',
      {deleteEnv: ['X']},
      {env},
      "delete-env parameter 'X' not found in existing image configuration",
    ],
    ['to delete and set a variable', {deleteEnv: ['A'], env}, {env}, "duplicate delete-env and env-var parameter 'A'"],
    [
      'to delete a tag that is not there',
      {deleteAdditionalTags: tags},
      {},
      `delete-additional-tag parameter '${firstTag}' not found in existing image additional tags`,
    ],
    [
      'to delete and add a tag',
      {deleteAdditionalTags: tags, additionalTags: tags},
      {additionalTags: tags},
      `duplicate delete-additional-tag and additional-tag parameter '${firstTag}'`,
    ],
    [
      'to delete a service that is not there',
      {deleteServices: ['db']},
      {},
      "delete-service-binding parameter 'db' not found in existing image configuration",
    ],
    [
      'a smaller cache',
      {cacheSize: '1G'},
      {cacheSize: '2G'},
      'cache size cannot be decreased, current: 2G, requested: 1G',
    ],
    [
      'a tag on another registry',
      {additionalTags: ['web:one']},
      {},
      'all additionalTags must have the same registry as tag',
    ],
  ])('refuses %s', (_, edit, before, words) => {
    expect(refused(() => patch(edit, before))).toContain(`invalid: ${words}`);
  });

  test('takes short names for what they mean', () => {
    expect(patch({additionalTags: ['docker.io/team/web:one']}, {tag: 'team/web'}).spec.additionalTags).toHaveLength(1);
  });
});

// The door: what a request must look like, and how a refusal reads.
import {describe, expect, test} from 'vitest';
import type {BuilderEdit, ImageEdit, Intent} from '../../source/protocol/intent.ts';
import type {MethodName, Methods} from '../../source/protocol/message.ts';
import {validateRequest} from '../../source/protocol/validate-request.ts';

const build = {namespace: 'default', image: 'web', number: 3};
const ofImage = {namespace: 'default', name: 'web'};

const everyMethod: {readonly [M in MethodName]: Required<Methods[M]['params']>} = {
  hello: {protocol: 1, version: '0.1.0'},
  subscribe: {},
  intent: {intent: {kind: 'workspace.prepare'}, dryRun: true},
  readLog: {build, from: -5, count: 10},
  readLogBytes: {build, from: 0},
  logSections: {build},
  searchLog: {build, pattern: 'error', regex: true, from: 0, limit: 100},
  logLineAt: {build, at: 1000},
  followLog: {build, from: 0},
  unfollow: {follow: 4},
  readEvents: {since: 1000.5, afterSequence: 0, limit: 10},
  inspectImage: {...ofImage, digest: 'sha256:00'},
  exportImage: {...ofImage, digest: 'sha256:00', to: 'oci:/out:1', force: true},
  imageCaches: {...ofImage, purge: true},
  writeSbom: {...ofImage, digest: 'sha256:00', directory: '/out', force: true},
  baseDifference: {from: {kind: 'stack', name: 'base'}, to: 'oci:b', scan: false},
  status: {},
  stop: {cancelBuilds: false},
};

const everyImageField: Required<ImageEdit> = {
  tag: 'registry.example/web',
  additionalTags: ['a'],
  deleteAdditionalTags: ['b'],
  replaceAdditionalTags: [],
  builder: {kind: 'ClusterBuilder', name: 'base'},
  git: {url: 'https://example.com/web.git'},
  gitRevision: 'main',
  localPath: '/src/web',
  subPath: 'app',
  env: [{name: 'A', value: ''}],
  deleteEnv: ['B'],
  services: [{kind: 'Secret', apiVersion: 'v1', name: 'db'}],
  deleteServices: ['Secret:v1:old'],
  cacheSize: '2G',
  serviceAccountName: 'default',
  successBuildHistoryLimit: 10,
  failedBuildHistoryLimit: 10,
  imageTaggingStrategy: 'None',
  projectDescriptorPath: 'project.toml',
  defaultProcess: 'web',
  buildTimeout: 600,
  creationTime: 'now',
  updatePolicy: 'stack-only',
  export: 'layout',
  resources: {limits: {memory: '1Gi'}},
  initializeSubmodules: true,
  paused: false,
};

const everyBuilderField: Required<BuilderEdit> = {
  tag: 'registry.example/builder',
  stack: 'base',
  store: 'default',
  order: [{group: [{id: 'org/node', version: '1.2.3', optional: true}]}],
  trusted: true,
  executor: 'container',
  engine: 'podman',
  image: 'registry.example/builder:1',
  runImage: 'registry.example/run:1',
  lifecycle: 'default-lifecycle',
  lifecycleImage: 'registry.example/lifecycle:1',
};

const rollout = {wave: 10, canary: ['web'], maxFailures: {count: 2}};

const everyIntent: {readonly [K in Intent['kind']]: Required<Extract<Intent, {readonly kind: K}>>} = {
  'image.save': {kind: 'image.save', mode: 'save', ...ofImage, edit: everyImageField, whole: true, rollout},
  'image.delete': {kind: 'image.delete', ...ofImage},
  'image.trigger': {kind: 'image.trigger', ...ofImage},
  'image.pause': {kind: 'image.pause', ...ofImage},
  'image.resume': {kind: 'image.resume', ...ofImage},
  'image.refresh': {kind: 'image.refresh', ...ofImage},
  'build.cancel': {kind: 'build.cancel', ...build},
  'stack.save': {
    kind: 'stack.save',
    mode: 'create',
    name: 'base',
    buildImage: 'oci:a',
    runImage: 'oci:b',
    id: 'stack',
    known: {buildImage: 'sha256:a', runImage: 'sha256:b'},
    follow: 'ask',
    rollout,
  },
  'stack.accept': {kind: 'stack.accept', name: 'base', rollout},
  'stack.reject': {kind: 'stack.reject', name: 'base'},
  'stack.refresh': {kind: 'stack.refresh', name: 'base'},
  'stack.delete': {kind: 'stack.delete', name: 'base'},
  'store.save': {kind: 'store.save', mode: 'add', name: 'default', buildpackages: ['oci:/a'], rollout},
  'store.remove': {kind: 'store.remove', name: 'default', buildpacks: ['org/node@1'], rollout},
  'store.delete': {kind: 'store.delete', name: 'default'},
  'lifecycle.save': {kind: 'lifecycle.save', mode: 'save', name: 'default-lifecycle', image: '/a.tgz', rollout},
  'lifecycle.delete': {kind: 'lifecycle.delete', name: 'default-lifecycle'},
  'builder.save': {
    kind: 'builder.save',
    mode: 'patch',
    builderKind: 'Builder',
    namespace: 'default',
    name: 'base',
    edit: everyBuilderField,
    whole: true,
    rollout,
  },
  'builder.delete': {kind: 'builder.delete', builderKind: 'ClusterBuilder', namespace: 'default', name: 'base'},
  apply: {
    kind: 'apply',
    edits: [
      {kind: 'store.save', mode: 'replace', name: 'default', buildpackages: ['oci:/a']},
      {kind: 'image.save', mode: 'save', ...ofImage, edit: everyImageField, whole: true},
    ],
    places: ['m.yaml:1', 'm.yaml:9'],
    rollout,
  },
  prune: {kind: 'prune'},
  'settings.change': {
    kind: 'settings.change',
    settings: {maxConcurrentBuilds: 2, gitPollInterval: 1000, localPollInterval: 500, stackPollInterval: 900},
  },
  'patch.pause': {kind: 'patch.pause', id: 'patch-1'},
  'patch.resume': {kind: 'patch.resume', id: 'patch-1'},
  'patch.cancel': {kind: 'patch.cancel', id: 'patch-1'},
  'patch.rollback': {kind: 'patch.rollback', id: 'patch-12', rollout: {maxFailures: {share: 0.2}}},
  'workspace.prepare': {kind: 'workspace.prepare'},
};

describe('a request', () => {
  test.each(Object.entries(everyMethod))('%s passes with every field it has', (method, params) => {
    expect(validateRequest({id: 7, method, params})).toEqual({id: 7, method, params});
  });

  test.each(Object.entries(everyIntent))('with the intent %s passes with every field it has', (_kind, intent) => {
    const params = {intent};
    expect(validateRequest({id: 7, method: 'intent', params})).toEqual({id: 7, method: 'intent', params});
  });

  test('without params passes where none are needed', () => {
    expect(validateRequest({id: 1, method: 'status'})).toEqual({id: 1, method: 'status', params: {}});
  });

  test.each<[unknown, RegExp]>([
    [7, /request: message: expected an object, got 7/],
    [{method: 'status'}, /request: id: expected a number, got nothing/],
    [{id: 1, method: 'destroy'}, /request: method: expected .*"status".* got "destroy"/],
    [{id: 1, method: 'status', extra: true}, /expected only fields it knows, got "extra"/],
    [{id: 1, method: 'status', params: {a: 1}}, /status: message: expected only fields it knows, got "a"/],
    [
      {id: 1, method: 'readLog', params: {build, from: 0.5, count: 1}},
      /readLog: from: expected a whole number, got 0.5/,
    ],
    [{id: 1, method: 'readLog', params: {build, from: 0, count: -1}}, /count: expected at least 0, got -1/],
    [
      {id: 1, method: 'logSections', params: {build: {...build, image: '../x'}}},
      /build\.image: the name "\.\.\/x" must/,
    ],
    [{id: 1, method: 'logSections', params: {build: 'web/3'}}, /build: expected an object, got "web\/3"/],
    [
      {id: 1, method: 'followLog', params: {build: {...build, number: 0}, from: 0}},
      /number: expected at least 1, got 0/,
    ],
    [
      {id: 1, method: 'intent', params: {intent: {kind: 'image.burn'}}},
      /intent\.kind: expected .*"image\.save".*got "image\.burn"/,
    ],
    [
      {id: 1, method: 'intent', params: {intent: {kind: 'image.pause', namespace: 'default'}}},
      /intent\.name: expected a string, got nothing/,
    ],
    [
      {id: 1, method: 'intent', params: {intent: {kind: 'image.save', mode: 'burn', ...ofImage, edit: {}}}},
      /intent\.mode: expected "create" or "patch" or "save", got "burn"/,
    ],
    [
      {id: 1, method: 'intent', params: {intent: {kind: 'image.save', mode: 'save', ...ofImage, edit: {builder: 'x'}}}},
      /intent\.edit\.builder: expected an object, got "x"/,
    ],
    [
      {
        id: 1,
        method: 'intent',
        params: {intent: {kind: 'image.save', mode: 'save', ...ofImage, edit: {tag: 'a\u0000b'}}},
      },
      /edit\.tag: expected text without NUL/,
    ],
  ])('%j is refused in words', (value, words) => {
    expect(() => validateRequest(value)).toThrow(words);
  });

  test('with a wrong env value is refused without repeating the value', () => {
    const edit = {env: [{name: 'PASSWORD', value: 12_345_678}]};
    const value = {id: 1, method: 'intent', params: {intent: {kind: 'image.save', mode: 'save', ...ofImage, edit}}};
    expect(() => validateRequest(value)).toThrow(/edit\.env\.0\.value: expected a string, got a number$/);
  });

  test('with many wrong fields names the first five', () => {
    const value = {id: 1, method: 'readLog', params: {build: {}, from: 'a', count: 'b', x: 1}};
    expect(() => validateRequest(value)).toThrow(
      /build\.namespace.*build\.image.*build\.number.*from.*count.*and 1 more/,
    );
  });
});

// Manifests in and out: kpack's kinds and kp's descriptor become edits, what is wrong is said with its line.
import {statePaths} from '../../source/daemon/state-paths.ts';
import {noEngines} from '../support/no-engines.ts';
import {describe, expect, test} from 'vitest';
import {saveBuilder} from '../../source/daemon/intents/builder-intents.ts';
import {saveImage} from '../../source/daemon/intents/image-intents.ts';
import {readManifests} from '../../source/commands/manifest/read-manifests.ts';
import type {Intent} from '../../source/protocol/intent.ts';
import {aBuilder, anImage, aRecord, aState} from '../support/builders.ts';
import {aCommandWorld} from './support/command-world.ts';

const files = {
  absolute: (given: string) => given,
  list: () => Promise.resolve([]),
  kind: () => Promise.resolve('file' as const),
  readText: () => Promise.resolve(''),
};
const read = (text: string) => readManifests([{file: 'm.yaml', text}], files);

const image = `apiVersion: kpack.io/v1alpha2
kind: Image
metadata: {name: web, namespace: team}
spec:
  tag: registry.example/web
  builder: {kind: ClusterBuilder, name: base}
  source: {git: {url: https://example.com/web.git}}
`;

/** A list of nine aliases. */
const aliases = (of: string, name: string) => `    ${name}: &${name} [${Array(9).fill(`*${of}`).join(',')}]\n`;

describe('a manifest', () => {
  test.each([
    [
      'an image of v1alpha2',
      `${image}  cache: {volume: {size: 2G}}\n  build: {env: [{name: A, value: b}], buildTimeout: 60}\n`,
      {namespace: 'team', edit: {cacheSize: '2G', env: [{name: 'A', value: 'b'}], buildTimeout: 60}},
    ],
    [
      'an image of v1alpha1',
      `${image.replace('v1alpha2', 'v1alpha1')}  serviceAccount: me\n  cacheSize: 1G\n`,
      {edit: {serviceAccountName: 'me', cacheSize: '1G'}},
    ],
    [
      'a store: these sources and no others',
      'apiVersion: kpack.io/v1alpha2\nkind: ClusterStore\nmetadata: {name: s}\nspec: {sources: [{image: reg.example/a}]}',
      {kind: 'store.save', mode: 'replace', buildpackages: ['reg.example/a']},
    ],
    [
      'a builder of a namespace',
      'apiVersion: kpack.io/v1alpha2\nkind: Builder\nmetadata: {name: b}\nspec: {stack: {name: s}, order: [{group: [{id: x, optional: true}]}]}',
      {kind: 'builder.save', namespace: 'default', edit: {order: [{group: [{id: 'x', optional: true}]}]}},
    ],
    [
      'a List, as JSON',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'kpack.io/v1alpha2',
            kind: 'ClusterStack',
            metadata: {name: 's'},
            spec: {id: 'i', buildImage: {image: 'b'}, runImage: {image: 'r'}},
          },
        ],
      }),
      {kind: 'stack.save', id: 'i', buildImage: 'b', runImage: 'r'},
    ],
    [
      'a stack that follows its tags in waves',
      JSON.stringify({
        apiVersion: 'kpack.io/v1alpha2',
        kind: 'ClusterStack',
        metadata: {
          name: 's',
          annotations: {'slipway.dev/follow': 'auto', 'slipway.dev/follow-rollout': '{"wave":5,"canary":["web"]}'},
        },
        spec: {buildImage: {image: 'b'}, runImage: {image: 'r'}},
      }),
      {kind: 'stack.save', follow: 'auto', rollout: {wave: 5, canary: ['web']}},
    ],
  ])('%s', (_what, text, edit) => {
    const {edits, problems} = read(text);
    expect(problems).toEqual([]);
    expect(edits).toMatchObject([edit]);
  });

  test.each([
    [
      'a field that is not known',
      `${image}  cosign: {annotations: []}\n`,
      'm.yaml:8: Image: spec.cosign is not supported',
    ],
    [
      'a kind that is not known, after one that is',
      `${image}---\napiVersion: v1\nkind: Secret\nmetadata: {name: x}\n`,
      'm.yaml:9: v1 Secret is not supported; expected kpack.io',
    ],
    [
      'a field of the wrong type',
      image.replace('spec:', 'spec:\n  buildCount: 1\n  tag2: 1'),
      'm.yaml:5: Image: spec.buildCount',
    ],
    ['a source of two kinds', image.replace('{git:', '{local: {path: /a}, git:'), 'expected exactly one of git'],
    ['a source in a registry', image.replace('git: {url', 'registry: {image'), 'slipway.dev/local-path'],
    ['the same thing twice', `${image}---\n${image}`, 'Image "web" in namespace team is there already, at m.yaml:1'],
    [
      'aliases of aliases of aliases',
      `${image}  x:\n    a: &a [1,1,1,1,1,1,1,1,1]\n${aliases('a', 'b')}${aliases('b', 'c')}${aliases('c', 'd')}${aliases('d', 'e')}${aliases('e', 'f')}`,
      'm.yaml:1: expected YAML: Excessive alias count',
    ],
    ['text that is no YAML', `${image}  a: [`, 'm.yaml:8: expected YAML'],
    ['another version', image.replace('v1alpha2', 'v1'), 'expected apiVersion kpack.io/v1alpha2 or kpack.io/v1alpha1'],
    ['no manifest', 'hello: there', 'm.yaml:1: expected a manifest with apiVersion and kind'],
  ])('with %s is refused with its line', (_what, text, problem) => {
    expect(read(text).problems.join('\n')).toContain(problem);
  });

  test('with fields of a cluster is taken, and they are named', () => {
    const {edits, notes} = read(`${image}  build:\n    tolerations: []\n`);
    expect(edits).toHaveLength(1);
    expect(notes).toEqual([
      'm.yaml:9: spec.build.tolerations has no effect: builds run on this machine, not in a cluster',
    ]);
  });
});

describe('apply', () => {
  test('sends nothing when anything is wrong', async () => {
    const world = aCommandWorld({texts: {'m.yaml': `${image}---\nkind: Pod\napiVersion: v1\n`}});
    const {code, stderr} = await world.run('apply', '-f', 'm.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('m.yaml:9: v1 Pod is not supported');
    expect(stderr).toContain('Nothing was applied.');
    expect(world.client.sent).toEqual([]);
  });

  test('takes the manifests of a directory as one change, stacks before images', async () => {
    const stack =
      'apiVersion: kpack.io/v1alpha2\nkind: ClusterStack\nmetadata: {name: s}\nspec: {buildImage: {image: b}, runImage: {image: r}}\n';
    const world = aCommandWorld({
      paths: {all: 'directory'},
      texts: {'all/1.yaml': image, 'all/2.yml': stack, 'all/no.txt': '?'},
    });
    await world.run('apply', '-f', 'all', '--wave', '5');
    expect(world.client.sent).toMatchObject([
      {
        kind: 'apply',
        edits: [{kind: 'stack.save'}, {kind: 'image.save'}],
        places: ['all/2.yml:1', 'all/1.yaml:1'],
        rollout: {wave: 5},
      },
    ]);
  });
});

describe('export', () => {
  const builder = aBuilder();
  const images = [
    anImage(),
    anImage({name: 'git', spec: {source: {kind: 'git', url: 'https://a.example/b', revision: 'v1', subPath: 'x'}}}),
    anImage({
      name: 'rich',
      paused: true,
      spec: {
        source: {kind: 'local', path: '/src/rich'},
        env: [{name: 'A', value: 'true'}],
        services: [{kind: 'Secret', name: 'db'}],
        resources: {limits: {cpu: '1'}},
        updatePolicy: 'ask',
        cacheSize: '2G',
        creationTime: '0',
        buildTimeout: 5,
        defaultProcess: 'web',
      },
    }),
  ];
  const state = aState(images.map((one) => aRecord({image: one})));

  test('prints what apply takes back unchanged', async () => {
    const {stdout} = await aCommandWorld({state}).run('export');
    const {edits, problems} = read(stdout);
    expect(problems).toEqual([]);
    const ofKind = <K extends Intent['kind']>(kind: K) =>
      edits.filter((edit): edit is Extract<(typeof edits)[number], {kind: K}> => edit.kind === kind);
    expect(ofKind('image.save').map(({name}) => name)).toEqual(images.map(({name}) => name).toSorted());
    expect(ofKind('image.save').flatMap((edit) => saveImage(edit, state, 9))).toEqual([]);
    expect(ofKind('builder.save').map(({name}) => name)).toContain(builder.name);
    const world = {engines: noEngines, paths: statePaths('/home'), now: 9};
    const saved = await Promise.all(ofKind('builder.save').map((edit) => saveBuilder(edit, state, world)));
    expect(saved.flatMap(({events}) => events)).toEqual([]);
    expect(ofKind('stack.save')).toHaveLength(1);
    expect(ofKind('store.save')).toHaveLength(1);
  });

  test('prints one kind or one resource, and says when there is none', async () => {
    const world = aCommandWorld({state});
    expect((await world.run('export', 'images', 'git')).stdout).toMatch(/^apiVersion.*\nkind: Image\n/);
    expect(JSON.parse((await world.run('export', 'clusterstack', '-o', 'json')).stdout)).toMatchObject({kind: 'List'});
    expect((await world.run('export', 'image', 'nobody')).stderr).toContain(
      'Error: images.kpack.io "nobody" not found',
    );
    expect((await world.run('export', 'pods')).code).toBe(2);
  });
});

const newest = `apiVersion: kp.kpack.io/v1
kind: DependencyDescriptor
defaultClusterStack: base
defaultClusterBuilder: full
clusterLifecycles:
- {name: default-lifecycle, image: reg.example/lifecycle}
clusterBuildpacks:
- {name: extra, image: reg.example/extra}
clusterStores:
- name: default
  sources: [{image: reg.example/java}]
clusterStacks:
- name: base
  buildImage: {image: reg.example/build}
  runImage: {image: reg.example/run}
clusterBuilders:
- name: full
  clusterStack: base
  clusterStore: default
  order: [{group: [{id: a/java}]}]
`;
const oldest = newest
  .replace('io/v1\n', 'io/v1alpha1\n')
  .replace(/cluster(Lifecycles|Buildpacks):\n.*\n/g, '')
  .replace('defaultClusterStack', 'defaultStack')
  .replace('clusterStores', 'stores')
  .replace('clusterStacks', 'stacks')
  .replace('clusterStack:', 'stack:')
  .replace('clusterStore:', 'store:');
const middle = newest
  .replace('io/v1\n', 'io/v1alpha3\n')
  .replace(/clusterLifecycles:\n.*\n/, 'lifecycle: {image: reg.example/lifecycle}\n')
  .replace(/clusterBuildpacks:\n.*\n/, '');

describe('import', () => {
  const named = (text: string) => text.replaceAll(/"name":"[a-z]+"/g, '');

  test.each([
    ['v1', newest],
    ['v1alpha3', middle],
    ['v1alpha1', oldest],
  ])('reads %s: stores, stacks and builders, each default one twice', async (_version, text) => {
    const world = aCommandWorld({texts: {'d.yaml': text}});
    await world.run('import', '-f', 'd.yaml', '--canary', 'web');
    const [intent] = world.client.sent;
    expect(intent).toMatchObject({
      kind: 'apply',
      edits: [
        ...(text.includes('ifecycle')
          ? [{kind: 'lifecycle.save', name: 'default-lifecycle', image: 'reg.example/lifecycle'}]
          : []),
        {kind: 'store.save', mode: 'save', name: 'default', buildpackages: ['reg.example/java']},
        {kind: 'stack.save', name: 'base', runImage: 'reg.example/run'},
        {kind: 'stack.save', name: 'default', runImage: 'reg.example/run'},
        {kind: 'builder.save', name: 'full', edit: {stack: 'base', store: 'default'}},
        {kind: 'builder.save', name: 'default', edit: {order: [{group: [{id: 'a/java'}]}]}},
      ],
      rollout: {canary: ['web']},
    });
    const lines = text.split('\n');
    const {places = []} = intent?.kind === 'apply' ? intent : {};
    expect(places.map((place) => lines[Number(place.replace('d.yaml:', '')) - 1])).toEqual([
      ...(text.includes('ifecycle') ? [expect.stringContaining('reg.example/lifecycle')] : []),
      '- name: default',
      '- name: base',
      '- name: base',
      '- name: full',
      '- name: full',
    ]);
    expect(named(JSON.stringify(intent))).not.toContain('undefined');
  });

  test('says what is left out with its line, and prints what kp prints', async () => {
    const {stdout, stderr} = await aCommandWorld({texts: {'d.yaml': newest}}).run('import', '-f', 'd.yaml');
    expect(stderr).toContain('Note: d.yaml:7: clusterBuildpacks is left out');
    expect(stdout).toContain("Importing ClusterStack 'base'...\nImporting ClusterStack 'default'...\n");
    expect(stdout).toMatch(/Imported resources\n$/);
  });

  test.each([
    ['another version', newest.replace('io/v1\n', 'io/v9\n'), 'd.yaml:1: did not find expected apiVersion'],
    ['an unknown field', `${newest}stacks: []\n`, 'd.yaml:21: DependencyDescriptor: stacks is not supported'],
    [
      'a default that is not there',
      newest.replace('Builder: full', 'Builder: no'),
      "default cluster builder 'no' not found",
    ],
    ['two of a name', newest.replace(/(clusterStacks:\n)((?:[- ].*\n)+)/, '$1$2$2'), "duplicate stack name 'base'"],
  ])('refuses %s', async (_what, text, message) => {
    const world = aCommandWorld({texts: {'d.yaml': text}});
    const {code, stderr} = await world.run('import', '-f', 'd.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(world.client.sent).toEqual([]);
  });

  test('shows the changes and asks; anything but y changes nothing', async () => {
    const asked: string[] = [];
    const ask = (question: string) => {
      asked.push(question);
      return Promise.resolve('n');
    };
    const world = aCommandWorld({texts: {'d.yaml': newest}, ask});
    const {stdout} = await world.run('import', '-f', 'd.yaml', '--show-changes');
    expect(stdout).toMatch(/Skipping import\n$/);
    expect(asked).toHaveLength(1);
    expect(world.client.sent).toEqual([]);
    expect(
      (await aCommandWorld({texts: {'d.yaml': newest}}).run('import', '-f', 'd.yaml', '--show-changes')).code,
    ).toBe(2);
  });
});

// Stacks, builders and buildpack stores as kp prints and asks for them.
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {aBuildpack, aBuilder, aRecord, aStack, aState, aStore} from '../support/builders.ts';
import {builderKey} from '../../source/domain/builder.ts';
import {aCommandWorld} from './support/command-world.ts';

const tagged = aBuilder({
  spec: {tag: 'reg/base', order: [{group: [{id: 'some/one'}, {id: 'some/two', optional: true}]}]},
});
const broken = aBuilder({name: 'broken', spec: {stack: 'gone'}});
const team = aBuilder({kind: 'Builder', name: 'mine', namespace: 'team'});
const state = aState([aRecord()], {
  builders: Object.fromEntries(
    [tagged, broken, team].map((builder) => [builderKey(builder.kind, builder.name, builder.namespace), builder]),
  ),
});

describe('clusterstack', () => {
  test('list', async () => {
    expect((await aCommandWorld().run('csk', 'list')).stdout).toBe(
      'NAME    READY    ID\nbase    True     io.example.stacks.base\n\n',
    );
  });

  test('status, and its mixins with -v', async () => {
    expect((await aCommandWorld().run('clusterstack', 'status', 'base')).stdout).toBe(`\
Status:         Ready
Id:             io.example.stacks.base
Run Image:      bases/run@sha256:run-1
Build Image:    bases/build@sha256:build-1

Patched:    1 of 1

`);
    expect((await aCommandWorld().run('clusterstack', 'status', 'base', '-v')).stdout).toContain(
      'Mixins:         --\n',
    );
  });

  test('patch --dry-run shows the plan', async () => {
    const next = {
      ...aStack({name: 'next', run: 'sha256:run-2'}),
      spec: {id: 'x', buildImage: 'b', runImage: 'reg/run:2'},
    };
    const world = aCommandWorld({state: aState([aRecord()], {stacks: {base: aStack(), next}})});
    const {stdout} = await world.run('clusterstack', 'patch', 'base', '-r', 'reg/run:2', '--dry-run');
    expect(stdout).toMatch(
      /^Updating ClusterStack\.\.\. \(dry run\)\nIMAGE RESOURCE    NAMESPACE    DECISION    REASON/,
    );
    expect(stdout).toMatch(/\nweb +default +rebase /);
    expect(stdout).toMatch(/\nClusterStack "base" updated \(dry run\)\n$/);
    expect(world.client.sent).toEqual([]);
  });

  test('paths of base images become absolute, references stay', async () => {
    const world = aCommandWorld({state: aState([aRecord()], {stacks: {}})});
    await world.run('clusterstack', 'create', 'new', '-b', 'oci:./layouts/build:latest', '-r', 'run.tar');
    await world.run(
      'clusterstack',
      'save',
      'new',
      '-b',
      'registry.example.test/build:1',
      '-r',
      'docker-archive:run.tar',
    );
    expect(world.client.sent).toMatchObject([
      {buildImage: 'oci:/here/layouts/build:latest', runImage: '/here/run.tar'},
      {buildImage: 'registry.example.test/build:1', runImage: 'docker-archive:/here/run.tar'},
    ]);
  });

  test.each([
    [['clusterstack', 'status', 'gone'], 'clusterstacks.kpack.io "gone" not found'],
    [['clusterstack', 'delete', 'gone'], 'clusterstacks.kpack.io "gone" not found'],
    [['clusterstack', 'create', 'new', '-b', 'x'], 'required flag(s) "run-image" not set'],
  ])('%j: %s', async (argv, message) => {
    expect(await aCommandWorld().run(...argv)).toMatchObject({code: 1, stderr: expect.stringContaining(message)});
  });

  test('delete', async () => {
    expect((await aCommandWorld().run('stack', 'delete', 'base')).stdout).toBe('ClusterStack "base" deleted\n');
  });
});

describe('clusterbuilder and builder', () => {
  test('list', async () => {
    expect((await aCommandWorld({state}).run('cb', 'list')).stdout).toBe(`\
NAME      READY    STACK                     IMAGE
base      true     io.example.stacks.base    reg/base
broken    false                              ${''}

`);
    expect((await aCommandWorld({state}).run('builder', 'list', '-n', 'team')).stdout).toContain('mine    true');
  });

  test('status of a ready one', async () => {
    expect((await aCommandWorld({state}).run('clusterbuilder', 'status', 'base')).stdout).toBe(`\
Status:       Ready
Image:        reg/base
Stack ID:     io.example.stacks.base
Run Image:    bases/run@sha256:run-1

Stack Ref:     ${''}
  Name:       base
  Kind:       ClusterStack
Store Ref:     ${''}
  Name:       default
  Kind:       ClusterStore

BUILDPACK ID    VERSION    HOMEPAGE
some/one        1.0.0      ${''}
some/two        2.0.0      ${''}


DETECTION ORDER     ${''}
Group #1            ${''}
  some/one@1.0.0    ${''}
  some/two@2.0.0    (Optional)

`);
  });

  test('status of one that is not ready says why', async () => {
    expect((await aCommandWorld({state}).run('clusterbuilder', 'status', 'broken')).stdout).toBe(
      'Status:    Not Ready\nReason:    ClusterStack "gone" does not exist\n\n',
    );
  });

  test('create from buildpacks, with kp’s defaults', async () => {
    const world = aCommandWorld({state});
    const {stdout} = await world.run(
      'cb',
      'create',
      'new',
      '-b',
      'some/one,some/two@2.0.0',
      '-b',
      'some/three',
      '--trusted',
    );
    expect(stdout).toBe('ClusterBuilder "new" created\n');
    expect(world.client.sent).toMatchObject([
      {
        kind: 'builder.save',
        mode: 'create',
        builderKind: 'ClusterBuilder',
        edit: {
          stack: 'default',
          store: 'default',
          trusted: true,
          order: [{group: [{id: 'some/one'}, {id: 'some/two', version: '2.0.0'}, {id: 'some/three'}]}],
        },
      },
    ]);
  });

  test('an order comes from a file', async () => {
    const texts = {
      'order.yaml': '- group:\n  - id: some/one\n    version: "1.0.0"\n  - id: some/two\n    optional: true\n',
    };
    const world = aCommandWorld({state, texts});
    await world.run('builder', 'save', 'mine', '-n', 'team', '-o', 'order.yaml');
    expect(world.client.sent).toMatchObject([
      {
        builderKind: 'Builder',
        namespace: 'team',
        edit: {
          order: [
            {
              group: [
                {id: 'some/one', version: '1.0.0'},
                {id: 'some/two', optional: true},
              ],
            },
          ],
        },
      },
    ]);
  });

  test.each([
    ['a: b', 'order.yaml: expected a list of groups ("- group:"), got a object'],
    ['- x', 'order.yaml: group 1: expected a list under "group", got nothing'],
    ['- group: []\n- group: [{version: "1"}]', 'order.yaml: group 2: every entry needs an "id"'],
    ['- group: [{id: a, version: 1.0}]', 'order.yaml: group 1: the version of a must be a string; put it in quotes'],
    ['- group: [', 'order.yaml: expected YAML: '],
  ])('an order file %j is refused', async (text, message) => {
    const world = aCommandWorld({state, texts: {'order.yaml': text}});
    expect(await world.run('cb', 'patch', 'base', '--order', 'order.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message),
    });
  });

  test('patch without a change says so, and --order excludes --buildpack', async () => {
    expect((await aCommandWorld({state}).run('cb', 'patch', 'base', '-s', 'base')).stdout).toBe(
      'ClusterBuilder "base" patched (no change)\n',
    );
    expect(await aCommandWorld({state}).run('cb', 'patch', 'base', '-o', 'x', '-b', 'y')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot use --order and --buildpack together'),
    });
  });

  test('--output has no short form where -o is the order', async () => {
    const {stdout} = await aCommandWorld({state}).run('cb', 'patch', 'base', '-s', 'base', '--output', 'yaml');
    expect(parse(stdout)).toMatchObject({
      kind: 'ClusterBuilder',
      spec: {stack: {name: 'base'}, executor: 'embedded'},
      status: {latestImage: 'reg/base'},
    });
  });

  test('delete', async () => {
    expect((await aCommandWorld({state}).run('cb', 'delete', 'broken')).stdout).toBe(
      'ClusterBuilder "broken" deleted\n',
    );
    expect((await aCommandWorld({state}).run('builder', 'delete', 'gone')).stderr).toBe(
      'Error: builders.kpack.io "gone" not found\nNext: slipway builder list shows what there is\n',
    );
  });
});

describe('clusterstore', () => {
  const nested = aBuildpack('nested', '2', {source: 'meta-image', homepage: 'https://nested'});
  const meta = aBuildpack('meta', '1', {
    source: 'meta-image',
    homepage: 'https://meta',
    order: [{group: [{id: 'nested', version: '2', optional: true}]}],
  });
  const simple = aBuildpack('simple', '3', {source: 'simple-image', homepage: 'https://simple'});
  const stores = aState([aRecord()], {stores: {default: aStore({buildpacks: [nested, meta, simple]})}});

  test('list', async () => {
    expect((await aCommandWorld().run('store', 'list')).stdout).toBe('NAME       READY\ndefault    True\n\n');
  });

  test('status names the buildpackages', async () => {
    expect((await aCommandWorld({state: stores}).run('clusterstore', 'status', 'default')).stdout).toBe(`\
Status:    Ready

BUILDPACKAGE ID    VERSION    HOMEPAGE
meta               1          https://meta
simple             3          https://simple

`);
  });

  test('status -v shows what each is made of', async () => {
    expect((await aCommandWorld({state: stores}).run('clusterstore', 'status', 'default', '-v')).stdout).toBe(`\
Status:    Ready

Buildpackage:    meta@1
Image:           meta-image
Homepage:        https://meta

BUILDPACK ID    VERSION    HOMEPAGE
nested          2          https://nested

DETECTION ORDER    ${''}
Group #1           ${''}
  nested           (Optional)


Buildpackage:    simple@3
Image:           simple-image
Homepage:        https://simple

BUILDPACK ID    VERSION    HOMEPAGE

DETECTION ORDER    ${''}

`);
  });

  test('add and remove', async () => {
    const world = aCommandWorld({state: stores});
    expect((await world.run('clusterstore', 'add', 'default', '-b', './bp')).stdout).toContain(
      'Adding to ClusterStore...\n',
    );
    expect((await world.run('clusterstore', 'remove', 'default', '-b', 'simple@3')).stdout).toBe(
      'Removing Buildpackages...\nRemoving buildpackage simple@3\nClusterStore "default" updated\n',
    );
    expect(world.client.sent).toEqual([
      {kind: 'store.save', mode: 'add', name: 'default', buildpackages: ['/here/bp']},
      {kind: 'store.remove', name: 'default', buildpacks: ['simple@3']},
    ]);
  });

  test.each([
    [['clusterstore', 'remove', 'gone', '-b', 'x@1'], 1, "ClusterStore 'gone' does not exist"],
    [['clusterstore', 'remove', 'default', '-b', 'x@1'], 1, "Buildpackage 'x@1' does not exist in the ClusterStore"],
    [['clusterstore', 'create', 'new'], 2, 'expected at least one --buildpackage, got none'],
    [
      ['clusterstore', 'delete', 'default'],
      2,
      'deleting a store needs a confirmation and there is no terminal to ask on; expected --force',
    ],
  ])('%j ends with %i: %s', async (argv, code, message) => {
    expect(await aCommandWorld().run(...argv)).toMatchObject({code, stderr: expect.stringContaining(message)});
  });

  test.each([
    ['y', 'ClusterStore "default" store deleted\n', 1],
    ['n', 'Skipping ClusterStore deletion\n', 0],
    ['', 'Skipping ClusterStore deletion\n', 0],
  ])('delete asks, and %j answers', async (answer, stdout, sent) => {
    const asked: string[] = [];
    const ask = (question: string) => {
      asked.push(question);
      return Promise.resolve(answer);
    };
    const world = aCommandWorld({ask});
    expect((await world.run('clusterstore', 'delete', 'default')).stdout).toBe(stdout);
    expect(world.client.sent).toHaveLength(sent);
    expect(asked.join()).toMatch(/^WARNING: .*\nPlease confirm store deletion by typing 'y': $/);
  });
});

test.each(['clusterstack', 'clusterstore', 'clusterbuilder', 'builder', 'build', 'image'])(
  '%s list of nothing is its header, and exit code 0',
  async (group) => {
    const nothing = aState([], {stacks: {}, stores: {}, builders: {}});
    const {code, stdout} = await aCommandWorld({state: nothing}).run(group, 'list');
    expect({code, lines: stdout.split('\n').length}).toEqual({code: 0, lines: 3});
    expect(JSON.parse((await aCommandWorld({state: nothing}).run(group, 'list', '-o', 'json')).stdout)).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      items: [],
    });
  },
);

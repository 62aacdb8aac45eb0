// `slipway image …`: what it prints, what it asks the controller for.
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {
  aBuild,
  aBuilderImage,
  aCommit,
  aDirectoryDigest,
  anImage,
  aRebase,
  aRecord,
  aState,
  stateAfter,
} from '../support/builders.ts';
import {aCommandWorld} from './support/command-world.ts';
import {until} from './support/until.ts';

const failed = aBuild({
  number: 2,
  state: 'failed',
  changes: [{reason: 'COMMIT', old: 'commit-1', new: 'commit-2'}],
  inputs: {source: aCommit('commit-2')},
});

describe('image list', () => {
  test('is kp’s table, by name', async () => {
    const state = aState([
      aRecord({
        image: anImage({name: 'web-2'}),
        builds: [aBuild({image: 'web-2'}), {...failed, image: 'web-2'}],
        source: {generation: 1, resolved: aCommit('commit-2')},
      }),
      aRecord({image: anImage({name: 'web-1'})}),
      aRecord({image: anImage({name: 'web-3', namespace: 'other'})}),
    ]);
    expect((await aCommandWorld({state}).run('image', 'list')).stdout).toBe(`\
NAME     READY    LATEST REASON    LATEST IMAGE                                NAMESPACE
web-1    True     CONFIG           registry.example.test/web@sha256:image-1    default
web-2    False    COMMIT           registry.example.test/web@sha256:image-1    default

`);
  });

  test('of nothing is its header, and no error', async () => {
    const {code, stdout} = await aCommandWorld({state: aState([])}).run('imgs', 'list');
    expect({code, stdout}).toEqual({
      code: 0,
      stdout: 'NAME    READY    LATEST REASON    LATEST IMAGE    NAMESPACE\n\n',
    });
  });

  test.each([
    [['--filter', 'clusterbuilder=base'], ['web']],
    [['--filter', 'clusterbuilder=other'], []],
    [['--filter', 'builder=base'], []],
    [['--filter', 'ready=true,unknown'], ['web']],
    [['--filter', 'ready=False'], []],
    [['--filter', 'latest-reason=stack,CONFIG'], ['web']],
    [['--filter', 'latest-reason=stack'], []],
    [['--filter', 'ready=true', '--filter', 'latest-reason=stack'], []],
  ])('%j gives %j', async (filters, names) => {
    const {stdout} = await aCommandWorld().run('image', 'list', ...filters, '-o', 'json');
    expect(
      (JSON.parse(stdout) as {items: {metadata: {name: string}}[]}).items.map(({metadata}) => metadata.name),
    ).toEqual(names);
  });

  test('-A lists every namespace', async () => {
    const state = aState([aRecord(), aRecord({image: anImage({namespace: 'other'})})]);
    expect((await aCommandWorld({state}).run('image', 'list', '-A')).stdout).toMatch(/default\n.*other\n/s);
  });
});

describe('image status', () => {
  test('is kp’s blocks', async () => {
    const state = aState([
      aRecord({builds: [aBuild(), failed], source: {generation: 1, resolved: aCommit('commit-2')}}),
    ]);
    expect((await aCommandWorld({state}).run('image', 'status', 'web')).stdout).toBe(`\
Status:         Not Ready
Message:        build 2 failed; waits for a trigger, a commit or a changed configuration
LatestImage:    registry.example.test/web@sha256:image-1

Source
Type:        GitUrl
Url:         https://git.example.test/web.git
Revision:    commit-2

Builder Ref
Name:    base
Kind:    ClusterBuilder

Last Successful Build
Id:              1
Build Reason:    CONFIG
Git Revision:    commit-1

BUILDPACK ID    BUILDPACK VERSION    HOMEPAGE
some/one        1.0.0                ${''}
some/two        2.0.0                ${''}

Last Failed Build
Id:              2
Build Reason:    COMMIT
Git Revision:    commit-2

`);
  });

  test('of an image that was never built from a local directory', async () => {
    const image = anImage({spec: {source: {kind: 'local', path: '/app'}}});
    const state = aState([aRecord({image, builds: [], source: undefined})]);
    expect((await aCommandWorld({state}).run('image', 'status', 'web')).stdout).toBe(`\
Status:         Unknown
Message:        looking at its source for the first time
LatestImage:    --

Source
Type:    Local Source

Builder Ref
Name:    base
Kind:    ClusterBuilder

Last Successful Build
Id:              --
Build Reason:    --

Last Failed Build
Id:              --
Build Reason:    --

`);
  });

  test.each([
    [
      'paused',
      aRecord({image: anImage({paused: true})}),
      'Ready',
      'paused; nothing is due; resume it to let it follow',
    ],
    [
      'without builder',
      aRecord({image: anImage({spec: {builder: {kind: 'Builder', name: 'gone'}}})}),
      'Not Ready',
      'Builder "gone" does not exist; create it, or give the image another builder',
    ],
    [
      'queued',
      aRecord({source: {generation: 1, resolved: aCommit('commit-2')}}),
      'Building',
      'waiting for a slot; other builds run first',
    ],
    ['running', aRecord({builds: [aBuild({state: 'running'})]}), 'Building', 'build 1 is running'],
    ['ready', aRecord(), 'Ready', '--'],
  ])('says of an image that is %s why', async (_name, record, status, message) => {
    const {stdout} = await aCommandWorld({state: aState([record])}).run('image', 'status', 'web');
    expect(stdout.split('\n').slice(0, 2)).toEqual([`Status:         ${status}`, `Message:        ${message}`]);
  });

  describe('of an image whose source went away after a good build', () => {
    const source = {generation: 1, resolved: aCommit(), problem: 'no repository at /srv/web', problemSince: 60_000};
    const world = () => aCommandWorld({state: aState([aRecord({source})])});

    test('is ready, and says what cannot be read and since when', async () => {
      const {stdout} = await world().run('image', 'status', 'web');
      expect(stdout.split('\n').slice(0, 2)).toEqual([
        'Status:         Ready',
        'Message:        source cannot be read: no repository at /srv/web; what was built stays',
      ]);
      expect(stdout).toMatch(/^Problem: +no repository at \/srv\/web$\n^Problem Since: +1970-01-01T00:01:00Z$/m);
    });

    test('has a condition of its own for programs, beside Ready', async () => {
      const {stdout} = await world().run('image', 'status', 'web', '-o', 'json');
      expect((JSON.parse(stdout) as {status: {conditions: unknown}}).status.conditions).toEqual([
        expect.objectContaining({type: 'Ready', status: 'True'}),
        {
          type: 'SourceReady',
          status: 'False',
          reason: 'SourceUnreadable',
          message: 'no repository at /srv/web',
          lastTransitionTime: '1970-01-01T00:01:00Z',
        },
      ]);
    });

    test('is explained in the wide list', async () => {
      const {stdout} = await world().run('image', 'list', '-o', 'wide');
      expect(stdout).toMatch(/True .* ready .*source cannot be read: no repository at \/srv\/web/);
    });
  });

  test('-o yaml is kpack’s resource with state and hold', async () => {
    const state = aState([aRecord({image: anImage({paused: true})})]);
    const {stdout} = await aCommandWorld({state}).run('image', 'status', 'web', '-o', 'yaml');
    expect(parse(stdout)).toMatchObject({
      apiVersion: 'kpack.io/v1alpha2',
      kind: 'Image',
      metadata: {name: 'web', namespace: 'default'},
      spec: {tag: 'registry.example.test/web', source: {git: {revision: 'main'}}, paused: true},
      status: {
        conditions: [{type: 'Ready', status: 'True'}],
        latestBuildRef: 'web-build-1',
        latestImage: 'registry.example.test/web@sha256:image-1',
        state: 'held',
        hold: {kind: 'paused'},
      },
    });
  });
});

describe('image create', () => {
  const paths = {'/here/app': 'directory', '/here/app.zip': 'zip', '/here/notes.txt': 'file'} as const;

  test('has kp’s defaults and lines', async () => {
    const world = aCommandWorld({state: aState([])});
    const {code, stdout, stderr} = await world.run(
      'image',
      'create',
      'api',
      '--tag',
      'reg/api',
      '--git',
      'https://git.example.test/api.git',
    );
    expect({code, stdout, stderr}).toEqual({
      code: 0,
      stdout: 'Creating Image Resource...\nImage Resource "api" created\n',
      stderr: '',
    });
    expect(world.client.sent).toEqual([
      {
        kind: 'image.save',
        mode: 'create',
        namespace: 'default',
        name: 'api',
        edit: {
          tag: 'reg/api',
          builder: {kind: 'ClusterBuilder', name: 'default'},
          git: {url: 'https://git.example.test/api.git'},
          gitRevision: 'main',
        },
      },
    ]);
  });

  test('takes a directory of this machine, by its absolute path', async () => {
    const world = aCommandWorld({state: aState([]), paths});
    await world.run(
      'image',
      'create',
      'api',
      '-t',
      'reg/api',
      '--local-path',
      'app',
      '-b',
      'mine',
      '-e',
      'A=b=c',
      '-s',
      'secret',
    );
    expect(world.client.sent[0]).toMatchObject({
      edit: {
        localPath: '/here/app',
        builder: {kind: 'Builder', name: 'mine'},
        env: [{name: 'A', value: 'b=c'}],
        services: [{kind: 'Secret', apiVersion: 'v1', name: 'secret'}],
      },
    });
  });

  const create = ['image', 'create', 'api', '--tag', 'reg/api'];
  const git = [...create, '--git', 'https://git.example.test/api.git'];
  test.each<readonly [readonly string[], number, string]>([
    [create, 2, 'image source must be one of git, blob, or local-path'],
    [[...git, '--local-path', 'app'], 2, 'image source must be one of git, blob, or local-path'],
    [
      [...create, '--local-path', 'app', '--git-revision', 'x'],
      2,
      'git-revision is incompatible with blob and local path image sources',
    ],
    [
      [...create, '--blob', 'https://x'],
      2,
      'blob sources are not in this version of slipway yet; expected --git or --local-path',
    ],
    [
      [...create, '--local-path', 'notes.txt'],
      1,
      'local path must be a directory or zip; "/here/notes.txt" is neither',
    ],
    [[...create, '--local-path', 'gone'], 1, 'local path must be a directory or zip; "/here/gone" does not exist'],
    [[...git, '-b', 'a', '-c', 'b'], 2, 'must provide one of builder or cluster-builder'],
    [[...git, '-e', 'A'], 2, 'env vars are improperly formatted: expected NAME=VALUE, got "A"'],
    [
      [...git, '-s', 'a:b'],
      2,
      'service bindings are improperly formatted: expected KIND:APIVERSION:NAME or NAME, got "a:b"',
    ],
    [[...git, '--success-build-history-limit', '0'], 2, 'must provide a valid build history limit > 0; got "0"'],
    [[...git, '--cache-size', 'big'], 2, 'invalid cache size, must be valid quantity ex. 2G; got "big"'],
    [['image', 'create', 'api', '--git', 'x'], 2, '--tag is required to create the resource'],
    [['image', 'create', 'API', '--tag', 'x', '--git', 'x'], 2, 'the name "API" must consist of lower case letters'],
    [
      ['image', 'create', 'web', '--tag', 'x', '--git', 'x'],
      1,
      'images.kpack.io "web" already exists; `image patch` changes it',
    ],
    [['image', 'create'], 2, 'accepts 1 arg(s), received 0'],
    [[...git, '-o', 'xml'], 2, "option '-o, --output <format>' argument 'xml' is invalid"],
    [[...git, '-n', 'Team'], 2, 'namespace: the name "Team" must consist of'],
  ])('%j ends with %i: %s', async (argv, code, message) => {
    const world = aCommandWorld({paths});
    const result = await world.run(...argv);
    expect(result.stderr).toContain(`Error: ${message}`);
    expect(result.code).toBe(code);
    expect(result.stderr.endsWith('\nUsage: slipway image create [options] <name>\n')).toBe(code === 2);
    expect(world.client.sent).toEqual([]);
  });

  test('--dry-run changes nothing and shows what would happen', async () => {
    const world = aCommandWorld();
    const {stdout} = await world.run('image', 'create', 'api', '-t', 'reg/api', '--git', 'https://g', '--dry-run');
    expect(stdout).toContain('Creating Image Resource... (dry run)\n');
    expect(stdout).toContain('Image Resource "api" created (dry run)\n');
    expect(stdout).toMatch(
      /IMAGE RESOURCE +NAMESPACE +DECISION +REASON\napi +default +held +ClusterBuilder "default" does not exist/,
    );
    expect(world.client.sent).toEqual([]);
    expect(world.client.dryRuns).toHaveLength(1);
  });

  test('-o yaml prints the resource alone, progress goes to stderr', async () => {
    const {stdout, stderr} = await aCommandWorld().run(
      'image',
      'create',
      'api',
      '-t',
      'reg/api',
      '--git',
      'https://g',
      '-o',
      'yaml',
    );
    expect(parse(stdout)).toMatchObject({
      kind: 'Image',
      metadata: {name: 'api', generation: 1},
      spec: {tag: 'reg/api'},
    });
    expect(stderr).toBe('Creating Image Resource...\n');
  });

  test('a dry run prints the manifest that would be made', async () => {
    const {stdout} = await aCommandWorld().run(
      'image',
      'create',
      'api',
      '-t',
      'reg/api',
      '--git',
      'https://g',
      '-o',
      'yaml',
      '--dry-run',
    );
    expect(parse(stdout)).toMatchObject({
      kind: 'Image',
      metadata: {name: 'api'},
      spec: {tag: 'reg/api', builder: {name: 'default'}, source: {git: {url: 'https://g', revision: 'main'}}},
    });
  });

  test('says which of kp’s flags change nothing', async () => {
    const {stderr, code} = await aCommandWorld({paths}).run(
      ...create,
      '--local-path',
      'app',
      '--registry-ca-cert-path',
      '/ca',
      '--local-path-destination-image',
      'x',
      '--cache-size',
      '2G',
    );
    expect(code).toBe(0);
    expect(
      stderr
        .split('\n')
        .filter((line) => line.startsWith('Note: '))
        .map((line) => line.split(' has no effect')[0]),
    ).toEqual(['Note: --local-path-destination-image', 'Note: --cache-size', 'Note: --registry-ca-cert-path']);
  });
});

describe('image patch and save', () => {
  test('patch changes what is named', async () => {
    const world = aCommandWorld();
    const {stdout} = await world.run('image', 'patch', 'web', '--cluster-builder', 'default');
    expect(stdout).toBe('Patching Image Resource...\nImage Resource "web" patched\n');
    expect(world.client.sent[0]).toMatchObject({
      mode: 'patch',
      edit: {builder: {kind: 'ClusterBuilder', name: 'default'}},
    });
  });

  test('a patch that changes nothing says so', async () => {
    const {stdout} = await aCommandWorld().run('image', 'patch', 'web', '--cluster-builder', 'base');
    expect(stdout).toBe('Patching Image Resource...\nImage Resource "web" patched (no change)\n');
  });

  test('-b and -c mean nothing to patch, as in kp', async () => {
    expect(await aCommandWorld().run('image', 'patch', 'web', '-c', 'base')).toMatchObject({code: 2});
  });

  test.each([
    [['image', 'patch', 'gone'], 1, 'images.kpack.io "gone" not found'],
    [['image', 'patch', 'web', '-d', 'A'], 1, "delete-env parameter 'A' not found in existing image configuration"],
    [['image', 'status', 'gone'], 1, 'images.kpack.io "gone" not found'],
    [['image', 'delete', 'gone'], 1, 'images.kpack.io "gone" not found'],
    [['image', 'list', '--filter', 'colour=red'], 2, 'invalid filter argument "colour=red"'],
  ])('%j ends with %i: %s', async (argv, code, message) => {
    expect(await aCommandWorld().run(...argv)).toMatchObject({
      code,
      stderr: expect.stringContaining(`Error: ${message}`),
    });
  });

  test('git-revision needs an image with a git source', async () => {
    const state = aState([aRecord({image: anImage({spec: {source: {kind: 'local', path: '/app'}}})})]);
    const {code, stderr} = await aCommandWorld({state}).run('image', 'patch', 'web', '--git-revision', 'main');
    expect({code, stderr}).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('git-revision is incompatible with existing image source'),
    });
  });

  test('save creates or patches, whichever fits', async () => {
    const world = aCommandWorld();
    expect((await world.run('image', 'save', 'web', '--tag', 'x', '-e', 'A=1')).stdout).toContain('"web" patched');
    expect((await world.run('image', 'save', 'new', '--tag', 'team/x', '--git', 'https://g')).stdout).toContain(
      '"new" created',
    );
    expect((await world.run('image', 'save', 'other', '--git', 'https://g')).stderr).toContain(
      '--tag is required to create the resource',
    );
  });
});

describe('other image commands', () => {
  test.each([
    [['image', 'trigger', 'web'], 'Triggered build for Image Resource "web" with Build Number 2\n'],
    [['image', 'pause', 'web'], 'Image Resource "web" paused\n'],
    [['image', 'resume', 'web'], 'Image Resource "web" resumed\n'],
    [['image', 'delete', 'web'], 'Image Resource "web" deleted\n'],
  ])('%j prints %j', async (argv, stdout) => {
    expect(await aCommandWorld().run(...argv)).toEqual({code: 0, stdout, stderr: ''});
  });
});

describe('--wait', () => {
  const ref = {namespace: 'default', image: 'web', number: 2};
  const base = {at: 30, ...ref} as const;

  test('shows the build that the patch leads to and ends as it ends', async () => {
    const world = aCommandWorld();
    const command = world.start('image', 'patch', 'web', '-e', 'A=1', '--wait');
    await until(() => command.printed().stderr.includes('Waiting: '));
    const rebase = aRebase({number: 2, inputs: {imageGeneration: 2}});
    world.client.happen({
      kind: 'build.started',
      ...base,
      attempt: 1,
      strategy: 'build',
      changes: [],
      inputs: rebase.inputs,
      phases: ['prepare', 'detect', 'build'],
    });
    world.client.addLog(ref, [{phase: 'prepare', text: 'hello'}]);
    world.client.happen({
      kind: 'build.failed',
      ...base,
      failure: {phase: 'detect', exitCode: 20, meaning: 'nothing fits', message: 'no group passed'},
    });
    world.client.endLog(ref);
    const {code, stdout, stderr} = await command.ended;
    expect(code).toBe(1);
    expect(stdout).toBe('Patching Image Resource...\nImage Resource "web" patched\n===> PREPARE\nhello\n');
    expect(stderr).toContain('Waiting: waiting for a slot; other builds run first\n');
    expect(stderr).toContain(
      'Error: build failed: phase detect failed: no group passed (exit code 20: nothing fits)\n',
    );
  });

  test('does not wait when nothing changed', async () => {
    expect(await aCommandWorld().run('image', 'patch', 'web', '-w')).toMatchObject({code: 0});
  });

  test('ends when only a person can end the hold', async () => {
    const {code, stderr} = await aCommandWorld().run('image', 'patch', 'web', '--builder', 'gone', '--wait');
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: 'Error: image "web" waits: Builder "gone" does not exist; create it, or give the image another builder\n',
    });
  });

  test('waits while the controller looks for an engine for the first time, and ends when none answers', async () => {
    const state = aState([aRecord({builds: []})], {builders: {'ClusterBuilder/base': aBuilderImage()}});
    const world = aCommandWorld({state});
    const command = world.start('image', 'patch', 'web', '-e', 'A=1', '--wait');
    await until(() => command.printed().stderr.includes('docker was not looked for yet'));
    const silent = {kind: 'docker', state: 'silent', problem: 'cannot connect', next: 'Start it.'} as const;
    world.client.happen({kind: 'engines.found', at: 30, engines: [silent]});
    const {code, stderr} = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Error: image "web" waits: .*docker does not answer \(cannot connect\)/);
  });

  test('ends with 130 when the user interrupts', async () => {
    const world = aCommandWorld();
    const command = world.start('image', 'trigger', 'web', '--wait');
    await until(() => command.printed().stderr.includes('Waiting: '));
    world.interrupt();
    expect((await command.ended).code).toBe(130);
  });

  test('is done when there is nothing to build', async () => {
    const world = aCommandWorld();
    const {code, stderr} = await world.run('image', 'patch', 'web', '--default-process', 'worker', '--wait');
    expect({code, stderr}).toEqual({code: 0, stderr: 'Image Resource "web" is up to date; nothing to build\n'});
  });
});

test('a local directory is Local Source in every shape', async () => {
  const image = anImage({spec: {source: {kind: 'local', path: '/app'}}});
  const build = aBuild({inputs: {source: aDirectoryDigest()}});
  const state = stateAfter(
    aState([aRecord({image, builds: [build], source: {generation: 1, resolved: aDirectoryDigest()}})]),
  );
  const {stdout} = await aCommandWorld({state}).run('image', 'status', 'web', '-o', 'json');
  expect(JSON.parse(stdout)).toMatchObject({spec: {source: {local: {path: '/app'}}}, status: {state: 'ready'}});
});

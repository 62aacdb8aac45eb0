// `slipway build …`: lists, statuses and logs as kp prints them.
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import type {LogLine} from '../../source/commands/client-types.ts';
import {type LogStyle, logText} from '../../source/commands/log-lines.ts';
import {aBuild, aCommit, anImage, aRebase, aRecord, aState} from '../support/builders.ts';
import {aCommandWorld} from './support/command-world.ts';
import {until} from './support/until.ts';

const second = aBuild({
  number: 2,
  state: 'failed',
  changes: [
    {reason: 'COMMIT', old: 'commit-1', new: 'commit-2'},
    {reason: 'STACK', old: 'sha256:a', new: 'sha256:b'},
  ],
  inputs: {source: aCommit('commit-2')},
});
const third = aBuild({
  number: 3,
  state: 'running',
  changes: [{reason: 'TRIGGER', old: '', new: 'A new build was manually triggered on Mon, 23 Nov 2026 10:00:00 +0000'}],
});
const ref = {namespace: 'default', image: 'web', number: 3};

describe('build list', () => {
  const state = aState([
    aRecord({builds: [aBuild(), second, third]}),
    aRecord({image: anImage({name: 'api'}), builds: [aBuild({image: 'api', state: 'cancelled'})]}),
    aRecord({image: anImage({name: 'zoo', namespace: 'other'}), builds: [aBuild({image: 'zoo'})]}),
  ]);

  test('is by image name backwards, then by age', async () => {
    expect((await aCommandWorld({state}).run('build', 'list')).stdout).toBe(`\
BUILD    STATUS       BUILT IMAGE                                 REASON     IMAGE RESOURCE
1        SUCCESS      registry.example.test/web@sha256:image-1    CONFIG     web
2        FAILURE                                                  COMMIT+    web
3        BUILDING                                                 TRIGGER    web
1        CANCELLED                                                CONFIG     api

`);
  });

  test('of one image', async () => {
    expect((await aCommandWorld({state}).run('bld', 'list', 'api')).stdout).toBe(`\
BUILD    STATUS       BUILT IMAGE    REASON    IMAGE RESOURCE
1        CANCELLED                   CONFIG    api

`);
  });

  test.each([
    [['-n', 'other'], ['zoo']],
    [['-A'], ['zoo', 'web', 'web', 'web', 'api']],
  ])('%j', async (argv, images) => {
    const {code, stdout} = await aCommandWorld({state}).run('build', 'list', ...argv);
    const rows = stdout.trimEnd().split('\n').slice(1);
    expect({code, images: rows.map((row) => row.split(/ +/).at(-1))}).toEqual({code: 0, images});
  });

  test('of an image that there is not', async () => {
    expect(await aCommandWorld({state}).run('build', 'list', 'gone')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: images.kpack.io "gone" not found\nNext: slipway image list shows what there is\n',
    });
  });

  test('-o wide adds when and how long', async () => {
    const {stdout} = await aCommandWorld({state}).run('build', 'list', 'web', '-o', 'wide');
    expect(stdout).toMatch(
      /IMAGE RESOURCE +STARTED +DURATION +STRATEGY +ATTEMPTS\n1 .*1970-01-01 00:00:00 +10ms +build +1\n/,
    );
  });

  test('-o yaml is a list of kpack’s builds with our phases', async () => {
    const {stdout} = await aCommandWorld({state}).run('build', 'list', 'web', '-o', 'yaml');
    expect(parse(stdout)).toMatchObject({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          kind: 'Build',
          metadata: {name: 'web-build-1', annotations: {'image.kpack.io/reason': 'CONFIG'}},
          status: {
            conditions: [{type: 'Succeeded', status: 'True'}],
            executor: 'embedded',
            phases: [{name: 'prepare', state: 'succeeded'}, {}, {}, {}, {}, {}],
          },
        },
        {
          metadata: {
            annotations: {
              'image.kpack.io/buildChanges':
                '[{"reason":"COMMIT","old":"commit-1","new":"commit-2"},{"reason":"STACK","old":"sha256:a","new":"sha256:b"}]',
            },
          },
          status: {changes: [{reason: 'COMMIT', old: 'commit-1'}, {reason: 'STACK'}]},
        },
        {},
      ],
    });
  });
});

describe('build status', () => {
  const state = aState([aRecord({builds: [aBuild(), second]})]);

  test('of the newest build: kp’s blocks with the diff under the reason', async () => {
    expect((await aCommandWorld({state}).run('build', 'status', 'web')).stdout).toBe(`\
Image:             --
Status:            FAILURE
Reason:            COMMIT,STACK
                   - commit-1
                   + commit-2
                   - sha256:a
                   + sha256:b
Status Reason:     Failed
Status Message:    phase build failed: go build: exit status 1 (exit code 51: a buildpack failed while building)

Started:     1970-01-01 00:00:00
Finished:    1970-01-01 00:00:00

Pod Name:    --

Builder:      ClusterBuilder/base
Run Image:    bases/run@sha256:run-1

Source:      GitUrl
Url:         https://git.example.test/web.git
Revision:    commit-2

BUILDPACK ID    BUILDPACK VERSION    HOMEPAGE

`);
  });

  test('-b names another one', async () => {
    const {stdout} = await aCommandWorld({state}).run('build', 'status', 'web', '-b', '1');
    expect(stdout).toContain('Image:            registry.example.test/web@sha256:image-1\nStatus:           SUCCESS\n');
    expect(stdout).toContain('some/one        1.0.0');
  });

  test('on a terminal the diff is coloured sign by sign', async () => {
    const {stdout} = await aCommandWorld({state, color: true, terminal: true}).run('build', 'status', 'web');
    expect(stdout).toContain('\u001b[31m- \u001b[0m\u001b[31mcommit-1\u001b[0m');
  });

  test('-o wide shows the phases', async () => {
    expect((await aCommandWorld({state}).run('build', 'status', 'web', '-o', 'wide')).stdout).toMatch(
      /PHASE +STATE +DURATION +NOTE\nprepare +succeeded/,
    );
  });

  test.each([
    [['build', 'status', 'web', '-b', '123'], 1, 'build "123" not found'],
    [['build', 'status', 'web', '-b', 'x'], 2, 'build number should be an integer: x'],
    [['build', 'status', 'gone'], 1, 'images.kpack.io "gone" not found'],
    [['build', 'logs', 'web', '-b', '123'], 1, 'build "123" not found'],
    [['build', 'retry', 'gone'], 1, 'images.kpack.io "gone" not found'],
  ])('%j ends with %i: %s', async (argv, code, message) => {
    expect(await aCommandWorld({state}).run(...argv)).toMatchObject({
      code,
      stderr: expect.stringContaining(`Error: ${message}`),
    });
  });

  test('of an image without builds', async () => {
    const never = aState([aRecord({builds: []})]);
    expect(await aCommandWorld({state: never}).run('build', 'status', 'web')).toMatchObject({
      code: 1,
      stderr: 'Error: no builds found\n',
    });
  });
});

describe('build logs', () => {
  test('of a finished build: headings and raw lines, and 1 when it failed', async () => {
    const world = aCommandWorld({
      state: aState([aRecord({builds: [aBuild(), second], source: {generation: 1, resolved: aCommit('commit-2')}})]),
    });
    world.client.addLog({...ref, number: 2}, [
      {phase: 'prepare', text: 'Build reason(s): COMMIT,STACK'},
      {phase: 'build', text: ''},
      {phase: 'build', text: 'ERROR: no'},
    ]);
    expect(await world.run('build', 'logs', 'web')).toEqual({
      code: 1,
      stdout:
        '===> PREPARE\nBuild reason(s): COMMIT,STACK\n===> DETECT\n===> ANALYZE\n===> RESTORE\n===> BUILD\n\nERROR: no\n',
      stderr:
        'Error: build failed: phase build failed: go build: exit status 1 (exit code 51: a buildpack failed while building)\n',
    });
  });

  test('follows a running build to its end', async () => {
    const world = aCommandWorld({state: aState([aRecord({builds: [aBuild(), second, third]})])});
    const command = world.start('build', 'logs', 'web');
    world.client.addLog(ref, [{phase: 'prepare', text: 'one'}]);
    await until(() => command.printed().stdout.includes('one'));
    world.client.addLog(ref, [{phase: 'prepare', text: 'two'}]);
    world.client.happen({kind: 'build.cancelled', at: 40, ...ref});
    world.client.endLog(ref);
    expect(await command.ended).toEqual({
      code: 1,
      stdout: '===> PREPARE\none\ntwo\n',
      stderr: 'Error: build 3 of image "web" was cancelled\n',
    });
  });

  test('waits for a build that is about to start', async () => {
    const state = aState([aRecord({source: {generation: 1, resolved: aCommit('commit-2')}})]);
    const world = aCommandWorld({state});
    const command = world.start('build', 'logs', 'web');
    await until(() => command.printed().stderr.includes('Waiting'));
    const build = {namespace: 'default', image: 'web', number: 2};
    world.client.happen({
      kind: 'build.started',
      at: 30,
      ...build,
      attempt: 1,
      strategy: 'build',
      changes: [],
      inputs: second.inputs,
      phases: ['prepare'],
    });
    world.client.addLog(build, [{phase: 'prepare', text: 'there it is'}]);
    await until(() => command.printed().stdout.includes('there it is'));
    world.interrupt();
    expect((await command.ended).code).toBe(130);
  });

  test('of an image that is held without a build says what it waits for', async () => {
    const state = aState([aRecord({image: anImage({paused: true}), builds: []})]);
    const {code, stderr} = await aCommandWorld({state}).run('build', 'logs', 'web');
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: 'Error: image "web" waits: paused; CONFIG is due; resume it to let it follow\n',
    });
  });

  test('-b 1 shows an old log although another build is due', async () => {
    const world = aCommandWorld({state: aState([aRecord({source: {generation: 1, resolved: aCommit('commit-2')}})])});
    world.client.addLog({...ref, number: 1}, [{phase: 'prepare', text: 'old'}]);
    expect(await world.run('build', 'logs', 'web', '-b', '1')).toMatchObject({code: 0, stdout: '===> PREPARE\nold\n'});
  });

  test('a rebase has one heading, as kp shows it', async () => {
    const world = aCommandWorld({
      state: aState([aRecord({builds: [aBuild(), aRebase({})], image: anImage({paused: true})})]),
    });
    world.client.addLog({...ref, number: 2}, [{phase: 'rebase', text: 'Build reason(s): STACK'}]);
    expect((await world.run('build', 'logs', 'web')).stdout).toBe('===> REBASE\nBuild reason(s): STACK\n');
  });

  test.each([
    ['quiet', ''],
    [
      'json',
      '{"kind":"log.line","line":0,"phase":"prepare","stream":"stdout","at":1795428000000,"attempt":1,"text":"hi"}\n{"kind":"build.ended","namespace":"default","image":"web","number":1,"state":"succeeded","finishedAt":20}\n',
    ],
  ] as const)('--ui %s', async (ui, stdout) => {
    const world = aCommandWorld({ui});
    world.client.addLog({...ref, number: 1}, [{phase: 'prepare', text: 'hi'}]);
    expect((await world.run('build', 'logs', 'web')).stdout).toBe(stdout);
  });
});

describe('lines of a log', () => {
  const line = (text: string, change: Partial<LogLine> = {}): LogLine => ({
    line: 0,
    phase: 'build',
    stream: 'stdout',
    at: Date.UTC(2026, 0, 2, 3, 4, 5, 60),
    attempt: 1,
    text,
    ...change,
  });
  const style: LogStyle = {color: false, terminal: false, timestamps: false, ended: () => []};

  test('have kp’s cyan heading when there are colours', () => {
    expect(logText({...style, color: true})([line('x')])).toBe('\u001b[0;36m===> BUILD\n\u001b[0mx\n');
  });

  test('begin with the time they arrived when asked', () => {
    expect(logText({...style, timestamps: true})([line('x'), line('y', {at: Date.UTC(2026, 0, 2, 3, 4, 5)})])).toBe(
      '===> BUILD\n2026-01-02T03:04:05.06Z x\n2026-01-02T03:04:05Z y\n',
    );
  });

  test('say where the next attempt begins, with its headings again', () => {
    const text = logText(style);
    expect(text([line('a')]) + text([line('b', {attempt: 2, phase: 'prepare'}), line('c', {attempt: 2})])).toBe(
      '===> BUILD\na\n*** Attempt 1 was interrupted; the build runs again as attempt 2\n===> PREPARE\nb\n===> BUILD\nc\n',
    );
  });

  test.each([
    ['colours stay', '\u001b[1;31mred\u001b[0m', '\u001b[1;31mred\u001b[0m'],
    ['the title cannot be set', '\u001b]0;owned\u0007text', 'text'],
    ['the clipboard cannot be written', '\u001b]52;c;aGk=\u001b\\text', 'text'],
    ['the cursor cannot be moved', 'a\u001b[2Jb\u001b[3;4Hc', 'abc'],
    ['the terminal cannot be reset', '\u001bctext\u009b5n', 'text'],
    ['a progress line shows its last state', '10%\r20%\r30%', '30%'],
    ['a Windows line end is none', 'text\r', 'text'],
    ['tabs stay, bells go', 'a\tb\u0007', 'a\tb'],
  ])('on a terminal %s', (_name, given, shown) => {
    expect(logText({...style, terminal: true, color: true})([line(given)])).toBe(
      `\u001b[0;36m===> BUILD\n\u001b[0m${shown}\n`,
    );
  });

  test('lose their colours when there are to be none', () => {
    expect(logText({...style, terminal: true})([line('\u001b[31mred\u001b[0m')])).toBe('===> BUILD\nred\n');
  });

  test('in a file keep everything but colours', () => {
    expect(logText(style)([line('10%\r20%\u001b[31m!\u001b[0m')])).toBe('===> BUILD\n10%\r20%!\n');
  });
});

describe('cancel and retry', () => {
  test('cancel asks for it', async () => {
    const world = aCommandWorld({state: aState([aRecord({builds: [third]})])});
    expect(await world.run('build', 'cancel', 'web', '-b', '3')).toMatchObject({
      code: 0,
      stdout: 'Cancelling build of Image Resource "web"\n',
    });
    expect(world.client.sent).toEqual([{kind: 'build.cancel', namespace: 'default', image: 'web', number: 3}]);
  });

  test('retry builds again what failed', async () => {
    const world = aCommandWorld({state: aState([aRecord({builds: [aBuild(), second]})])});
    expect((await world.run('build', 'retry', 'web')).stdout).toBe(
      'Retrying build 2 of Image Resource "web" as Build Number 3\n',
    );
    expect(world.client.sent).toEqual([{kind: 'image.trigger', namespace: 'default', name: 'web'}]);
  });

  test('retry has nothing to do after a success, or while it runs', async () => {
    expect((await aCommandWorld().run('build', 'retry', 'web')).stderr).toContain(
      'build 1 succeeded, there is nothing to retry',
    );
    const running = aCommandWorld({state: aState([aRecord({builds: [third]})])});
    expect((await running.run('build', 'retry', 'web')).stderr).toContain('build 3 still runs');
  });
});

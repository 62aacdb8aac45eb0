// Preferences, the controller, events, doctor, version, what is not there yet, and how commands end.
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ClientError} from '../../source/client/client.ts';
import {readGlobalOptions} from '../../source/commands/global-options.ts';
import {buildSucceeded, recordedEvents, worldEvents} from '../support/builders.ts';
import {aCommandWorld} from './support/command-world.ts';
import {until} from './support/until.ts';

describe('config', () => {
  let preferences: string;
  beforeEach(async () => {
    preferences = await mkdtemp(path.join(os.tmpdir(), 'slipway-config-'));
  });
  afterEach(() => rm(preferences, {recursive: true, force: true}));

  test('default-repository is set and printed in kp’s words', async () => {
    const world = aCommandWorld({preferences});
    expect(await world.run('config', 'default-repository')).toMatchObject({
      code: 1,
      stderr: 'Error: failed to get default repository: use "slipway config default-repository" to set\n',
    });
    expect((await world.run('config', 'default-repository', 'reg.example.test/builders')).stdout).toBe(
      'kp-config set\n',
    );
    expect((await world.run('config', 'default-repository')).stdout).toBe('reg.example.test/builders\n');
  });

  test('the default repository names a builder without a tag', async () => {
    const world = aCommandWorld({preferences});
    await world.run('config', 'default-repository', 'reg.example.test/builders/');
    await world.run('cb', 'create', 'new', '-b', 'some/one');
    expect(world.client.sent).toMatchObject([{edit: {tag: 'reg.example.test/builders/new'}}]);
  });

  test('how many builds run at once is told to the controller too', async () => {
    const world = aCommandWorld({preferences});
    expect(await world.run('config', 'set', 'maxConcurrentBuilds', '2')).toMatchObject({code: 0});
    expect(await world.run('config', 'get', 'maxConcurrentBuilds')).toMatchObject({stdout: '2\n'});
    expect(world.client.sent).toEqual([{kind: 'settings.change', settings: {maxConcurrentBuilds: 2}}]);
  });

  test('list, path and unset', async () => {
    const world = aCommandWorld({preferences});
    await world.run('config', 'set', 'theme', 'light');
    expect((await world.run('config', 'list')).stdout).toMatch(
      /NAME +VALUE +FROM\ntheme +light +set\nascii +false +default\n/,
    );
    await world.run('config', 'unset', 'theme');
    expect((await world.run('config', 'get', 'theme')).stdout).toBe('dark\n');
    expect((await world.run('config', 'path')).stdout).toBe(`${path.join(preferences, 'preferences.json')}\n`);
  });

  test.each([
    [['config', 'set', 'colour', 'red'], 2, 'unknown preference "colour"; expected one of theme, ascii'],
    [['config', 'set', 'ascii', 'perhaps'], 2, 'expected ascii to be true or false, got "perhaps"'],
    [['config', 'get', 'defaultRepository'], 1, 'defaultRepository is not set'],
  ])('%j ends with %i: %s', async (argv, code, message) => {
    expect(await aCommandWorld({preferences}).run(...argv)).toMatchObject({
      code,
      stderr: expect.stringContaining(message),
    });
  });

  test('a corrupt file is an error that says where, and stays as it is', async () => {
    const file = path.join(preferences, 'preferences.json');
    await writeFile(file, '{"theme": dark}');
    const {code, stderr} = await aCommandWorld({preferences}).run('config', 'set', 'theme', 'light');
    expect({code, stderr}).toMatchObject({code: 1, stderr: expect.stringContaining(`${file}:1:11: expected JSON`)});
    expect(await readFile(file, 'utf8')).toBe('{"theme": dark}');
  });
});

describe('controller', () => {
  test('status shows what runs', async () => {
    expect((await aCommandWorld().run('controller', 'status')).stdout).toMatch(/^Status: +Running\nPid: +1\n/);
  });

  test('status of none ends with 3, stopping none is success', async () => {
    const world = aCommandWorld({unreachable: true});
    expect(await world.run('controller', 'status')).toMatchObject({
      code: 3,
      stdout: 'Status:    Not running\nHome:      /home/slipway\n\n',
    });
    expect(await world.run('controller', 'stop')).toMatchObject({code: 0, stdout: 'No controller runs\n'});
  });

  test('status of one that speaks another protocol says so, not that none runs', async () => {
    const message = 'this client speaks protocol 2, the controller speaks 1';
    const world = aCommandWorld({unreachable: new ClientError('version-skew', message)});
    expect(await world.run('controller', 'status')).toEqual({code: 3, stdout: '', stderr: `Error: ${message}\n`});
  });

  test('start and stop say what they did', async () => {
    expect((await aCommandWorld().run('controller', 'start')).stdout).toBe('Controller runs (pid 1, home /home)\n');
    expect((await aCommandWorld().run('controller', 'stop')).stdout).toBe('Controller stopped\n');
  });

  test('logs prints its log, or the end of it', async () => {
    const texts = {'/home/controller.log': 'one\ntwo\nthree\n'};
    expect((await aCommandWorld({texts}).run('controller', 'logs')).stdout).toBe('one\ntwo\nthree\n');
    expect((await aCommandWorld({texts}).run('controller', 'logs', '--lines', '2')).stdout).toBe('two\nthree\n');
  });
});

describe('events', () => {
  const kept = recordedEvents(worldEvents);

  test('prints what is kept, one object a line', async () => {
    const world = aCommandWorld();
    world.client.readEvents = ({afterSequence = 0, limit}) =>
      Promise.resolve(kept.filter(({sequence}) => sequence > afterSequence).slice(0, limit));
    const {stdout} = await world.run('events');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as {sequence: number; kind: string});
    expect(lines.map(({sequence, kind}) => [sequence, kind])).toEqual(
      kept.map(({sequence, event}) => [sequence, event.kind]),
    );
  });

  test('--follow goes on, without a gap and without a repetition, until interrupted', async () => {
    const world = aCommandWorld();
    const next = world.client.state.read().sequence + 1;
    let tell: Parameters<typeof world.client.onEvent>[0] = () => undefined;
    world.client.onEvent = (listener) => {
      tell = listener;
      return () => undefined;
    };
    world.client.readEvents = () => {
      const [first] = recordedEvents([buildSucceeded()], next - 1);
      if (first) tell(first);
      return Promise.resolve(first ? [first] : []);
    };
    const command = world.start('events', '--follow', '--since', '10m');
    await until(() => command.printed().stdout.includes('build.succeeded'));
    for (const event of recordedEvents([buildSucceeded({number: 2})], next)) tell(event);
    world.client.happen(buildSucceeded({number: 2}));
    await until(() => command.printed().stdout.includes(`"sequence":${next + 1}`));
    world.interrupt();
    const {code, stdout} = await command.ended;
    expect({code, lines: stdout.trimEnd().split('\n').length}).toEqual({code: 130, lines: 2});
  });

  test('--since is a time or how long ago', async () => {
    const asked: unknown[] = [];
    const world = aCommandWorld();
    world.client.readEvents = (query) => Promise.resolve(asked.push(query) > 0 ? [] : []);
    await world.run('events', '--since', '2h');
    await world.run('events', '--since', '2026-11-23T08:00:00Z');
    expect(asked).toMatchObject([{since: Date.UTC(2026, 10, 23, 8)}, {since: Date.UTC(2026, 10, 23, 8)}]);
    expect(await world.run('events', '--since', 'yesterday')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected --since to be a time'),
    });
  });
});

describe('doctor and version', () => {
  const probes = [
    {name: 'git', state: 'missing', detail: 'not found', fix: 'install git'},
    {name: 'node', state: 'ok', detail: 'Node 26'},
  ] as const;

  test('doctor says how to fix what is missing, and ends with 1', async () => {
    const {code, stdout} = await aCommandWorld({probes}).run('doctor');
    expect({code, stdout}).toEqual({
      code: 1,
      stdout:
        'CHECK    STATE      DETAIL\ngit      missing    not found\nnode     ok         Node 26\n\ngit: install git\n',
    });
    expect(await aCommandWorld({probes: [probes[1]]}).run('doctor')).toMatchObject({code: 0});
  });

  test('version', async () => {
    expect((await aCommandWorld({unreachable: true}).run('version')).stdout).toBe('slipway 0.1.0\n');
    expect(JSON.parse((await aCommandWorld().run('version', '-o', 'json')).stdout)).toEqual({version: '0.1.0'});
  });
});

describe('what a command ends with', () => {
  test.each([
    ['secret create x --dockerhub me', 'slipway secret'],
    ['walkthrough page.md', 'slipway walkthrough'],
    ['completion bash', 'slipway completion'],
    ['buildpack list', 'slipway buildpack'],
    ['build diff web', 'slipway build diff'],
  ])('%s is not there yet: one sentence and 2', async (line, name) => {
    const {code, stderr} = await aCommandWorld().run(...line.split(' '));
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^Error: ${name} is not in this version of slipway yet\n`));
  });

  test.each([
    [['frobnicate'], 2, "unknown command 'frobnicate'"],
    [['image', 'frob'], 2, "unknown command 'frob'"],
    [['image', 'list', '--frob'], 2, "unknown option '--frob'"],
    [['image', 'list', 'web'], 2, 'accepts 0 arg(s), received 1'],
    [['build', 'list', 'a', 'b'], 2, 'accepts 0 or 1 arg(s), received 2'],
    [['image'], 2, "expected a command, got none; see 'image --help'"],
  ])('%j: %i, with the usage line on stderr', async (argv, code, message) => {
    const result = await aCommandWorld().run(...argv);
    expect(result).toMatchObject({code, stdout: ''});
    expect(result.stderr).toContain(`Error: ${message}`);
    expect(result.stderr).toMatch(/\nUsage: slipway/);
  });

  test('3 when no controller can be reached', async () => {
    expect(await aCommandWorld({unreachable: true}).run('image', 'list')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'Error: no controller runs for /home/slipway; start one\n',
    });
  });

  test('1 when the controller refuses', async () => {
    const world = aCommandWorld();
    world.client.refuse('there is something in the way; move it');
    expect(await world.run('stack', 'delete', 'base')).toMatchObject({
      code: 1,
      stderr: 'Error: there is something in the way; move it\n',
    });
  });

  test('0 for help', async () => {
    expect(await aCommandWorld().run('image', 'create', '--help')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('--local-path'),
    });
    expect(await aCommandWorld().run('--help')).toMatchObject({code: 0, stdout: expect.stringContaining('Exit codes')});
  });
});

describe('global options', () => {
  test.each([
    [['image', 'list', '--home', '/h'], {}, {home: '/h', homeFrom: 'flag', color: true, rest: ['image', 'list']}],
    [
      ['--home=/h', '--ui', 'plain', 'demo'],
      {SLIPWAY_HOME: '/env'},
      {home: '/h', homeFrom: 'flag', ui: 'plain', color: true, rest: ['demo']},
    ],
    [
      ['image', '--no-color', 'list'],
      {SLIPWAY_HOME: '/env'},
      {home: '/env', homeFrom: 'environment', color: false, rest: ['image', 'list']},
    ],
    [['image', 'list'], {NO_COLOR: '1', SLIPWAY_HOME: ''}, {color: false, rest: ['image', 'list']}],
    [['image', 'list'], {NO_COLOR: ''}, {color: true, rest: ['image', 'list']}],
    [['a', '--', '--home', 'x'], {}, {color: true, rest: ['a', '--', '--home', 'x']}],
  ])('%j with %j', (argv, environment, expected) => {
    expect(readGlobalOptions(argv, environment)).toEqual({readOnly: false, accessible: false, ...expected});
  });

  test.each([
    [['--home'], "option '--home' needs a value"],
    [['--ui=', 'list'], "option '--ui' needs a value"],
    [['--ui', 'loud'], 'expected --ui to be one of auto, tty, plain, json, quiet, got "loud"'],
  ])('%j: %s', (argv, message) => {
    expect(() => readGlobalOptions(argv, {})).toThrow(message);
  });
});

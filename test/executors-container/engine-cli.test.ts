// How an engine's command line is started, listened to, and what its failures read like; and how engines are found.
import {Readable} from 'node:stream';
import {describe, expect, test} from 'vitest';
import {detectEngines} from '../../source/executors/container/detect-engines.ts';
import {createEngineCli, type EngineCli} from '../../source/executors/container/engine-cli.ts';
import {type FakeEngine, writeFakeEngine} from './fake-engine.ts';

async function withFake<Value>(
  script: string,
  work: (cli: EngineCli, fake: FakeEngine) => Promise<Value>,
): Promise<Value> {
  const fake = await writeFakeEngine(script);
  try {
    return await work(createEngineCli(fake.engine), fake);
  } finally {
    await fake.close();
  }
}

describe('a call', () => {
  test('gives what was printed, without the newline at its end', async () => {
    expect(await withFake('echo "$@"', (cli) => cli.call(['volume', 'create', 'x']))).toBe('volume create x');
  });

  test('hands input over and values through the environment alone', async () => {
    const said = await withFake('cat; echo "$SECRET $*"', (cli) =>
      cli.call(['create', '-e', 'SECRET'], {
        input: Readable.from([Buffer.from('in ')]),
        environment: {SECRET: 'hidden'},
      }),
    );
    expect(said).toBe('in hidden create -e SECRET');
  });

  test.each([
    ['echo "Error: no such volume" >&2; exit 1', 'refused', 'docker volume rm failed: Error: no such volume'],
    [
      'echo "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" >&2; exit 1',
      'unreachable',
      'docker volume rm failed: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?',
    ],
    ['sleep 100', 'unreachable', 'docker volume rm did not answer in time'],
  ])('fails in the words of the engine: %s', async (script, kind, message) => {
    const call = withFake(script, (cli) => cli.call(['volume', 'rm', 'a-name'], {timeout: 300}));
    await expect(call).rejects.toMatchObject({kind, message});
  });

  test('a program that is not there is said so', async () => {
    const cli = createEngineCli({
      kind: 'podman',
      program: '/no/such/podman',
      version: '',
      rootless: false,
      environment: {},
      limits: [],
    });
    await expect(cli.call(['info'])).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('no such program'),
    });
  });

  test('what is not read is drained, so that the program can end', async () => {
    const first = await withFake('head -c 3000000 /dev/zero; echo done >&2', (cli) =>
      cli.read(['cp'], async (output) => {
        for await (const piece of output) return piece[0];
        return undefined;
      }),
    );
    expect(first).toBe(0);
  });
});

test('both streams are followed as they come, and the exit code is handed back', async () => {
  const said: string[] = [];
  const code = await withFake('echo out; echo err >&2; exit 51', (cli) =>
    cli.follow(['start'], (stream, bytes) => said.push(`${stream} ${Buffer.from(bytes).toString()}`)),
  );
  expect(code).toBe(51);
  expect(said.toSorted()).toEqual(['stderr err\n', 'stdout out\n']);
});

describe('finding engines', () => {
  test('docker that answers, podman that is not installed', async () => {
    await withFake(`echo '{"ServerVersion":"28.1.0","SecurityOptions":["name=seccomp"]}'`, async (_cli, {engine}) => {
      const findings = await detectEngines([
        {kind: 'docker', program: engine.program, environment: {DOCKER_HOST: 'unix:///x'}},
        {kind: 'podman', program: '/no/such/podman'},
      ]);
      expect(findings).toMatchObject([
        {
          kind: 'docker',
          state: 'ready',
          engine: {version: '28.1.0', rootless: false, environment: {DOCKER_HOST: 'unix:///x'}, limits: []},
        },
        {kind: 'podman', state: 'absent', next: expect.stringContaining('apt-get install podman')},
      ]);
    });
  });

  test.each([
    [
      'exit code 0 and no server',
      `echo '{"ServerErrors":["Cannot connect to the Docker daemon at unix:///x"]}'`,
      'Cannot connect',
    ],
    ['an exit code', 'echo "permission denied while trying to connect" >&2; exit 1', 'permission denied'],
    ['no JSON', 'echo nonsense', 'nonsense'],
    ['nothing for a long time', 'sleep 100', 'did not answer in time'],
  ])('docker that is installed and answers with %s', async (_what, script, problem) => {
    await withFake(script, async (_cli, {engine}) => {
      const [finding] = await detectEngines([{kind: 'docker', program: engine.program}], 300);
      expect(finding).toMatchObject({
        state: 'silent',
        problem: expect.stringContaining(problem),
        next: expect.stringContaining('docker info'),
      });
    });
  });

  test('an old rootless podman is told with what it cannot do', async () => {
    const fake = await writeFakeEngine(
      `echo '{"version":{"Version":"4.3.1"},"host":{"security":{"rootless":true}}}'`,
      'podman',
    );
    const [finding] = await detectEngines([{kind: 'podman', program: fake.engine.program}]);
    expect(finding).toMatchObject({
      state: 'ready',
      engine: {rootless: true, limits: [expect.stringContaining('layout'), expect.stringContaining('rootless')]},
    });
    await fake.close();
  });
});

// Reaching a controller that may have to be started, may be gone, or may be something else.
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {protocolVersion} from '../../source/protocol/message.ts';
import type {Client} from '../../source/client/client.ts';
import {connectToController, type ConnectOptions} from '../../source/client/connect.ts';
import {stopOtherVersion} from '../../source/client/stop-other-version.ts';
import {serveSocket} from '../../source/daemon/serve-socket.ts';
import {aDirectory, aHistory} from '../history/a-history.ts';
import {aController} from './a-controller.ts';

const script = join(import.meta.dirname, 'run-test-controller.ts');
const start = {command: [process.execPath, script, '--foreground']};

describe('without a controller', () => {
  test('one is started, detached, with its output in the log', async () => {
    const home = join(aDirectory(), 'home');
    const client = await aClient({home, start});
    const {pid} = await client.status();
    expect(pid).not.toBe(process.pid);
    expect(readFileSync(join(home, 'controller.log'), 'utf8')).toMatch(/ready with arguments --foreground/);
    await stopAndWait(client, home);
  });

  test('and no leave to start one, the error says how', async () => {
    const home = aDirectory();
    await expect(aClient({home})).rejects.toMatchObject({
      kind: 'unavailable',
      message: `no controller runs for ${home}; start one with "slipway controller start"`,
    });
  });

  test('several that connect at once end up at the same one', async () => {
    const home = aDirectory();
    const clients = await Promise.all(Array.from({length: 3}, async () => aClient({home, start})));
    const pids = await Promise.all(clients.map(async (client) => (await client.status()).pid));
    expect(new Set(pids).size).toBe(1);
    for (const client of clients.slice(1)) client.close();
    // The programs that lost the race must have ended before the winner does, or one of them would take its place.
    const losers = () =>
      readFileSync(join(home, 'controller.log'), 'utf8').match(/Refusal: another controller/g)?.length;
    await expect.poll(losers, {timeout: 10_000}).toBe(2);
    await stopAndWait(clients[0], home);
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      'ends at once',
      [process.execPath, '-e', 'console.error("line 1\\nthe state directory is broken"); process.exitCode = 7'],
      /did not come up: it ended with exit code 7; its last lines:\nline 1\nthe state directory is broken/,
    ],
    ['does not exist', ['/nonexistent/slipway'], /could not be started: .*ENOENT.*; it wrote nothing to/],
    [
      'never listens',
      [process.execPath, '-e', 'console.log("thinking"); setTimeout(() => {}, 8000)'],
      /it runs but does not listen yet; its last lines:\nthinking/,
    ],
  ])('a program that %s is reported with what it said', async (_case, command, words) => {
    const home = aDirectory();
    mkdirSync(home, {recursive: true});
    writeFileSync(join(home, 'controller.log'), 'of an earlier one\n');
    const failed = aClient({home, start: {command}, timeoutMs: 700});
    await expect(failed).rejects.toMatchObject({kind: 'unavailable', message: expect.stringMatching(words)});
    await expect(failed).rejects.not.toThrow(/of an earlier one/);
  });
});

describe('a controller that is gone', () => {
  test('by kill -9 is started again by a client that may, which goes on with the same state', async () => {
    const home = aDirectory();
    const client = await aClient({home, start, pauseBetweenStartsMs: 0});
    await client.send({kind: 'settings.change', settings: {maxConcurrentBuilds: 5}});
    const {pid} = await client.status();
    const back = connectionIs(client, 'connected');
    process.kill(pid, 'SIGKILL');
    await back;
    expect((await client.status()).pid).not.toBe(pid);
    expect(client.state.read().settings.maxConcurrentBuilds).toBe(5);
    await stopAndWait(client, home);
  });

  test('because it was told to stop is waited for, not started', async () => {
    const home = aDirectory();
    const watching = await aClient({home, start});
    const stopping = await aClient({home});
    const lost = connectionIs(watching, 'reconnecting');
    await stopAndWait(stopping, home);
    await lost;
    expect(watching.connection.read()).toEqual({kind: 'reconnecting', why: 'asked to stop'});
    await expect(watching.status()).rejects.toMatchObject({
      kind: 'disconnected',
      message: expect.stringMatching(/asked to stop.*try again/),
    });
    const back = connectionIs(watching, 'connected');
    const other = await aClient({home, start});
    await back;
    expect((await watching.status()).pid).toBe((await other.status()).pid);
    watching.close();
    await stopAndWait(other, home);
  });

  test('and left its socket and record behind is replaced by a new one', async () => {
    const home = aDirectory();
    const first = await aClient({home, start});
    const {pid} = await first.status();
    first.close();
    process.kill(pid, 'SIGKILL');
    const second = await aClient({home, start});
    expect((await second.status()).pid).not.toBe(pid);
    await stopAndWait(second, home);
  });
});

describe('something else at the socket', () => {
  test('a controller of another protocol is refused in words', async () => {
    const home = aDirectory();
    const {service} = aController(aHistory(), {protocol: 99});
    const server = await serveSocket({home, service, log: () => undefined});
    onTestFinished(async () => server.close());
    await expect(aClient({home, start})).rejects.toMatchObject({
      kind: 'version-skew',
      message: `the client speaks protocol ${protocolVersion}, this controller 99`,
    });
  });

  test('a controller of another protocol can be told to stop', async () => {
    const home = aDirectory();
    const {service, stopAsked} = aController(aHistory(), {protocol: 99});
    const server = await serveSocket({home, service, log: () => undefined});
    onTestFinished(async () => server.close());
    const record = join(home, 'controller.json');
    const written = JSON.parse(readFileSync(record, 'utf8')) as object;
    writeFileSync(record, JSON.stringify({...written, protocol: 99}));
    await stopOtherVersion(home, 'test');
    expect(stopAsked()).toBe(true);
  });

  test.each<[string, string, RegExp]>([
    ['answers something else', 'HTTP/1.1 400 Bad Request\r\n\r\n', /what came is no controller's message/],
    ['says nothing', '', /no answer to hello|closed the connection/],
  ])('a program that %s is reported', async (_case, answer, words) => {
    const home = aDirectory();
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (answer !== '') socket.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(join(home, 'controller.sock'), resolve));
    onTestFinished(() => void server.close());
    await expect(aClient({home, start, timeoutMs: 300})).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(words),
    });
  });

  test('a file that is no socket is left alone', async () => {
    const home = aDirectory();
    writeFileSync(join(home, 'controller.sock'), 'precious');
    await expect(aClient({home, start})).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/got a file that is no socket/),
    });
    expect(readFileSync(join(home, 'controller.sock'), 'utf8')).toBe('precious');
  });

  test('a damaged record is passed over', async () => {
    const home = aDirectory();
    writeFileSync(join(home, 'controller.json'), '{"socket":');
    const client = await aClient({home, start});
    await stopAndWait(client, home);
  });
});

async function aClient(options: Omit<ConnectOptions, 'version'>): Promise<Client> {
  const client = await connectToController({timeoutMs: 15_000, ...options, version: 'test'});
  onTestFinished(() => client.close());
  return client;
}

/** Stops the controller and resolves when its lock is gone. */
async function stopAndWait(client: Client | undefined, home: string): Promise<void> {
  await client?.stop();
  await expect.poll(() => existsSync(join(home, 'controller.lock')), {timeout: 5000, interval: 5}).toBe(false);
  rmSync(home, {recursive: true, force: true});
  mkdirSync(home, {recursive: true});
}

async function connectionIs(client: Client, kind: 'connected' | 'reconnecting'): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = client.connection.subscribe(() => {
      if (client.connection.read().kind !== kind) return;
      stop();
      resolve();
    });
  });
}

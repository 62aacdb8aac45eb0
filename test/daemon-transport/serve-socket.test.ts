// The controller's socket: who may reach it, what it takes, and that nobody holds up anybody.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {connectToController} from '../../source/client/connect.ts';
import {type ServeSocketOptions, serveSocket, type SocketServer} from '../../source/daemon/serve-socket.ts';
import {prepareSharedPlace, socketPlace} from '../../source/daemon/socket-place.ts';
import {createDecoder} from '../../source/protocol/codec.ts';
import {protocolVersion} from '../../source/protocol/message.ts';
import {aController, settingsEvent, type TestController} from '../client/a-controller.ts';
import {aDirectory, aHistory} from '../history/a-history.ts';

describe('the socket', () => {
  test('is its owner’s alone, said in controller.json, and gone after closing', async () => {
    const {home, server} = await aServer();
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(statSync(server.path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(home, 'controller.json'), 'utf8'))).toEqual({
      pid: process.pid,
      protocol: protocolVersion,
      socket: join(home, 'controller.sock'),
    });
    await server.close();
    expect(existsSync(server.path)).toBe(false);
    expect(existsSync(join(home, 'controller.json'))).toBe(false);
  });

  test('of a state directory with a very long path lies elsewhere, and clients find it', async () => {
    const home = join(aDirectory(), 'long-'.repeat(30));
    const {server, controller} = await aServer({home});
    expect(server.path.length).toBeLessThan(104);
    expect(statSync(join(server.path, '..')).mode & 0o777).toBe(0o700);
    controller.record(settingsEvent(5));
    const client = await connectToController({home, version: 'test', timeoutMs: 5000});
    onTestFinished(() => client.close());
    expect(client.state.read().sequence).toBe(1);
  });

  test('is a named pipe on Windows, the same for the same directory', () => {
    const place = socketPlace('C:\\Users\\me\\slipway\\controller.sock', 'win32');
    expect(place.kind).toBe('pipe');
    expect(place.path).toMatch(/^\\\\\.\\pipe\\slipway-[0-9a-f]{20}$/);
    expect(socketPlace('C:\\Users\\me\\slipway\\controller.sock', 'win32')).toEqual(place);
  });

  test('left behind by a killed controller is replaced', async () => {
    const home = aDirectory();
    leaveStaleSocket(join(home, 'controller.sock'));
    const {server} = await aServer({home});
    expect((await aConnection(server.path)).socket.readyState).toBe('open');
  });

  test('on which somebody answers is refused', async () => {
    const {home} = await aServer();
    const {service} = aController(aHistory());
    await expect(serveSocket({home, service, log: () => undefined})).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/another controller answers/),
    });
  });

  test('is not put in place of another file', async () => {
    const home = aDirectory();
    writeFileSync(join(home, 'controller.sock'), 'precious');
    const {service} = aController(aHistory());
    await expect(serveSocket({home, service, log: () => undefined})).rejects.toMatchObject({kind: 'unavailable'});
    expect(readFileSync(join(home, 'controller.sock'), 'utf8')).toBe('precious');
  });

  test.each<[string, (place: string) => void]>([
    ['open to others', (place) => mkdirSync(place, {mode: 0o755})],
    ['a link', (place) => symlinkSync(aDirectory(), place)],
  ])('is not put into a shared place that is %s', (_case, make) => {
    const place = join(aDirectory(), 'place');
    make(place);
    expect(() => prepareSharedPlace(place)).toThrow(/expected .* to be a directory with mode 0700/);
  });
});

describe('a connection', () => {
  test('begins with hello', async () => {
    const {server, lines} = await aServer();
    const connection = await aConnection(server.path);
    connection.write({id: 1, method: 'status', params: {}});
    expect(await connection.next()).toMatchObject({
      id: 1,
      error: {kind: 'invalid', message: expect.stringMatching(/expected hello as the first request, got status/)},
    });
    await connection.ended;
    expect(lines).toEqual([]);
  });

  test('of another protocol is told so in words and ended', async () => {
    const {server} = await aServer();
    const connection = await aConnection(server.path);
    connection.write({id: 1, method: 'hello', params: {protocol: 99, version: '9.0.0', somethingNew: true}});
    expect(await connection.next()).toMatchObject({
      id: 1,
      error: {kind: 'version-skew', message: expect.stringMatching(/protocol 99/)},
    });
    await connection.ended;
  });

  test('that sends what is no message is answered and ended; others go on', async () => {
    const {server, lines} = await aServer();
    const good = await aGreetedConnection(server.path);
    const bad = await aConnection(server.path);
    bad.socket.write('GET / HTTP/1.1\r\n\r\n');
    expect(await bad.next()).toMatchObject({id: 0, error: {kind: 'invalid'}});
    await bad.ended;
    expect(lines).toEqual([expect.stringMatching(/client 2: expected a message as one line of JSON/)]);
    good.write({id: 2, method: 'status', params: {}});
    expect(await good.next()).toMatchObject({id: 2, result: {pid: process.pid}});
  });

  test('that sends a message without end is ended', async () => {
    const {server, lines} = await aServer();
    const connection = await aGreetedConnection(server.path);
    connection.socket.on('error', () => undefined);
    const piece = 'x'.repeat(256 * 1024);
    for (let count = 0; count < 20; count++) connection.socket.write(piece);
    await connection.ended;
    expect(lines.join()).toMatch(/at most 4194304 bytes/);
  });

  test('that says nothing is ended', async () => {
    const {server, lines} = await aServer({limits: {handshakeMilliseconds: 20}});
    const connection = await aConnection(server.path);
    await connection.ended;
    expect(lines).toEqual(['client 1: no hello within 20 ms, disconnected']);
  });

  test('with a malformed request is told which field, and goes on', async () => {
    const {server} = await aServer();
    const connection = await aGreetedConnection(server.path);
    connection.write({
      id: 5,
      method: 'readLog',
      params: {build: {namespace: 'a', image: 'b', number: 'c'}, from: 0, count: 1},
    });
    expect(await connection.next()).toMatchObject({
      id: 5,
      error: {kind: 'invalid', message: 'readLog: build.number: expected a number, got "c"'},
    });
    connection.write({id: 6, method: 'status'});
    expect(await connection.next()).toMatchObject({id: 6});
  });

  test('with a defect behind it is told so, and the log has the stack', async () => {
    const {server, lines} = await aServer();
    const connection = await aGreetedConnection(server.path);
    connection.write({id: 2, method: 'inspectImage', params: {namespace: 'a', name: 'b'}});
    expect(await connection.next()).toEqual({id: 2, error: {kind: 'internal', message: 'a defect'}});
    expect(lines.join()).toMatch(/client 1: inspectImage failed: Error: a defect\n\s+at /);
  });

  test('gets the answer to subscribe before any event', async () => {
    const {server, controller} = await aServer();
    const connection = await aGreetedConnection(server.path);
    connection.write({id: 2, method: 'subscribe', params: {}});
    connection.write({id: 3, method: 'intent', params: {intent: {kind: 'settings.change', settings: {}}}});
    const [first, second] = [await connection.next(), await connection.next()];
    expect(first).toMatchObject({id: 2, result: {sequence: 0}});
    expect([second, await connection.next()]).toEqual(
      expect.arrayContaining([
        {method: 'event', params: controller.history.eventsSince(0, 1)[0]},
        expect.objectContaining({id: 3}),
      ]),
    );
  });

  test('is told the reason when the controller stops', async () => {
    const {server} = await aServer();
    const connection = await aGreetedConnection(server.path);
    expect(server.clients()).toBe(1);
    await server.close('a new version is being installed');
    expect(await connection.next()).toEqual({
      method: 'stopping',
      params: {reason: 'a new version is being installed'},
    });
    await connection.ended;
    expect(server.clients()).toBe(0);
  });
});

describe('a client that does not read', () => {
  test('is disconnected when too much waits for it, and holds up nobody', async () => {
    const {server, controller, lines, home} = await aServer({limits: {queuedBytes: 4 * 1024 * 1024}});
    const slow = await aGreetedConnection(server.path);
    slow.write({id: 2, method: 'subscribe', params: {}});
    await slow.next();
    slow.socket.pause();
    const client = await connectToController({home, version: 'test', timeoutMs: 5000});
    onTestFinished(() => client.close());
    for (let count = 0; lines.length === 0 && count < 400; count++) {
      controller.record(aBigEvent());
      await client.status();
    }
    expect(lines).toEqual([expect.stringMatching(/^client 1: does not read, disconnected \(\d+ bytes wait\)$/)]);
    expect(client.state.read()).toEqual(controller.state());
    expect(server.clients()).toBe(1);
  });

  test('is disconnected when it read nothing for long while something waited', async () => {
    const {server, controller, lines} = await aServer({limits: {stalledMilliseconds: 50}});
    const slow = await aGreetedConnection(server.path);
    slow.write({id: 2, method: 'subscribe', params: {}});
    await slow.next();
    slow.socket.pause();
    for (let count = 0; count < 40; count++) controller.record(aBigEvent());
    await expect
      .poll(() => lines, {timeout: 5000})
      .toEqual([expect.stringMatching(/^client 1: read nothing for 50 ms, disconnected/)]);
  });
});

type ServerWorld = {
  readonly home: string;
  readonly server: SocketServer;
  readonly controller: TestController;
  /** What the server logged. */
  readonly lines: readonly string[];
};

async function aServer(options: Partial<ServeSocketOptions> = {}): Promise<ServerWorld> {
  const home = options.home ?? aDirectory();
  const controller = aController(aHistory());
  const lines: string[] = [];
  const server = await serveSocket({service: controller.service, log: (line) => lines.push(line), ...options, home});
  let open = true;
  const close = async (reason?: string): Promise<void> => {
    open = false;
    await server.close(reason);
  };
  onTestFinished(async () => {
    if (open) await close();
  });
  return {home, server: {...server, close}, controller, lines};
}

type RawConnection = {
  readonly socket: Socket;
  readonly write: (message: unknown) => void;
  /** The next message that came or comes. */
  readonly next: () => Promise<unknown>;
  readonly ended: Promise<void>;
};

async function aConnection(path: string): Promise<RawConnection> {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  const decoder = createDecoder(64 * 1024 * 1024);
  const came: unknown[] = [];
  let wake = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    came.push(...decoder.push(chunk));
    wake();
  });
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return {
    socket,
    ended,
    write: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    next: async () => {
      while (came.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return came.shift();
    },
  };
}

async function aGreetedConnection(path: string): Promise<RawConnection> {
  const connection = await aConnection(path);
  connection.write({id: 1, method: 'hello', params: {protocol: protocolVersion, version: 'test'}});
  expect(await connection.next()).toMatchObject({id: 1, result: {version: 'test'}});
  return connection;
}

function aBigEvent() {
  return {
    kind: 'source.failed',
    at: 1,
    namespace: 'default',
    name: 'web',
    generation: 1,
    message: 'm'.repeat(100_000),
  } as const;
}

/** A socket file on which nobody listens any more: what kill -9 leaves. */
function leaveStaleSocket(path: string): void {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script, path]);
  expect(statSync(path).isSocket()).toBe(true);
}

// What every client promises, whatever carries its messages. Run by the tests of each kind of client.
import {describe, expect, onTestFinished, test} from 'vitest';
import type {Client} from '../../source/client/client.ts';
import type {RecordedEvent} from '../../source/domain/event.ts';
import type {ProtocolLogLine} from '../../source/protocol/message.ts';
import {aBuildRef, bytesOf} from '../history/a-history.ts';
import {settingsEvent, type TestController} from './a-controller.ts';

export type ClientWorld = {
  readonly controller: TestController;
  readonly connect: () => Promise<Client>;
  /** Ends every connection; what is recorded by `meanwhile` nobody is told of; then clients can connect again. */
  readonly interrupt: (meanwhile?: () => void) => Promise<void>;
};

const build = aBuildRef();

/** `aWorld` makes a controller with nothing in it; it cleans up by itself when the test ends. */
export function clientContract(kind: string, aWorld: () => Promise<ClientWorld>): void {
  const connected = async (): Promise<ClientWorld & {readonly client: Client}> => {
    const world = await aWorld();
    const client = await world.connect();
    onTestFinished(() => client.close());
    return {...world, client};
  };

  describe(`the state of ${kind}`, () => {
    test('is the controller’s at once', async () => {
      const world = await aWorld();
      world.controller.record(settingsEvent(11), settingsEvent(12));
      const client = await world.connect();
      onTestFinished(() => client.close());
      expect(client.state.read()).toEqual(world.controller.state());
      expect(client.connection.read()).toEqual({kind: 'connected'});
    });

    test('follows every event, and listeners hear of each in order', async () => {
      const {client, controller} = await connected();
      const heard: RecordedEvent[] = [];
      client.onEvent((event) => heard.push(event));
      const last = stateWith(client, ({sequence}) => sequence === 300);
      for (let value = 1; value <= 300; value++) controller.record(settingsEvent(value));
      await last;
      expect(client.state.read()).toEqual(controller.state());
      expect(heard).toEqual(controller.history.eventsSince(0, 1000));
    });

    test('stays the same object until something changes', async () => {
      const {client} = await connected();
      const before = client.state.read();
      await client.status();
      expect(client.state.read()).toBe(before);
    });

    test('is not told to those who stopped listening', async () => {
      const {client} = await connected();
      let told = 0;
      client.state.subscribe(() => (told += 1))();
      client.onEvent(() => (told += 1))();
      await client.send({kind: 'settings.change', settings: {maxConcurrentBuilds: 3}});
      expect(told).toBe(0);
    });
  });

  describe(`a request of ${kind}`, () => {
    test('has its effect in the state when it resolves', async () => {
      const {client} = await connected();
      const result = await client.send({kind: 'settings.change', settings: {maxConcurrentBuilds: 7}});
      expect(result.sequence).toBe(1);
      expect(client.state.read().settings.maxConcurrentBuilds).toBe(7);
    });

    test('that only asks what would happen changes nothing', async () => {
      const {client, controller} = await connected();
      await client.send({kind: 'settings.change', settings: {maxConcurrentBuilds: 7}}, {dryRun: true});
      expect(controller.state().sequence).toBe(0);
    });

    test('that is refused rejects with the kind and the words', async () => {
      const {client} = await connected();
      await expect(client.send({kind: 'stack.delete', name: 'gone'})).rejects.toMatchObject({
        name: 'ClientError',
        kind: 'not-found',
        message: 'no stack.delete in this test',
      });
    });

    test('that is malformed is refused at the door', async () => {
      const {client} = await connected();
      await expect(client.send({kind: 'stack.delete', name: '../x'})).rejects.toMatchObject({
        kind: 'invalid',
        message: expect.stringMatching(/intent\.name/),
      });
    });

    test('that meets a defect rejects as internal, and the next one works', async () => {
      const {client} = await connected();
      await expect(client.inspectImage('default', 'web')).rejects.toMatchObject({
        kind: 'internal',
        message: 'a defect',
      });
      await expect(client.status()).resolves.toMatchObject({version: 'test'});
    });

    test('may be one of many at once', async () => {
      const {client} = await connected();
      const results = await Promise.all(
        Array.from({length: 200}, async (_, index) =>
          client.send({kind: 'settings.change', settings: {gitPollInterval: 1000 + index}}),
        ),
      );
      expect(results.map(({sequence}) => sequence)).toEqual(Array.from({length: 200}, (_, index) => index + 1));
    });

    test('reads events, by number and by time', async () => {
      const {client, controller} = await connected();
      controller.record(settingsEvent(10), settingsEvent(20), settingsEvent(30));
      const all = controller.history.eventsSince(0, 10);
      expect(await client.readEvents({afterSequence: 1, limit: 1})).toEqual([all[1]]);
      expect(await client.readEvents({since: 20, limit: 9})).toEqual(all.slice(1));
    });

    test('to stop is answered, and the client is closed after it', async () => {
      const {client, controller} = await connected();
      await client.stop();
      expect(controller.stopAsked()).toBe(true);
      expect(client.connection.read().kind).toBe('closed');
    });
  });

  describe(`a log read by ${kind}`, () => {
    test('comes in windows and sections', async () => {
      const {client, controller} = await connected();
      writeLog(controller, 'one\ntwo\nthree\n');
      const window = await client.readLog(build, -2, 1);
      expect(window).toMatchObject({total: 3, complete: true, lines: [{line: 1, text: 'two'}]});
      expect(await client.logSections(build)).toEqual([{phase: 'build', attempt: 1, line: 0}]);
    });

    test('is followed from what exists to its end', async () => {
      const {client, controller} = await connected();
      const writer = controller.history.logs.open(build, 1);
      writer.write('build', 'stdout', 1, bytesOf('zero\none\n'));
      const lines: ProtocolLogLine[] = [];
      const done = client.followLog(build, 1, (more) => lines.push(...more), new AbortController().signal);
      await client.status();
      writer.write('build', 'stdout', 1, bytesOf('two\n'));
      writer.close();
      await done;
      expect(lines.map(({line, text}) => `${line} ${text}`)).toEqual(['1 one', '2 two']);
    });

    test('may be followed from near its end', async () => {
      const {client, controller} = await connected();
      writeLog(controller, 'a\nb\nc\n');
      const lines: string[] = [];
      await client.followLog(build, -2, (more) => lines.push(...texts(more)), new AbortController().signal);
      expect(lines).toEqual(['b', 'c']);
    });

    test('that is long arrives whole', async () => {
      const {client, controller} = await connected();
      const count = 50_000;
      writeLog(controller, Array.from({length: count}, (_, line) => `line ${line} ${'.'.repeat(100)}\n`).join(''));
      let next = 0;
      const check = (lines: readonly ProtocolLogLine[]): void => {
        for (const {line, text} of lines) {
          if (line !== next || !text.startsWith(`line ${line} `)) throw new Error(`expected line ${next}, got ${text}`);
          next += 1;
        }
      };
      await client.followLog(build, 0, check, new AbortController().signal);
      expect(next).toBe(count);
    });

    test('is let go when the signal aborts', async () => {
      const {client, controller} = await connected();
      const writer = controller.history.logs.open(build, 1);
      onTestFinished(() => writer.close());
      writer.write('build', 'stdout', 1, bytesOf('one\n'));
      const stop = new AbortController();
      let calls = 0;
      const done = client.followLog(
        build,
        0,
        () => {
          calls += 1;
          stop.abort();
        },
        stop.signal,
      );
      await done;
      writer.write('build', 'stdout', 1, bytesOf('two\n'));
      await client.status();
      expect(calls).toBe(1);
    });

    test('that never was is complete and empty', async () => {
      const {client} = await connected();
      await client.followLog(build, 0, () => expect.unreachable(), new AbortController().signal);
    });

    test('whose reader throws rejects with what it threw, and other requests go on', async () => {
      const {client, controller} = await connected();
      writeLog(controller, 'one\n');
      const throwing = (): void => {
        throw new Error('the reader is broken');
      };
      await expect(client.followLog(build, 0, throwing, new AbortController().signal)).rejects.toThrow(
        /reader is broken/,
      );
      await expect(client.status()).resolves.toBeDefined();
    });
  });

  describe(`a lost connection of ${kind}`, () => {
    test('rejects what was under way and comes back with the state of now', async () => {
      const {client, controller, interrupt} = await connected();
      const seen: string[] = [];
      client.connection.subscribe(() => seen.push(client.connection.read().kind));
      const underWay = client.status();
      const rejected = underWay.catch((error: unknown) => error);
      const back = connectionIs(client, 'connected');
      await interrupt(() => controller.record(settingsEvent(77)));
      expect(await rejected).toMatchObject({kind: 'disconnected'});
      await back;
      expect(seen).toEqual(['reconnecting', 'connected']);
      expect(client.state.read()).toEqual(controller.state());
    });

    test('loses no event for listeners and tells none twice', async () => {
      const {client, controller, interrupt} = await connected();
      const heard: number[] = [];
      client.onEvent(({sequence}) => heard.push(sequence));
      const first = stateWith(client, ({sequence}) => sequence === 2);
      controller.record(settingsEvent(1), settingsEvent(2));
      await first;
      const back = connectionIs(client, 'connected');
      await interrupt(() => controller.record(settingsEvent(3), settingsEvent(4)));
      await back;
      await client.send({kind: 'settings.change', settings: {maxConcurrentBuilds: 2}});
      expect(heard).toEqual([1, 2, 3, 4, 5]);
    });

    test('goes on with a followed log where it was', async () => {
      const {client, controller, interrupt} = await connected();
      const writer = controller.history.logs.open(build, 1);
      const lines: string[] = [];
      let heard = (): void => undefined;
      const collect = (more: readonly ProtocolLogLine[]): void => {
        lines.push(...more.map(({line, text}) => `${line} ${text}`));
        heard();
      };
      const done = client.followLog(build, 0, collect, new AbortController().signal);
      const firstLines = new Promise<void>((resolve) => (heard = resolve));
      writer.write('build', 'stdout', 1, bytesOf('zero\none\n'));
      await firstLines;
      await interrupt(() => writer.write('build', 'stdout', 1, bytesOf('two\n')));
      writer.write('build', 'stdout', 1, bytesOf('three\n'));
      writer.close();
      await done;
      expect(lines).toEqual(['0 zero', '1 one', '2 two', '3 three']);
    });

    test('is the end when the client was closed: everything rejects, nothing comes back', async () => {
      const {client, controller} = await connected();
      const writer = controller.history.logs.open(build, 1);
      onTestFinished(() => writer.close());
      const following = client.followLog(build, 0, () => undefined, new AbortController().signal);
      const underWay = client.status();
      client.close();
      await expect(following).rejects.toMatchObject({kind: 'disconnected'});
      await expect(underWay).rejects.toMatchObject({kind: 'disconnected'});
      await expect(client.status()).rejects.toMatchObject({kind: 'disconnected'});
      expect(client.connection.read().kind).toBe('closed');
    });
  });
}

function writeLog(controller: TestController, text: string): void {
  const writer = controller.history.logs.open(build, 1);
  writer.write('build', 'stdout', 1, bytesOf(text));
  writer.close();
}

function texts(lines: readonly ProtocolLogLine[]): readonly string[] {
  return lines.map(({text}) => text);
}

async function stateWith(
  client: Client,
  holds: (state: ReturnType<Client['state']['read']>) => boolean,
): Promise<void> {
  if (holds(client.state.read())) return;
  await new Promise<void>((resolve) => {
    const stop = client.state.subscribe(() => {
      if (!holds(client.state.read())) return;
      stop();
      resolve();
    });
  });
}

/** Resolves at the next change of the connection to `kind`. */
async function connectionIs(client: Client, kind: 'connected' | 'reconnecting'): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = client.connection.subscribe(() => {
      if (client.connection.read().kind !== kind) return;
      stop();
      resolve();
    });
  });
}

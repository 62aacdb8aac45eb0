// The client over any transport: requests, the mirrored state, events, followed logs, and coming back after a lost connection.
import type {RecordedEvent} from '../domain/event.ts';
import {type MethodName, type Methods, type Notification, protocolVersion} from '../protocol/message.ts';
import {ClientError, type Client, type Connection} from './client.ts';
import {createLogFollows} from './log-follows.ts';
import {createStateMirror, LostEvents} from './mirror-state.ts';
import {createObservable} from './observable.ts';
import {createRequestTable} from './request-table.ts';
import type {Transport} from './transport.ts';

export type OpenClientOptions = {
  /** This program's version, told to the controller. */
  readonly version: string;
  /** The first connection. Rejects with ClientError. */
  readonly dial: () => Promise<Transport>;
  /** Another one after a loss; `stopped` says that the controller announced it would stop. */
  readonly redial: (lost: {readonly stopped: boolean}) => Promise<Transport>;
  /** How long the controller may take to answer the handshake (default 10 s). */
  readonly handshakeMilliseconds?: number;
};

/** Milliseconds before the first and between later attempts to come back. */
const firstPause = 20;
const longestPause = 1000;

/** Most events that were missed while there was no connection and are still told to `onEvent`. */
const mostMissedEvents = 10_000;

/**
 * Connects, shakes hands and takes over the state; resolves to a client that is `connected`. When the connection is lost,
 * every request under way rejects as `disconnected` and the client tries to come back until it is closed; followed logs go
 * on where they were, and events recorded meanwhile are told. Refused for good (a controller of another protocol), it closes.
 */
export async function openClient({
  version,
  dial,
  redial,
  handshakeMilliseconds = 10_000,
}: OpenClientOptions): Promise<Client> {
  const connection = createObservable<Connection>({kind: 'connected'});
  const mirror = createStateMirror();
  const requests = createRequestTable();
  const eventListeners = new Set<{readonly listener: (event: RecordedEvent) => void}>();
  let link: Link | undefined;
  let wake: (() => void) | undefined;

  const isClosed = (): boolean => connection.read().kind === 'closed';

  const ask = async <M extends MethodName>(
    method: M,
    params: Methods[M]['params'],
    answered?: (result: Methods[M]['result']) => void,
  ): Promise<Methods[M]['result']> => {
    if (link === undefined) throw disconnected(connection.read());
    return requests.ask(link.transport, method, params, answered);
  };

  const follows = createLogFollows({
    follow: async (params, answered) => ask('followLog', params, answered),
    unfollow: async (follow) => ask('unfollow', {follow}),
  });

  const tell = (events: readonly RecordedEvent[]): void => {
    for (const event of events) for (const {listener} of eventListeners) listener(event);
  };

  const takeEvents = (from: Link, events: readonly RecordedEvent[]): void => {
    if (events.length === 0) return;
    mirror.apply(events);
    if (from.held === undefined) tell(events);
    else from.held.push(...events);
  };

  const takeMessages = (from: Link, values: readonly unknown[]): void => {
    let events: RecordedEvent[] = [];
    for (const value of values) {
      if (isEvent(value)) {
        events.push(value.params);
        continue;
      }
      // In their order: what an answer or a line refers to is in the state when it is looked at.
      takeEvents(from, events);
      events = [];
      if (isNotification(value)) takeNotification(from, value);
      else requests.settle(value);
    }
    takeEvents(from, events);
  };

  const takeNotification = (from: Link, notification: Notification): void => {
    switch (notification.method) {
      case 'event':
        return takeEvents(from, [notification.params]);
      case 'log':
        return follows.take(notification.params);
      case 'stopping':
        from.stopped = notification.params.reason;
        return;
      default:
        notification satisfies never;
    }
  };

  const establish = async (transport: Transport): Promise<void> => {
    const made: Link = {transport, stopped: undefined, held: []};
    transport.listen({
      messages(values) {
        if (link !== made) return;
        try {
          takeMessages(made, values);
        } catch (error) {
          if (!(error instanceof LostEvents)) throw error;
          lose(made, error.message);
        }
      },
      closed: (why) => lose(made, why),
    });
    link = made;
    const late = setTimeout(
      () => lose(made, `no answer to hello within ${handshakeMilliseconds} ms`),
      handshakeMilliseconds,
    );
    try {
      await ask('hello', {protocol: protocolVersion, version});
    } finally {
      clearTimeout(late);
    }
    const before = mirror.state.read().sequence;
    await ask('subscribe', {}, ({state}) => mirror.replace(state));
    if (before > 0) tell(await missedEvents(before, mirror.state.read().sequence));
    tell(made.held ?? []);
    made.held = undefined;
  };

  const missedEvents = async (after: number, upTo: number): Promise<readonly RecordedEvent[]> => {
    if (upTo <= after) return [];
    const {events} = await ask('readEvents', {afterSequence: after, limit: mostMissedEvents});
    return events.filter(({sequence}) => sequence <= upTo);
  };

  const lose = (lost: Link, why: string): void => {
    if (link !== lost) return;
    link = undefined;
    lost.transport.close();
    follows.lost();
    requests.rejectAll(new ClientError('disconnected', `the connection to the controller was lost: ${why}`));
    // A connection that never came to be is its establisher's to report.
    if (isClosed() || !lost.established) return;
    const reason = lost.stopped ?? why;
    connection.set({kind: 'reconnecting', why: reason});
    void comeBack(lost.stopped !== undefined);
  };

  const comeBack = async (stopped: boolean): Promise<void> => {
    for (let pause = firstPause; !isClosed(); pause = Math.min(pause * 2, longestPause)) {
      try {
        const transport = await redial({stopped});
        if (isClosed()) return transport.close();
        await establish(transport);
        return connected();
      } catch (error) {
        dropLink();
        if (isFinal(error)) return close(error.message, error);
        await sleep(pause);
      }
    }
  };

  const connected = (): void => {
    if (link !== undefined) link.established = true;
    connection.set({kind: 'connected'});
    follows.resume();
  };

  const dropLink = (): void => {
    const dropped = link;
    link = undefined;
    dropped?.transport.close();
  };

  const sleep = async (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const close = (why: string, error?: ClientError): void => {
    if (isClosed()) return;
    connection.set({kind: 'closed', why});
    const rejection = error ?? new ClientError('disconnected', `the client was closed: ${why}`);
    dropLink();
    follows.rejectAll(rejection);
    requests.rejectAll(rejection);
    mirror.rejectAll(rejection);
    wake?.();
  };

  try {
    await establish(await dial());
    connected();
  } catch (error) {
    dropLink();
    throw error;
  }

  return {
    state: mirror.state,
    connection: {read: connection.read, subscribe: connection.subscribe},
    onEvent(listener) {
      const entry = {listener};
      eventListeners.add(entry);
      return () => void eventListeners.delete(entry);
    },
    async send(intent, {dryRun = false} = {}) {
      const result = await ask('intent', {intent, dryRun});
      if (!dryRun) await mirror.reached(result.sequence);
      return result;
    },
    readLog: async (build, from, count) => ask('readLog', {build, from, count}),
    async readLogBytes(build, from) {
      const {base64, size} = await ask('readLogBytes', {build, from});
      return {bytes: Buffer.from(base64, 'base64'), size};
    },
    logSections: async (build) => (await ask('logSections', {build})).sections,
    searchLog: async (build, {pattern, regex = false}, from, limit) =>
      ask('searchLog', {build, pattern, regex, from, limit}),
    logLineAt: async (build, at) => (await ask('logLineAt', {build, at})).line,
    async followLog(build, from, onLines, signal) {
      if (isClosed()) throw disconnected(connection.read());
      await follows.follow(build, from, onLines, signal);
    },
    readEvents: async (query) => (await ask('readEvents', query)).events,
    inspectImage: async (namespace, name, digest) => (await ask('inspectImage', {namespace, name, digest})).inspection,
    exportImage: async (query) => ask('exportImage', query),
    imageCaches: async (query) => ask('imageCaches', query),
    writeSbom: async (query) => ask('writeSbom', query),
    baseDifference: async (query) => (await ask('baseDifference', query)).difference,
    status: async () => ask('status', {}),
    async stop(options = {}) {
      await ask('stop', options);
      close('the controller was asked to stop');
    },
    close: () => close('by its owner'),
  };
}

/** One connection. `held` keeps events back until those missed before them were told. */
type Link = {
  readonly transport: Transport;
  established?: boolean;
  stopped: string | undefined;
  held: RecordedEvent[] | undefined;
};

function disconnected(connection: Connection): ClientError {
  const why = connection.kind === 'connected' ? 'it was just lost' : connection.why;
  const next = connection.kind === 'closed' ? 'connect again' : 'try again when it is back';
  return new ClientError('disconnected', `there is no connection to the controller (${why}); ${next}`);
}

/** A refusal that trying again cannot change. */
function isFinal(error: unknown): error is ClientError {
  return error instanceof ClientError && error.kind === 'version-skew';
}

function isNotification(value: unknown): value is Notification {
  return typeof value === 'object' && value !== null && 'method' in value && !('id' in value);
}

function isEvent(value: unknown): value is Extract<Notification, {method: 'event'}> {
  return isNotification(value) && value.method === 'event';
}

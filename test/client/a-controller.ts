// A small controller for the tests of the transport: real history, real reducer, a few intents, no builds.
import type {Event, RecordedEvent} from '../../source/domain/event.ts';
import {followLog} from '../../source/daemon/follow-log.ts';
import type {History} from '../../source/ports/history.ts';
import {type ControllerStatus, type MethodName, type Methods, protocolVersion} from '../../source/protocol/message.ts';
import type {Service, Session} from '../../source/protocol/service.ts';
import {reduceAll} from '../../source/state/reduce.ts';
import {emptyState, type State} from '../../source/state/state.ts';

export type TestController = {
  readonly service: Service;
  readonly history: History;
  readonly state: () => State;
  readonly record: (...events: readonly Event[]) => void;
  /** Set once a client asked to stop. */
  readonly stopAsked: () => boolean;
};

type Answers = {[M in MethodName]: (params: Methods[M]['params'], session: Session) => Promise<Methods[M]['result']>};

export function aController(history: History, {protocol = protocolVersion} = {}): TestController {
  let state = reduceAll(emptyState, history.load().events);
  let stopAsked = false;
  let follows = 0;
  const listeners = new Set<(event: RecordedEvent) => void>();
  const following = new Map<number, () => void>();

  const record = (...events: readonly Event[]): void => {
    const recorded = events.map((event, index) => ({sequence: state.sequence + index + 1, event}));
    history.append(recorded);
    state = reduceAll(state, recorded);
    for (const one of recorded) for (const listener of listeners) listener(one);
  };
  const status = (): ControllerStatus => ({
    pid: process.pid,
    version: 'test',
    protocol,
    home: '/nowhere',
    startedAt: 1,
    clients: 1,
    runningBuilds: 0,
    logFile: '/nowhere/controller.log',
  });

  const answers: Answers = {
    async hello(params) {
      if (params.protocol === protocol) return status();
      throw refusal('version-skew', `the client speaks protocol ${params.protocol}, this controller ${protocol}`);
    },
    async subscribe(_, session) {
      const listener = (params: RecordedEvent): void => session.notify({method: 'event', params});
      listeners.add(listener);
      session.signal.addEventListener('abort', () => listeners.delete(listener));
      return {sequence: state.sequence, state};
    },
    async intent({intent, dryRun = false}) {
      if (intent.kind !== 'settings.change') throw refusal('not-found', `no ${intent.kind} in this test`);
      const settings = {...state.settings, ...intent.settings};
      if (!dryRun) record({kind: 'settings.changed', at: state.sequence + 1, settings});
      return {changed: true, notes: [], outlook: [], sequence: state.sequence};
    },
    readLog: async ({build, from, count}) => history.logs.read(build, from, count),
    async readLogBytes({build, from}) {
      const {bytes, size} = history.logs.readBytes(build, from);
      return {base64: Buffer.from(bytes).toString('base64'), size};
    },
    logSections: async ({build}) => ({sections: history.logs.sections(build)}),
    searchLog: async ({build, pattern, regex = false, from, limit}) =>
      history.logs.search(build, {pattern, regex}, from, limit),
    logLineAt: async ({build, at}) => ({line: history.logs.lineAt(build, at)}),
    async followLog({build, from}, session) {
      follows += 1;
      const follow = follows;
      const end = followLog({
        logs: history.logs,
        build,
        from,
        follow,
        session,
        done: () => following.delete(follow),
        failed: (error) => {
          throw error;
        },
      });
      following.set(follow, end);
      return {follow};
    },
    async unfollow({follow}) {
      following.get(follow)?.();
      return {};
    },
    readEvents: async ({since, afterSequence = 0, limit}) => ({
      events: since === undefined ? history.eventsSince(afterSequence, limit) : history.eventsSinceTime(since, limit),
    }),
    inspectImage: async () => {
      throw new Error('a defect');
    },
    exportImage: async () => {
      throw refusal('not-found', 'no images in this test');
    },
    writeSbom: async () => {
      throw refusal('not-found', 'no images in this test');
    },
    imageCaches: async () => ({caches: []}),
    baseDifference: async () => {
      throw refusal('not-found', 'no images in this test');
    },
    status: async () => status(),
    async stop() {
      stopAsked = true;
      return {};
    },
  };

  return {
    service: {handle: (method, params, session) => answers[method](params, session)},
    history,
    state: () => state,
    record,
    stopAsked: () => stopAsked,
  };
}

/** An event that changes the state in a way that can be seen: the poll interval is `value`. */
export function settingsEvent(value: number): Event {
  return {kind: 'settings.changed', at: value, settings: {...emptyState.settings, gitPollInterval: value}};
}

function refusal(kind: string, message: string): Error {
  return Object.assign(new Error(message), {kind});
}

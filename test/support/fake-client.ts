// A client with no controller behind it: the real reducer and the real decisions, logs in memory, intents kept for reading.
import stripAnsi from 'strip-ansi';
import {buildIsOpen, type BuildRef} from '../../source/domain/build.ts';
import type {Event, RecordedEvent} from '../../source/domain/event.ts';
import {builderKey} from '../../source/domain/builder.ts';
import {type Client, ClientError, type Connection} from '../../source/client/client.ts';
import type {Intent, IntentResult, Outlook} from '../../source/protocol/intent.ts';
import type {ProtocolLogLine, ProtocolLogSection} from '../../source/protocol/message.ts';
import {logMatcher} from '../../source/history/log-matcher.ts';
import {mergeSections} from '../../source/history/log-sections.ts';
import {createState, type StateHolder} from '../../source/state/create-state.ts';
import {imageDecision} from '../../source/state/image-decision.ts';
import {reduceAll} from '../../source/state/reduce.ts';
import type {State} from '../../source/state/state.ts';
import {fakePatch, rollbackOutlook, someDifference, withMembers} from './fake-patch.ts';
import type {PhaseName} from '../../source/domain/phase.ts';

export type FakeLine = {readonly phase: PhaseName; readonly text: string};

export type FakeClient = Client & {
  /** Every intent that was sent, dry runs apart. */
  readonly sent: readonly Intent[];
  readonly dryRuns: readonly Intent[];
  /** What happens by itself. */
  happen(...events: readonly Event[]): void;
  /** Puts another state in place of this one. */
  replace(state: State): void;
  addLog(build: BuildRef, lines: readonly FakeLine[]): void;
  /** A buildpack begins with the next line. */
  addSection(build: BuildRef, phase: PhaseName, buildpack: string): void;
  /** Ends the log: nothing more is coming. */
  endLog(build: BuildRef): void;
  connect(connection: Connection): void;
  /** The next intent is refused with this message. */
  refuse(message: string): void;
};

export type FakeClientOptions = {
  readonly state: State;
  readonly now: () => number;
  /** When a line came. */
  readonly lineTime?: (line: number) => number;
};

/** A client of the given state. */
export function fakeClient({state, now, lineTime = now}: FakeClientOptions): FakeClient {
  const holder = createState(state);
  const logs = new Map<string, FakeLog>();
  const sent: Intent[] = [];
  const dryRuns: Intent[] = [];
  const connections = new Set<() => void>();
  const hearers = new Set<(event: RecordedEvent) => void>();
  let connection: Connection = {kind: 'connected'};
  let refusal: string | undefined;

  const happen = (...events: readonly Event[]) => {
    const from = holder.read().sequence;
    const recorded = events.map((event, at) => ({sequence: from + at + 1, event}));
    holder.dispatch(recorded);
    for (const listener of hearers) for (const one of recorded) listener(one);
  };
  const logOf = (build: BuildRef) => {
    const key = `${build.namespace}/${build.image}/${build.number}`;
    const log = logs.get(key) ?? {
      lines: [],
      buildpacks: [],
      complete: !isOpen(holder, build),
      listeners: new Set<() => void>(),
    };
    logs.set(key, log);
    return log;
  };

  return {
    sent,
    dryRuns,
    happen,
    replace: (next) => holder.replace(next),
    addLog(build, lines) {
      const log = logOf(build);
      for (const {phase, text} of lines) {
        const line = log.lines.length;
        log.lines.push({line, phase, stream: 'stdout', at: lineTime(line), attempt: 1, text});
      }
      for (const listener of log.listeners) listener();
    },
    addSection(build, phase, buildpack) {
      const log = logOf(build);
      const line = log.lines.length;
      log.buildpacks.push({phase, attempt: 1, line, buildpack, at: lineTime(line)});
    },
    endLog(build) {
      const log = logOf(build);
      log.complete = true;
      for (const listener of log.listeners) listener();
    },
    connect(next) {
      connection = next;
      for (const listener of connections) listener();
    },
    refuse(message) {
      refusal = message;
    },
    state: {read: holder.read, subscribe: holder.subscribe},
    connection: {
      read: () => connection,
      subscribe(changed) {
        connections.add(changed);
        return () => connections.delete(changed);
      },
    },
    onEvent(listener) {
      hearers.add(listener);
      return () => hearers.delete(listener);
    },
    async send(intent, options) {
      if (refusal !== undefined) {
        const message = refusal;
        refusal = undefined;
        throw new ClientError('invalid', message);
      }
      const before = holder.read();
      const events = eventsOf(intent, before, now());
      const after = reduceAll(
        before,
        events.map((event, at) => ({sequence: before.sequence + at + 1, event})),
      );
      const rollback = intent.kind === 'patch.rollback';
      const plain = rollback ? rollbackOutlook(intent.id, before) : outlookOf(before, after);
      const patches = rollback || intent.kind === 'stack.save' || intent.kind === 'builder.save';
      const outlook = patches && !rollback ? withMembers(plain, before) : plain;
      const patch = patches ? fakePatch(intent, outlook, before, now()) : undefined;
      if (options?.dryRun) dryRuns.push(intent);
      else {
        sent.push(intent);
        happen(...events, ...(patch ? [{kind: 'patch.opened', at: now(), patch} as const] : []));
      }
      const changed = events.length > 0 || patch !== undefined;
      const result: IntentResult = {
        changed,
        notes: [],
        outlook,
        sequence: after.sequence,
        ...(patch ? {patch: patch.id} : {}),
      };
      if (intent.kind !== 'image.trigger') return result;
      return {...result, buildNumber: (before.images[`${intent.namespace}/${intent.name}`]?.buildCounter ?? 0) + 1};
    },
    async readLog(build, from, count) {
      const {lines, complete} = logOf(build);
      const start = from < 0 ? Math.max(0, lines.length + from) : from;
      return {lines: lines.slice(start, start + count), total: lines.length, complete};
    },
    async readLogBytes(build, from) {
      const bytes = new TextEncoder().encode(
        logOf(build)
          .lines.map(({text}) => `${text}\n`)
          .join(''),
      );
      return {bytes: bytes.subarray(from), size: bytes.length};
    },
    async logSections(build) {
      return sectionsOf(logOf(build));
    },
    async searchLog(build, query, from, limit) {
      const {lines} = logOf(build);
      const total = lines.length;
      if (query.pattern === '') return {lines: [], searched: total, total};
      const matcher = logMatcher(query);
      const found = lines.filter(({line, text}) => line >= from && matcher.line(stripAnsi(text))).map(({line}) => line);
      const kept = found.slice(0, limit);
      return {lines: kept, searched: found.length > limit ? (kept.at(-1) ?? 0) + 1 : total, total};
    },
    async logLineAt(build, at) {
      const {lines} = logOf(build);
      return lines.find((line) => line.at >= at)?.line ?? lines.length;
    },
    async followLog(build, from, onLines, signal) {
      const log = logOf(build);
      let next = from;
      await new Promise<void>((resolve) => {
        const pass = () => {
          if (log.lines.length > next) {
            const lines = log.lines.slice(next);
            next = log.lines.length;
            onLines(lines, next, sectionsOf(log));
          }
          if (log.complete || signal.aborted) {
            log.listeners.delete(pass);
            resolve();
          }
        };
        log.listeners.add(pass);
        signal.addEventListener('abort', pass);
        pass();
      });
    },
    readEvents: () => Promise.resolve([]),
    inspectImage: () => Promise.reject(new ClientError('not-found', 'this client keeps no images')),
    exportImage: () => Promise.reject(new ClientError('not-found', 'this client keeps no images')),
    writeSbom: () => Promise.reject(new ClientError('not-found', 'this client keeps no images')),
    imageCaches: () => Promise.resolve({caches: []}),
    baseDifference: () => Promise.resolve(someDifference),
    status: () =>
      Promise.resolve({
        pid: 1,
        version: '0.1.0',
        protocol: 1,
        home: '/home',
        startedAt: 0,
        clients: 1,
        runningBuilds: 0,
        logFile: '/home/controller.log',
      }),
    stop: () => Promise.resolve(),
    close: () => undefined,
  };
}

type FakeLog = {
  lines: ProtocolLogLine[];
  buildpacks: ProtocolLogSection[];
  complete: boolean;
  readonly listeners: Set<() => void>;
};

function isOpen(holder: StateHolder, build: BuildRef): boolean {
  const record = holder.read().images[`${build.namespace}/${build.image}`];
  return record?.builds.some((one) => one.number === build.number && buildIsOpen(one)) ?? false;
}

function sectionsOf({lines, buildpacks}: FakeLog): readonly ProtocolLogSection[] {
  const phases = lines
    .filter((line, at) => at === 0 || lines[at - 1]?.phase !== line.phase)
    .map(({phase, attempt, line}) => ({phase, attempt, line}));
  return mergeSections(phases, buildpacks).filter(({line}) => line < lines.length);
}

/** The images whose decision the change alters. */
function outlookOf(before: State, after: State): readonly Outlook[] {
  return Object.entries(after.images).flatMap(([key, record]) => {
    const old = before.images[key];
    const decision = imageDecision(record, after);
    const same = old && JSON.stringify(imageDecision(old, before)) === JSON.stringify(decision);
    return same ? [] : [{namespace: record.image.namespace, name: record.image.name, decision}];
  });
}

/** The events that the controller would record; none when it is so already. */
function eventsOf(intent: Intent, state: State, at: number): readonly Event[] {
  switch (intent.kind) {
    case 'image.trigger':
      return [{kind: 'image.triggered', at, namespace: intent.namespace, name: intent.name, message: 'by hand'}];
    case 'image.pause':
      return [{kind: 'image.paused', at, namespace: intent.namespace, name: intent.name}];
    case 'image.resume':
      return [{kind: 'image.resumed', at, namespace: intent.namespace, name: intent.name}];
    case 'image.delete':
      return [{kind: 'image.deleted', at, namespace: intent.namespace, name: intent.name}];
    case 'image.save':
      return savedImage(intent, state, at);
    case 'stack.save':
      return savedStack(intent, state, at);
    case 'stack.delete':
      return [{kind: 'stack.deleted', at, name: intent.name}];
    case 'builder.save':
      return savedBuilder(intent, state, at);
    case 'patch.pause':
      return [{kind: 'patch.paused', at, id: intent.id}];
    case 'patch.resume':
      return [{kind: 'patch.resumed', at, id: intent.id}];
    case 'settings.change':
      return [{kind: 'settings.changed', at, settings: {...state.settings, ...intent.settings}}];
    case 'build.cancel': {
      const {namespace, image, number = 0} = intent;
      const ref = {namespace, image, number};
      return [{kind: 'cancel.requested', at, ...ref}];
    }
    default:
      return [];
  }
}

function savedImage(intent: Extract<Intent, {kind: 'image.save'}>, state: State, at: number): readonly Event[] {
  const image = state.images[`${intent.namespace}/${intent.name}`]?.image;
  const {builder} = intent.edit;
  if (!image || !builder) return [];
  const generation = image.generation + 1;
  return [{kind: 'image.saved', at, image: {...image, generation, changedAt: at, spec: {...image.spec, builder}}}];
}

function savedStack(intent: Extract<Intent, {kind: 'stack.save'}>, state: State, at: number): readonly Event[] {
  const stack = state.stacks[intent.name];
  const {runImage} = intent;
  if (!stack || runImage === undefined) return [];
  const known = Object.values(state.stacks).find(({spec}) => spec.runImage === runImage);
  if (!known) throw new ClientError('not-found', `there is no run image ${runImage}; name one that can be read`);
  const resolved = {...stack.resolved, at, runImage: known.resolved.runImage};
  return [{kind: 'stack.saved', at, stack: {...stack, spec: {...stack.spec, runImage}, resolved}}];
}

function savedBuilder(intent: Extract<Intent, {kind: 'builder.save'}>, state: State, at: number): readonly Event[] {
  const builder = state.builders[builderKey(intent.builderKind, intent.name, intent.namespace)];
  const {stack} = intent.edit;
  if (!builder || stack === undefined) return [];
  return [{kind: 'builder.saved', at, builder: {...builder, changedAt: at, spec: {...builder.spec, stack}}}];
}

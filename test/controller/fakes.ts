// The controller's ports for its tests: a clock that is moved by hand, a history in memory, commands carried out by a script.
import type {Command} from '../../source/controller/command.ts';
import {type Controller, createController} from '../../source/controller/controller.ts';
import type {Event, RecordedEvent} from '../../source/domain/event.ts';
import type {Clock} from '../../source/ports/clock.ts';
import type {History, LogStore} from '../../source/ports/history.ts';
import {worldEvents} from '../support/builders.ts';

export type FakeClock = Clock & {
  /** Moves the time on and runs what became due on the way, in order. */
  advance(milliseconds: number): Promise<void>;
  /** Timers that are set. */
  pending(): number;
};

export function aClock(start = 1_000): FakeClock {
  let now = start;
  const timers = new Set<{readonly at: number; readonly task: () => void}>();
  return {
    now: () => now,
    after(milliseconds, task) {
      const timer = {at: now + milliseconds, task};
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const [next] = [...timers].filter(({at}) => at <= end).toSorted((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.task();
        await settled();
      }
      now = end;
    },
    pending: () => timers.size,
  };
}

/** Resolves when everything that needs no timer has happened; a loop that never ends does not let it. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export type FakeHistory = History & {
  readonly recorded: readonly RecordedEvent[];
  readonly snapshots: readonly {readonly sequence: number; readonly state: unknown}[];
  /** What the disk refuses from now on. */
  refuse(what: 'nothing' | 'events' | 'snapshots'): void;
};

const noLogs: LogStore = {
  open: () => ({write: () => undefined, section: () => undefined, close: () => undefined}),
  read: () => ({lines: [], total: 0, complete: true}),
  sections: () => [],
  readBytes: () => ({bytes: new Uint8Array(0), size: 0}),
  search: async () => ({lines: [], searched: 0, total: 0}),
  lineAt: () => 0,
  watch: () => () => undefined,
  remove: () => undefined,
};

/** Keeps what it is given as JSON, as a disk would. */
export function aHistory(): FakeHistory {
  const events: RecordedEvent[] = [];
  const snapshots: {sequence: number; state: unknown}[] = [];
  let refused = 'nothing';
  const write = <T>(what: 'events' | 'snapshots', into: T[], values: readonly T[]) => {
    if (refused === what) throw new Error('no space left on device');
    into.push(...structuredClone(values));
  };
  return {
    recorded: events,
    snapshots,
    load() {
      const snapshot = snapshots.at(-1);
      return structuredClone({
        ...(snapshot ? {snapshot} : {}),
        events: events.filter(({sequence}) => sequence > (snapshot?.sequence ?? 0)),
      });
    },
    append: (recorded) => write('events', events, recorded),
    keepSnapshot: (sequence, state) => write('snapshots', snapshots, [{sequence, state}]),
    eventsSince: (sequence, limit) => events.filter((event) => event.sequence > sequence).slice(0, limit),
    eventsSinceTime: (at, limit) => events.filter(({event}) => event.at >= at).slice(0, limit),
    logs: noLogs,
    close: () => undefined,
    refuse: (what) => void (refused = what),
  };
}

/** One command that was given, and how it ends. */
export type Given = {
  readonly command: Command;
  readonly end: () => Promise<void>;
  readonly break: (error: Error) => Promise<void>;
};

export type Script = (command: Command, controller: Controller) => Promise<void> | 'open';

/**
 * A controller on this history. The script says what becomes of a command; for `open` ones the test decides through
 * `given`. Looks at sources change nothing unless the script says so.
 */
export function aController({
  history = aHistory(),
  clock = aClock(),
  script = () => 'open' as const,
  events = worldEvents,
}: {
  history?: FakeHistory;
  clock?: FakeClock;
  script?: Script;
  events?: readonly Event[];
} = {}) {
  const given: Given[] = [];
  const defects: unknown[] = [];
  const controller = createController({
    history,
    clock,
    onDefect: (error) => void defects.push(error),
    carryOut(command, self) {
      if (given.length > 2_000) throw new Error(`${commandText(command)} is given without end`);
      const {promise, resolve, reject} = Promise.withResolvers<void>();
      const ended = async (act: () => void): Promise<void> => {
        act();
        await settled();
      };
      given.push({command, end: () => ended(resolve), break: (error) => ended(() => reject(error))});
      const scripted = script(command, self);
      return scripted === 'open' ? promise : scripted;
    },
  });
  if (history.recorded.length === 0) controller.record(events);
  const texts = () => given.map(({command}) => commandText(command));
  return {controller, history, clock, given, defects, texts};
}

/** `start web 2`, `look web`: a command in short. */
export function commandText(command: Command): string {
  switch (command.kind) {
    case 'look-at-source':
      return `look ${command.name}`;
    case 'look-at-stack':
    case 'follow-stack':
      return `${command.kind} ${command.name}`;
    case 'open-wave':
    case 'close-patch':
      return `${command.kind} ${command.patch}`;
    case 'start':
    case 'stop':
    case 'finish-cancelled':
    case 'prune':
      return `${command.kind} ${command.image} ${command.number}`;
    default:
      return command satisfies never;
  }
}

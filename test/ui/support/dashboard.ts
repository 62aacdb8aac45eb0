// The robot user's dashboard: the real one, on an emulated terminal, with a fake client and a clock that the test moves.
import {vi} from 'vitest';
import type {Client} from '../../../source/client/client.ts';
import type {State} from '../../../source/state/state.ts';
import type {DashboardPorts} from '../../../source/ui/ports.ts';
import {
  type DashboardOptions,
  type DashboardPreferences,
  type DashboardSummary,
  runDashboard,
} from '../../../source/ui/run-dashboard.tsx';
import {fakeClient, type FakeClient} from '../../support/fake-client.ts';
import {testTerminal, type TestTerminal} from '../../support/terminal.ts';
import {aFleet, fleetNow} from './a-fleet.ts';
import {lineTime, ordersLog, petclinicLog} from './fleet-logs.ts';

export type Robot = {
  readonly terminal: TestTerminal;
  readonly client: FakeClient;
  /** Types the keys one after the other and waits until the screen rests. */
  press(...keys: readonly string[]): Promise<void>;
  /** Something happens; waits until the screen rests. */
  after(happening: () => void): Promise<void>;
  /** Lets time pass. */
  wait(milliseconds: number): Promise<void>;
  screen(): string;
  resize(columns: number, rows: number): Promise<void>;
  quit(): Promise<DashboardSummary>;
  readonly ended: Promise<DashboardSummary>;
};

export type RobotOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly state?: State;
  readonly preferences?: DashboardPreferences;
  readonly colorDepth?: number;
  readonly logs?: boolean;
  readonly readOnly?: boolean;
  readonly ports?: DashboardPorts;
  readonly guide?: DashboardOptions['guide'];
  /** Stands between the dashboard and the fake client. */
  readonly wrap?: (client: FakeClient) => Client;
};

/** Names of keys as terminals send them. */
export const keys = {
  enter: '\r',
  escape: '\u001B',
  tab: '\t',
  shiftTab: '\u001B[Z',
  up: '\u001B[A',
  down: '\u001B[B',
  right: '\u001B[C',
  pageUp: '\u001B[5~',
  pageDown: '\u001B[6~',
  home: '\u001B[H',
  end: '\u001B[F',
  backspace: '\u007F',
  ctrl: (letter: string) => String.fromCodePoint(letter.toUpperCase().codePointAt(0)! - 64),
} as const;

export const petclinic = {namespace: 'default', image: 'spring-petclinic', number: 3};
export const orders = {namespace: 'default', image: 'orders-api', number: 2};

/** Opens the dashboard on the fleet. */
export async function openDashboard(options: RobotOptions = {}): Promise<Robot> {
  vi.useFakeTimers({now: fleetNow});
  const {columns = 120, rows = 40, state = aFleet().state(), colorDepth} = options;
  const client = fakeClient({state, now: () => Date.now(), lineTime});
  if (options.logs !== false) {
    client.addLog(petclinic, petclinicLog);
    client.addLog(orders, ordersLog);
  }
  const terminal = testTerminal({
    columns,
    rows,
    ...(colorDepth === undefined ? {} : {colorDepth}),
    pass: async () => {
      await vi.advanceTimersByTimeAsync(90);
    },
  });
  const ended = runDashboard({
    client: options.wrap?.(client) ?? client,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    // The seconds stand still while the screen settles; tests move them by waiting.
    now: () => fleetNow + Math.floor((Date.now() - fleetNow) / 1_000_000) * 1000,
    preferences: {still: true, ...options.preferences},
    title: 'demo',
    ...(options.ports ? {ports: options.ports} : {}),
    ...(options.guide ? {guide: options.guide} : {}),
    ...(options.readOnly ? {readOnly: true} : {}),
  });
  ended.catch(() => undefined);
  await terminal.settle();
  return {
    terminal,
    client,
    ended,
    async press(...all) {
      for (const key of all) {
        terminal.type(key);
        await terminal.settle();
      }
    },
    async after(happening) {
      happening();
      await terminal.settle();
    },
    async wait(milliseconds) {
      await vi.advanceTimersByTimeAsync(milliseconds);
    },
    screen: terminal.screen,
    async resize(width, height) {
      terminal.resize(width, height);
      await terminal.settle();
    },
    async quit() {
      terminal.type('\u0003');
      await terminal.settle();
      return ended;
    },
  };
}

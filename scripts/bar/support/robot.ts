// The dashboard on an emulated terminal in this process, with real time: for checks that count what is written.
import {setTimeout as wait} from 'node:timers/promises';
import type {State} from '../../../source/state/state.ts';
import {runDashboard} from '../../../source/ui/run-dashboard.tsx';
import {fakeClient, type FakeClient} from '../../../test/support/fake-client.ts';
import {testTerminal, type TestTerminal} from '../../../test/support/terminal.ts';
import {fleetNow} from '../../../test/ui/support/a-fleet.ts';
import {lineTime, petclinicLog} from '../../../test/ui/support/fleet-logs.ts';

export type BarRobot = {
  readonly terminal: TestTerminal;
  readonly client: FakeClient;
  readonly press: (...keys: readonly string[]) => Promise<void>;
  readonly end: () => Promise<void>;
};

export type BarRobotOptions = {
  readonly state: State;
  readonly columns?: number;
  readonly rows?: number;
  /** The clock goes on from the fleet's moment; else it stands still. */
  readonly running?: boolean;
};

export async function openRobot({state, columns = 120, rows = 40, running}: BarRobotOptions): Promise<BarRobot> {
  const started = Date.now();
  const now = () => fleetNow + (running ? Date.now() - started : 0);
  const client = fakeClient({state, now, lineTime});
  client.addLog({namespace: 'default', image: 'spring-petclinic', number: 3}, petclinicLog);
  const terminal = testTerminal({columns, rows, pass: () => wait(20)});
  const ended = runDashboard({
    client,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    now,
    preferences: {still: !running},
    title: 'bar',
  });
  await wait(300);
  return {
    terminal,
    client,
    async press(...keys) {
      for (const key of keys) {
        terminal.type(key);
        await wait(80);
      }
    },
    async end() {
      terminal.type('\u001B');
      await wait(60);
      terminal.type('\u0003');
      await wait(60);
      terminal.type('\u0003');
      await ended;
    },
  };
}

/** CPU milliseconds of this process. */
export function cpuTime(): number {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}

// Stories of a failure: the card, its tail, and the evidence that stays after quitting.
import {afterEach, expect, test, vi} from 'vitest';
import {fleetNow} from '../support/a-fleet.ts';
import {keys, openDashboard, petclinic, type Robot} from '../support/dashboard.ts';
import {of} from '../support/fleet-logs.ts';

let robot: Robot;
afterEach(async () => {
  if (robot.terminal.modes.alternate) await robot.press(keys.escape, keys.ctrl('c'), keys.ctrl('c'));
  vi.useRealTimers();
});

async function failNow(): Promise<void> {
  robot.client.addLog(
    petclinic,
    of(
      'build',
      Array.from({length: 25}, (_, at) => `npm error line ${at}`),
    ),
  );
  await robot.after(() =>
    robot.client.happen({
      kind: 'build.failed',
      at: fleetNow + 1000,
      ...petclinic,
      failure: {
        phase: 'build',
        exitCode: 51,
        meaning: 'a buildpack failed while building',
        buildpack: {id: 'sample/npm-install', version: '0.9.0'},
        message: 'npm error code ERESOLVE',
        next: 'mend package.json, then rebuild with r',
      },
    }),
  );
}

test('a failure is seen at once with place, meaning, first error line, next step and the last twenty lines', async () => {
  robot = await openDashboard();
  await robot.press('jjjjjj');
  await failNow();
  const screen = robot.screen();
  expect(screen).toContain('failed in build of sample/npm-install@0.9.0');
  expect(screen).toMatch(/exit 51 +a buildpack failed while building/);
  expect(screen).toMatch(/says +npm error code ERESOLVE/);
  expect(screen).toMatch(/next +mend package.json/);
  await robot.press('3', '+');
  expect(robot.screen()).toContain('last 20 lines');
  expect(robot.screen()).toContain('npm error line 5');
  expect(robot.screen()).toContain('npm error line 24');
});

test('the failure is copied as it stands on the card', async () => {
  robot = await openDashboard();
  await robot.press('jjjjjj');
  await failNow();
  await robot.press('3', 'c');
  const copied = /\u001B\]52;c;([^\u0007]+)/.exec(robot.terminal.writes.join(''))?.[1] ?? '';
  expect(Buffer.from(copied, 'base64').toString('utf8')).toContain('npm error code ERESOLVE');
});

test('evidence is left on the ordinary screen: the failure, its tail, and that something failed', async () => {
  robot = await openDashboard();
  await failNow();
  robot.terminal.type('q');
  await robot.terminal.settle();
  await robot.wait(600);
  const {lines, failed} = await robot.ended;
  expect(failed).toBe(true);
  expect(lines.join('\n')).toContain('✗ spring-petclinic build 3');
  expect(lines.filter((line) => line.includes('│ npm error line'))).toHaveLength(20);
});

test('evidence without a failure says that nothing failed', async () => {
  robot = await openDashboard();
  await robot.after(() => robot.client.happen({kind: 'build.cancelled', at: fleetNow + 1000, ...petclinic}));
  const {failed} = await robot.quit();
  expect(failed).toBe(false);
});

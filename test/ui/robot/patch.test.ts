// Stories of patching a fleet: preview with packages, the live view, pause, rolling back.
import {afterEach, expect, test, vi} from 'vitest';
import {fleetNow} from '../support/a-fleet.ts';
import {keys, openDashboard, type Robot} from '../support/dashboard.ts';

let robot: Robot;
afterEach(async () => {
  if (robot.terminal.modes.alternate) await robot.press(keys.escape, keys.escape, keys.ctrl('c'), keys.ctrl('c'));
  vi.useRealTimers();
});

async function patchSlim(): Promise<void> {
  await robot.press('2', 'p', 'slim', keys.tab, keys.enter);
}

test('the preview says which packages change', async () => {
  robot = await openDashboard();
  await patchSlim();
  expect(robot.screen()).toContain('3 packages change, 1 gone, 84 the same, 800.0 kB less');
  expect(robot.screen()).toMatch(/openssl +3\.5\.1-1 → 3\.5\.4-1~deb13u1/);
});

test('the fleet is followed live, paused, and its report stays', async () => {
  robot = await openDashboard();
  await patchSlim();
  await robot.press(keys.tab, 'default', keys.enter);
  expect(robot.screen()).toMatch(/running, 0 of 4/);
  expect(robot.screen()).toMatch(/about \d/);
  await robot.press('P');
  expect(robot.client.sent.at(-1)).toEqual({kind: 'patch.pause', id: 'patch-1'});
  await robot.after(() =>
    robot.client.happen({kind: 'patch.closed', at: fleetNow, id: 'patch-1', state: 'succeeded', report: {}}),
  );
  expect(robot.screen()).toContain('succeeded');
  await robot.press(keys.escape, '0');
  expect(robot.screen()).toContain('patch-1 · stack default');
});

test('z takes the newest patch back, after a look at what that does', async () => {
  robot = await openDashboard();
  await robot.press('z');
  expect(robot.screen()).toContain('there is no patch to roll back');
  await patchSlim();
  await robot.press(keys.tab, 'default', keys.enter, 'z');
  expect(robot.client.dryRuns.at(-1)).toEqual({kind: 'patch.rollback', id: 'patch-1'});
  expect(robot.screen()).toContain('back to what it was before patch-1');
  await robot.press(keys.enter);
  expect(robot.client.sent.filter(({kind}) => kind === 'patch.rollback')).toEqual([]);
});

test('read only: no key changes anything, and each says so', async () => {
  robot = await openDashboard({readOnly: true});
  for (const key of ['r', 'P', 'p', 'z', keys.ctrl('d')]) {
    await robot.press(key);
    expect(robot.screen()).toContain('read only');
  }
  expect([...robot.client.sent, ...robot.client.dryRuns]).toEqual([]);
});

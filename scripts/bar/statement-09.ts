// Statement 9: what a tick and a new line of a log cost in bytes.
import {setTimeout as wait} from 'node:timers/promises';
import {aFleet} from '../../test/ui/support/a-fleet.ts';
import {openRobot} from './support/robot.ts';

export const number = 9;
export const statement = 'Small frames: a tick of progress is at most 2 KB at 200x60';

export async function run(): Promise<{figure: string; pass: boolean}> {
  const robot = await openRobot({state: aFleet().state(), columns: 200, rows: 60, running: true});
  await robot.press('jjjjjj');
  await wait(500);
  const from = robot.terminal.writes.length;
  await wait(5000);
  const sizes = robot.terminal.writes.slice(from).map((frame) => Buffer.byteLength(frame));
  await robot.end();
  const largest = Math.max(0, ...sizes);
  return {figure: `${sizes.length} ticks, the largest ${largest} bytes`, pass: sizes.length > 3 && largest <= 2048};
}

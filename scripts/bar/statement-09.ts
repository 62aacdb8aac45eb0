// Statement 9: what a tick and a new line of a log cost in bytes.
import {setTimeout as wait} from 'node:timers/promises';
import {aFleet} from '../../test/ui/support/a-fleet.ts';
import {of} from '../../test/ui/support/fleet-logs.ts';
import {openRobot} from './support/robot.ts';

export const number = 9;
export const statement =
  'Small frames: a tick of progress is at most 2 KB at 200x60; a log frame at most 1.2 times the bytes of the rows that changed';

const build = {namespace: 'default', image: 'spring-petclinic', number: 3};

export async function run(): Promise<{figure: string; pass: boolean}> {
  const sizes = await ticks();
  const largest = Math.max(0, ...sizes);
  const ratio = await logFrame();
  return {
    figure: `${sizes.length} ticks, the largest ${largest} bytes; a log frame ${ratio.toFixed(2)} times its changed rows`,
    pass: sizes.length > 3 && largest <= 2048 && ratio <= 1.2,
  };
}

async function ticks(): Promise<readonly number[]> {
  const robot = await openRobot({state: aFleet().state(), columns: 200, rows: 60, running: true});
  await robot.press('jjjjjj');
  await wait(500);
  const from = robot.terminal.writes.length;
  await wait(5000);
  const sizes = robot.terminal.writes.slice(from).map((frame) => Buffer.byteLength(frame));
  await robot.end();
  return sizes;
}

/** The frame for one new line of a followed log, against what its changed rows take when each is painted whole. */
async function logFrame(): Promise<number> {
  const robot = await openRobot({state: aFleet().state()});
  const lines = Array.from({length: 200}, (_, at) => `${'step'.repeat((at % 7) + 3)} number ${at} of the log`);
  robot.client.addLog(build, of('build', lines));
  await robot.press('jjjjjj', 'l', 'f');
  await wait(400);
  const before = robot.terminal.rows();
  const from = robot.terminal.writes.length;
  robot.client.addLog(build, of('build', ['one more line']));
  await wait(400);
  const after = robot.terminal.rows();
  const frames = robot.terminal.writes.slice(from);
  await robot.end();
  const changed = after.filter((row, y) => row !== before[y]);
  const painted = changed.reduce((sum, row) => sum + Buffer.byteLength(row), 0);
  if (changed.length < 10) throw new Error(`only ${changed.length} rows changed`);
  return Buffer.byteLength(frames.join('')) / frames.length / painted;
}

// Statement 7: nothing runs, nothing is written; builds run with their logs hidden, and little is.
import {setTimeout as wait} from 'node:timers/promises';
import {aFleet, aLongFleet} from '../../test/ui/support/a-fleet.ts';
import {cpuTime, openRobot} from './support/robot.ts';

export const number = 7;
export const statement =
  'Idle silence: 0 bytes in 10 s and at most 0.3 % CPU when nothing runs; at most 4 frames/s and 5 % CPU with builds and hidden logs';

const seconds = 10;

export async function run(): Promise<{figure: string; pass: boolean}> {
  const idle = await openRobot({state: aLongFleet(20).state()});
  const still = await measured(idle.terminal);
  await idle.end();
  const busy = await openRobot({state: aFleet().state(), running: true});
  await busy.press('2', '+');
  const moving = await measured(busy.terminal);
  await busy.end();
  const rate = moving.frames / seconds;
  return {
    figure: `idle ${still.bytes} bytes, ${still.cpu.toFixed(2)} % CPU; building ${rate.toFixed(1)} frames/s, ${moving.cpu.toFixed(1)} % CPU`,
    pass: still.bytes === 0 && still.cpu <= 0.3 && rate <= 4 && moving.cpu <= 5,
  };
}

async function measured({writes}: {readonly writes: readonly string[]}) {
  await wait(1000);
  const [from, before] = [writes.length, cpuTime()];
  await wait(seconds * 1000);
  const written = writes.slice(from);
  return {
    bytes: written.join('').length,
    frames: written.length,
    cpu: ((cpuTime() - before) / (seconds * 1000)) * 100,
  };
}

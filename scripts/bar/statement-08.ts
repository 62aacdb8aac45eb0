// Statement 8: a recorded session of a thousand frames, read byte by byte.
import {aFleet} from '../../test/ui/support/a-fleet.ts';
import {of} from '../../test/ui/support/fleet-logs.ts';
import {openRobot} from './support/robot.ts';

export const number = 8;
export const statement =
  'No flicker, by bytes: one write a frame, no CSI 2J or 3J or erase below after the first, no frame taller than the screen';

const wanted = 1000;
const build = {namespace: 'default', image: 'spring-petclinic', number: 3};

export async function run(): Promise<{figure: string; pass: boolean}> {
  const robot = await openRobot({state: aFleet().state()});
  await robot.press('j', 'j', 'j', 'j', 'j', 'j');
  const from = robot.terminal.writes.length;
  const keys = ['j', 'k', '\t', '4', 'g', 'G', '1', '?', '\u001B', '+', '_', ':', '\u001B', '6', '5', '1'];
  for (let at = 0; robot.terminal.writes.length - from < wanted && at < wanted * 4; at++) {
    if (at % 3 === 0) robot.client.addLog(build, of('build', [`line ${at} of a session that is recorded`]));
    await robot.press(keys[at % keys.length] ?? 'j');
  }
  const frames = robot.terminal.writes.slice(from);
  await robot.end();
  const split = frames.filter((frame) => !frame.startsWith('\u001B[?2026h') || !frame.endsWith('\u001B[?2026l'));
  const cleared = frames.filter((frame) => /\u001B\[(?:[0-3]?J)/.test(frame));
  const tall = frames.filter((frame) => frame.split('\n').length > 40);
  return {
    figure: `${frames.length} frames: ${split.length} in more than one write, ${cleared.length} cleared, ${tall.length} too tall`,
    pass: frames.length >= wanted && split.length + cleared.length + tall.length === 0,
  };
}

// Moves the log to the first line that came at or after a moment, asking for one line at a time: times never go back.
import type {ActionWorld} from './action-world.ts';
import {problemText} from './change-client.ts';

/** `at` is milliseconds since the epoch. */
export async function jumpToTime(at: number, {client, scene, log, tell}: ActionWorld): Promise<void> {
  const {build} = scene;
  if (!build) return;
  try {
    let [low, high] = [0, log.total];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const line = (await client.readLog(build, middle, 1)).lines[0];
      if (!line || line.at >= at) high = middle;
      else low = middle + 1;
    }
    tell({kind: 'log', view: {follow: false, top: Math.max(0, Math.min(low, log.total - 1))}});
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

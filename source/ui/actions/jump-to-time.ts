// Moves the log to the first line that came at or after a moment.
import type {ActionWorld} from './action-world.ts';
import {goToLine} from './log-action.ts';
import {problemText} from './change-client.ts';

/** `at` is milliseconds since the epoch. */
export async function jumpToTime(at: number, world: ActionWorld): Promise<void> {
  const {client, scene, log, tell} = world;
  const {build} = scene;
  if (!build) return;
  try {
    const line = await client.logLineAt(build, at);
    goToLine(Math.max(0, Math.min(line, log.total - 1)), 0, world);
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

// Records how a run ended, however long the disk refuses: a build whose end is not recorded would run for ever.
import type {Event} from '../domain/event.ts';
import type {Controller} from '../controller/controller.ts';
import type {Hands} from './hands.ts';
import {recordTogether} from './record-together.ts';

/** Milliseconds between two tries. */
const pause = 1_000;

/**
 * Resolves when the events are recorded, or when the controller is being stopped: then the next one finds the build
 * running, and runs it again as its next attempt.
 */
export async function recordOutcome(
  controller: Controller,
  events: readonly Event[],
  {clock, onDefect}: Pick<Hands, 'clock' | 'onDefect'>,
  stopping: () => boolean,
): Promise<void> {
  for (;;) {
    try {
      await recordTogether(controller, events);
      return;
    } catch (error) {
      onDefect(error);
      if (stopping()) return;
    }
    await new Promise<void>((resolve) => void clock.after(pause, resolve));
  }
}

// Records what several runs have to say at about the same time in one transaction: a commit waits for the disk once for all.
import type {Controller} from '../controller/controller.ts';
import type {Event} from '../domain/event.ts';

type Waiting = {
  readonly events: readonly Event[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

const waiting = new WeakMap<Controller, Waiting[]>();

/**
 * Resolves when the events are durable and folded in, in the order in which they were given. Rejects when the disk refuses;
 * then nothing of them was recorded, nor of what was given with them.
 */
export function recordTogether(controller: Controller, events: readonly Event[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const batch = waiting.get(controller);
    if (batch) batch.push({events, resolve, reject});
    else begin(controller, {events, resolve, reject});
  });
}

/** Everything that ended in this turn comes first. */
function begin(controller: Controller, first: Waiting): void {
  const batch = [first];
  waiting.set(controller, batch);
  setImmediate(() => {
    waiting.delete(controller);
    try {
      controller.record(batch.flatMap(({events}) => events));
    } catch (error) {
      for (const {reject} of batch) reject(error);
      return;
    }
    for (const {resolve} of batch) resolve();
  });
}

// Records what several runs have to say at about the same time in one transaction: a commit waits for the disk once for all.
import type {Controller} from '../controller/controller.ts';
import type {Event} from '../domain/event.ts';

type Waiting = {
  readonly events: readonly Event[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

const recorders = new WeakMap<Controller, (one: Waiting) => void>();

/**
 * Resolves when the events are durable and folded in, in the order in which they were given. Rejects when the disk refuses;
 * then nothing of them was recorded, nor of what was given with them.
 */
export function recordTogether(controller: Controller, events: readonly Event[]): Promise<void> {
  const add = recorders.get(controller) ?? createRecorder(controller);
  recorders.set(controller, add);
  return new Promise((resolve, reject) => add({events, resolve, reject}));
}

/**
 * What ends in the same turn is recorded at its end; after a record that took long, what ends in three times as long. A record
 * copies maps as big as the fleet and waits for the disk: it is to take a small share of the time.
 */
function createRecorder(controller: Controller): (one: Waiting) => void {
  let batch: Waiting[] = [];
  let last = {ended: 0, took: 0};

  const flush = (): void => {
    const full = batch;
    batch = [];
    const began = performance.now();
    try {
      controller.record(full.flatMap(({events}) => events));
      for (const {resolve} of full) resolve();
    } catch (error) {
      for (const {reject} of full) reject(error);
    }
    const ended = performance.now();
    last = {ended, took: ended - began};
  };

  return (one) => {
    batch.push(one);
    if (batch.length > 1) return;
    const wait = last.ended + shareOfRest * last.took - performance.now();
    if (wait >= 1) setTimeout(flush, Math.min(wait, longestWait));
    else setImmediate(flush);
  };
}

const shareOfRest = 3;
/** Milliseconds. */
const longestWait = 50;

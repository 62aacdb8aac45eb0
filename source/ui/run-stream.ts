// The dashboard where there is no screen: every event as lines, from the first that matters to the last, until it is ended.
import type {Client} from './client-types.ts';
import {type Face, faceLines} from './faces/face-lines.ts';
import {type SessionSummary, sessionSummary} from './view-models/session-summary.ts';

export type StreamOptions = {
  readonly client: Client;
  readonly face: Face;
  readonly write: (text: string) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** The number of the last event that was shown elsewhere: what came after it is caught up with first. */
  readonly after?: number;
};

/** Resolves when the signal aborts or the controller is gone; the summary is what a dashboard would leave behind. */
export async function runStream(options: StreamOptions): Promise<SessionSummary> {
  const {client, face, write, now, signal} = options;
  const since = now();
  let shown = options.after ?? client.state.read().sequence;
  const show = (recorded: Parameters<typeof faceLines>[1]) => {
    if (recorded.sequence <= shown) return;
    shown = recorded.sequence;
    for (const line of faceLines(face, recorded)) write(`${line}\n`);
  };
  // What arrives while older events are read waits for its turn.
  const waiting: Parameters<typeof faceLines>[1][] = [];
  let caughtUp = false;
  const stop = client.onEvent((recorded) => {
    if (caughtUp) show(recorded);
    else waiting.push(recorded);
  });
  try {
    if (options.after !== undefined) await catchUp(client, options.after, show);
    for (const recorded of waiting) show(recorded);
    caughtUp = true;
    await ended(client, signal);
  } finally {
    stop();
  }
  return sessionSummary(client.state.read(), since);
}

async function catchUp(client: Client, after: number, show: (recorded: Parameters<typeof faceLines>[1]) => void) {
  for (let from = after; ; ) {
    const events = await client.readEvents({afterSequence: from, limit: 500});
    for (const recorded of events) show(recorded);
    const last = events.at(-1);
    if (!last || events.length < 500) return;
    from = last.sequence;
  }
}

function ended(client: Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      stop();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const stop = client.connection.subscribe(() => {
      if (client.connection.read().kind === 'closed') finish();
    });
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}

// Sends a log to a client as it grows, no faster than the client reads.
import type {BuildRef} from '../domain/build.ts';
import type {LogStore} from '../ports/history.ts';
import type {Session} from '../protocol/service.ts';

export type LogFollow = {
  readonly logs: LogStore;
  readonly build: BuildRef;
  /** The first line to send; negative counts from the end. */
  readonly from: number;
  /** The number under which the client knows this follow. */
  readonly follow: number;
  readonly session: Session;
  /** Called once, when it ended: the log is complete and sent, the client is gone, or it was ended. */
  readonly done: () => void;
  /** Told of a log that cannot be read; the follow then ends as if the log were complete. */
  readonly failed: (error: unknown) => void;
};

const linesAtOnce = 1000;

/** Begins in a later turn; returns the way to end it. */
export function followLog({logs, build, from, follow, session, done, failed}: LogFollow): () => void {
  let next = from < 0 ? Math.max(0, logs.read(build, 0, 0).total + from) : from;
  let ended = false;
  let sending = false;
  let again = false;
  let toldSections = -1;

  const isEnded = (): boolean => ended;
  const end = (): void => {
    if (ended) return;
    ended = true;
    stopWatching();
    session.signal.removeEventListener('abort', end);
    done();
  };
  const sendWindow = (): 'more' | 'no-more' => {
    const window = logs.read(build, next, linesAtOnce);
    next += window.lines.length;
    const finished = window.complete && next >= window.total;
    if (window.lines.length > 0 || finished) {
      const sections = logs.sections(build);
      const fresh = sections.length === toldSections ? {} : {sections};
      toldSections = sections.length;
      session.notify({method: 'log', params: {follow, ...window, complete: finished, ...fresh}});
    }
    if (finished) end();
    return next < window.total ? 'more' : 'no-more';
  };
  /** One pass at a time; a change during a pass makes it look again. */
  const send = async (): Promise<void> => {
    again = true;
    if (sending) return;
    sending = true;
    try {
      for (let more = !isEnded(); more; more = again && !isEnded()) {
        again = false;
        if (sendWindow() === 'more') again = true;
        await session.drained();
      }
    } finally {
      sending = false;
    }
  };
  const sendOrFail = (): void => {
    send().catch((error: unknown) => {
      failed(error);
      session.notify({method: 'log', params: {follow, lines: [], total: next, complete: true}});
      end();
    });
  };

  const stopWatching = logs.watch(build, sendOrFail);
  session.signal.addEventListener('abort', end, {once: true});
  setImmediate(sendOrFail);
  return end;
}

// Hands searches to a worker thread that is started with the first of them and ends when it was idle for a while.
import {existsSync} from 'node:fs';
import {Worker} from 'node:worker_threads';
import type {LogQuery} from '../ports/history.ts';
import {diskError, HistoryError} from './history-error.ts';
import type {LogFiles} from './log-files.ts';
import type {SearchAnswer, SearchRequest} from './log-search-worker.ts';
import type {LogScanned} from './scan-log.ts';

export type LogSearches = {
  /** Looks through lines `from` to `to`. Rejects with HistoryError: `invalid` for a pattern that is none or takes too long. */
  search(files: LogFiles, query: LogQuery, from: number, to: number, limit: number): Promise<LogScanned>;
  /** Starts the worker, so that the first search need not wait for it. */
  prepare(): void;
  close(): void;
};

/** Milliseconds after which an answer is given with what was found until then. */
const pageMilliseconds = 40;
/** A pattern that keeps the worker this long without an answer is given up. */
const patienceMilliseconds = 4000;
const idleMilliseconds = 30_000;

export function createLogSearches(): LogSearches {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  const end = (why: (waiting: Waiting) => Error): void => {
    clearTimeout(idle);
    const ended = worker;
    worker = undefined;
    ended?.removeAllListeners();
    void ended?.terminate();
    const all = [...waiting.values()];
    waiting.clear();
    for (const one of all) {
      clearTimeout(one.patience);
      one.reject(why(one));
    }
  };
  const settle = (answer: SearchAnswer): void => {
    const one = waiting.get(answer.id);
    if (one === undefined) return;
    waiting.delete(answer.id);
    clearTimeout(one.patience);
    if ('problem' in answer) one.reject(refusal(answer, one));
    else one.resolve({lines: [...answer.lines], searched: answer.searched});
    if (waiting.size === 0) endWhenIdle();
  };
  const endWhenIdle = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => end(noAnswer), idleMilliseconds).unref();
  };
  const started = (): Worker => {
    if (worker !== undefined) return worker;
    const begun = new Worker(workerFile(), {name: 'log search', execArgv: []});
    begun.unref();
    begun.on('message', settle);
    begun.on('error', (error) => end((one) => diskError('search the log', one.files.log, error)));
    begun.on('exit', () => end(noAnswer));
    worker = begun;
    return begun;
  };

  return {
    search: (files, query, from, to, limit) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        const id = lastId;
        clearTimeout(idle);
        const giveUp = () => end((one) => (one.id === id ? tooSlow(one) : noAnswer(one)));
        const patience = setTimeout(giveUp, patienceMilliseconds * (waiting.size + 1));
        waiting.set(id, {id, files, query, resolve, reject, patience});
        const {log, index} = files;
        const request: SearchRequest = {
          id,
          files: {log, index},
          query,
          from,
          to,
          limit,
          milliseconds: pageMilliseconds,
        };
        started().postMessage(request);
      }),
    prepare() {
      started();
      if (waiting.size === 0) endWhenIdle();
    },
    close: () => end(noAnswer),
  };
}

type Waiting = {
  readonly id: number;
  readonly files: LogFiles;
  readonly query: LogQuery;
  readonly resolve: (scanned: LogScanned) => void;
  readonly reject: (error: Error) => void;
  readonly patience: NodeJS.Timeout;
};

/** Beside this module, or beside the program when this module was bundled into it. */
function workerFile(): URL {
  const places = ['./log-search-worker.ts', './log-search.js', '../log-search.js'];
  const found = places.map((place) => new URL(place, import.meta.url)).find((place) => existsSync(place));
  if (found === undefined) throw new Error(`the program is not whole: log-search.js is not beside ${import.meta.url}`);
  return found;
}

function refusal({problem, invalid}: Extract<SearchAnswer, {problem: string}>, {files, query}: Waiting): Error {
  if (!invalid) return diskError('search the log', files.log, new Error(problem));
  const message = `expected a regular expression, got ${JSON.stringify(query.pattern)}: ${problem}`;
  return new HistoryError('invalid', files.log, message);
}

function tooSlow({files, query}: Waiting): Error {
  const message = `the expression ${JSON.stringify(query.pattern)} takes too long on a line of this log; look for something simpler`;
  return new HistoryError('invalid', files.log, message);
}

function noAnswer({files}: Waiting): Error {
  return new HistoryError('closed', files.log, 'the search was ended before it had an answer; search again');
}

// The thread that searches logs: whatever a pattern costs, the controller's own thread goes on.
import {parentPort} from 'node:worker_threads';
import type {LogQuery} from '../ports/history.ts';
import {logMatcher, type LogMatcher} from './log-matcher.ts';
import {scanLog} from './scan-log.ts';

export type SearchRequest = {
  readonly id: number;
  readonly files: {readonly log: string; readonly index: string};
  readonly query: LogQuery;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  /** It answers with what it has after so long. */
  readonly milliseconds: number;
};

export type SearchAnswer =
  | {readonly id: number; readonly lines: readonly number[]; readonly searched: number}
  | {readonly id: number; readonly problem: string; readonly invalid: boolean};

let newest: {readonly key: string; readonly matcher: LogMatcher} | undefined;

parentPort?.on('message', (request: SearchRequest) => parentPort?.postMessage(answer(request)));

function answer({id, files, query, from, to, limit, milliseconds}: SearchRequest): SearchAnswer {
  try {
    const deadline = performance.now() + milliseconds;
    const isLate = () => performance.now() >= deadline;
    return {id, ...scanLog({files, matcher: matcherOf(query), from, to, limit, isLate})};
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return {id, problem, invalid: error instanceof SyntaxError};
  }
}

function matcherOf(query: LogQuery): LogMatcher {
  const key = `${query.regex === true}/${query.pattern}`;
  if (newest?.key !== key) newest = {key, matcher: logMatcher(query)};
  return newest.matcher;
}

// The logs of all builds: who writes which, reading windows of any of them, and telling watchers when lines were added.
import {readdirSync, rmdirSync, rmSync} from 'node:fs';
import type {BuildRef} from '../domain/build.ts';
import type {LogStore} from '../ports/history.ts';
import {diskError, HistoryError} from './history-error.ts';
import {findLineAt} from './find-line-at.ts';
import {type LogFiles, logFiles} from './log-files.ts';
import {createLogSearches} from './log-searches.ts';
import {createLogWatches} from './log-watches.ts';
import {type OpenLog, openLog} from './log-writer.ts';
import {readLogBytes} from './read-log-bytes.ts';
import {readLogWindow} from './read-log-window.ts';
import {type LogSummary, recoverLog} from './recover-log.ts';

/** A LogStore under `directory`. Holds offsets and text of nothing: only totals and sections of the logs last looked at. */
export function openLogStore({directory}: {readonly directory: string}): LogStore & {close(): void} {
  const open = new Map<string, OpenLog>();
  const finished = createSummaries();
  const watches = createLogWatches();
  const searches = createLogSearches();

  const summaryOf = (files: LogFiles): LogSummary => {
    const writer = open.get(files.log);
    if (writer !== undefined) return writer.summary();
    return finished.get(files.log) ?? finished.keep(files.log, recoverLog(files));
  };

  return {
    open(build, attempt, {sync = true} = {}) {
      const files = logFiles(directory, build);
      refuseOpen(open, files, build, 'it is being written already');
      finished.forget(files.log);
      const writer = openLog({
        files,
        attempt,
        sync,
        written: () => watches.changed(files.log),
        closed: () => {
          open.delete(files.log);
          watches.changed(files.log);
        },
      });
      open.set(files.log, writer);
      return writer;
    },

    read(build, from, count) {
      const files = logFiles(directory, build);
      const {total} = summaryOf(files);
      const first = from < 0 ? Math.max(0, total + from) : Math.min(from, total);
      const lines = readLogWindow(files, first, Math.min(count, total - first));
      return {lines, total, complete: !open.has(files.log)};
    },

    readBytes(build, from) {
      const files = logFiles(directory, build);
      const size = summaryOf(files).end;
      return {bytes: readLogBytes(files, from, size), size};
    },

    sections: (build) => summaryOf(logFiles(directory, build)).sections,

    async search(build, query, from, limit) {
      const files = logFiles(directory, build);
      const {total} = summaryOf(files);
      if (query.pattern === '') searches.prepare();
      if (from >= total || query.pattern === '') return {lines: [], searched: total, total};
      return {...(await searches.search(files, query, Math.max(0, from), total, Math.max(1, limit))), total};
    },

    lineAt(build, at) {
      const files = logFiles(directory, build);
      return findLineAt(files, summaryOf(files).total, at);
    },

    watch: (build, changed) => watches.add(logFiles(directory, build).log, changed),

    remove(build) {
      const files = logFiles(directory, build);
      refuseOpen(open, files, build, 'it is being written; wait until the build has ended');
      finished.forget(files.log);
      removeFiles(files);
      watches.changed(files.log);
    },

    close() {
      searches.close();
      watches.close();
      closeAll([...open.values()]);
    },
  };
}

function refuseOpen(open: ReadonlyMap<string, OpenLog>, files: LogFiles, build: BuildRef, why: string): void {
  if (!open.has(files.log)) return;
  const name = `${build.namespace}/${build.image} build ${build.number}`;
  throw new HistoryError('busy', files.log, `the log of ${name} is open: ${why}`);
}

function removeFiles(files: LogFiles): void {
  try {
    rmSync(files.log, {force: true});
    rmSync(files.index, {force: true});
    rmSync(files.sections, {force: true});
    removeWhenEmpty(files.directory);
  } catch (error) {
    throw diskError('remove the log', files.log, error);
  }
}

function removeWhenEmpty(directory: string): void {
  try {
    if (readdirSync(directory).length === 0) rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Closes every writer, then throws the first refusal. */
function closeAll(writers: readonly OpenLog[]): void {
  const problems: unknown[] = [];
  for (const writer of writers) {
    try {
      writer.close();
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
}

type Summaries = {
  get(path: string): LogSummary | undefined;
  keep(path: string, summary: LogSummary): LogSummary;
  forget(path: string): void;
};

/** The summaries of the logs last read, so that paging through a finished log scans its index once. */
function createSummaries(): Summaries {
  const byPath = new Map<string, LogSummary>();
  return {
    get(path) {
      const found = byPath.get(path);
      if (found === undefined) return undefined;
      byPath.delete(path);
      byPath.set(path, found);
      return found;
    },
    keep(path, summary) {
      byPath.set(path, summary);
      const oldest = byPath.keys().next();
      if (byPath.size > mostSummaries && !oldest.done) byPath.delete(oldest.value);
      return summary;
    },
    forget: (path) => void byPath.delete(path),
  };
}

const mostSummaries = 256;

// A build's log as the screen reads it: windows fetched when they are looked at, new lines as they come, at most 4 MB kept.
import type {BuildRef} from '../../domain/build.ts';
import type {Client, LogLine, LogSection} from '../client-types.ts';
import {paced} from '../hooks/paced.ts';

export type LogSnapshot = {
  /** Grows with every change. */
  readonly version: number;
  readonly total: number;
  readonly sections: readonly LogSection[];
  readonly loaded: boolean;
  readonly problem?: string;
};

export type LogBuffer = {
  readonly build: BuildRef;
  readonly read: () => LogSnapshot;
  /** The first subscriber opens the log, the last one to leave closes it. */
  readonly subscribe: (changed: () => void) => () => void;
  /** The line if it is here; `want` fetches those that are not, and keeps what it names longest. */
  readonly line: (index: number) => LogLine | undefined;
  readonly want: (lines: Iterable<number>) => void;
};

const blockSize = 256;
const cacheLimit = 4 * 1024 * 1024;
/** Ten repaints of a log a second read as well as thirty, for a third of the work; on large screens fewer. */
const logPace = {interval: 100, share: 0.5};

export const emptyLog: LogSnapshot = {version: 0, total: 0, sections: [], loaded: false};

/** A log that is read from its end and followed as long as somebody is subscribed. */
export function openLog(client: Client, build: BuildRef): LogBuffer {
  const cache = createCache();
  const listeners = new Set<() => void>();
  const asked = new Set<number>();
  let snapshot = emptyLog;
  let stop: AbortController | undefined;

  const tellNow = () => {
    for (const listener of listeners) listener();
  };
  const tell = paced(tellNow, logPace);
  const change = (next: Partial<LogSnapshot>, when: () => void = tell.call) => {
    snapshot = {...snapshot, ...next, version: snapshot.version + 1};
    if (listeners.size > 0) when();
  };
  const take = (lines: readonly LogLine[], total: number, sections?: readonly LogSection[]) => {
    cache.add(lines);
    const known = sections ?? withSections(snapshot.sections, lines);
    change({total: Math.max(total, snapshot.total), sections: known, loaded: true});
  };
  const fail = (error: unknown) => change({problem: messageOf(error), loaded: true});

  const follow = async (signal: AbortSignal) => {
    const [tail, sections] = await Promise.all([
      client.readLog(build, -blockSize, blockSize),
      client.logSections(build),
    ]);
    if (signal.aborted) return;
    change({sections, problem: undefined});
    take(tail.lines, tail.total);
    if (!tail.complete) await client.followLog(build, tail.total, take, signal);
  };
  const fetchBlock = (block: number) => {
    if (asked.has(block)) return;
    asked.add(block);
    client
      .readLog(build, block * blockSize, blockSize)
      .then(({lines, total}) => {
        cache.add(lines);
        // Somebody looks at an empty place: that does not wait for the next beat.
        change({total: Math.max(total, snapshot.total), loaded: true}, tellNow);
      })
      .catch(fail)
      .finally(() => asked.delete(block));
  };

  return {
    build,
    read: () => snapshot,
    subscribe(changed) {
      listeners.add(changed);
      if (!stop) {
        const opened = new AbortController();
        stop = opened;
        follow(opened.signal).catch((error: unknown) => {
          if (!opened.signal.aborted) fail(error);
        });
      }
      return () => {
        listeners.delete(changed);
        if (listeners.size > 0) return;
        stop?.abort();
        stop = undefined;
        tell.cancel();
      };
    },
    line: (index) => cache.line(index),
    want(lines) {
      for (const line of lines) {
        const block = Math.floor(line / blockSize);
        cache.touch(block);
        if (!cache.line(line)) fetchBlock(block);
      }
    },
  };
}

type Block = {lines: (LogLine | undefined)[]; bytes: number};

/** Blocks of lines, those looked at longest ago thrown out when they grow past the limit. */
function createCache() {
  const blocks = new Map<number, Block>();
  let bytes = 0;
  return {
    line(index: number): LogLine | undefined {
      return blocks.get(Math.floor(index / blockSize))?.lines[index % blockSize];
    },
    /** It was looked at: it goes later than others. */
    touch(key: number): void {
      const block = blocks.get(key);
      if (!block) return;
      blocks.delete(key);
      blocks.set(key, block);
    },
    add(lines: readonly LogLine[]): void {
      let key = -1;
      let block: Block = {lines: [], bytes: 0};
      for (const line of lines) {
        const own = Math.floor(line.line / blockSize);
        if (own !== key) {
          key = own;
          block = blocks.get(key) ?? {lines: [], bytes: 0};
          blocks.delete(key);
          blocks.set(key, block);
        }
        const place = line.line % blockSize;
        if (!block.lines[place]) {
          const size = line.text.length * 2 + 96;
          block.bytes += size;
          bytes += size;
        }
        block.lines[place] = line;
      }
      for (const [key, block] of blocks) {
        if (bytes <= cacheLimit || blocks.size <= 2) break;
        blocks.delete(key);
        bytes -= block.bytes;
      }
    },
  };
}

/** Sections known so far and those that the new lines begin. */
function withSections(sections: readonly LogSection[], lines: readonly LogLine[]): readonly LogSection[] {
  let known = sections;
  for (const {phase, attempt, line} of lines) {
    const last = known.findLast(({buildpack}) => buildpack === undefined);
    if (last && (line <= last.line || (last.phase === phase && last.attempt === attempt))) continue;
    known = [...known, {phase, attempt, line}];
  }
  return known;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

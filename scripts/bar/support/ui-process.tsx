// The dashboard in a process of its own, on a terminal that keeps what is written to it: what a check measures.
import {EventEmitter} from 'node:events';
import {readFileSync} from 'node:fs';
import {connectToController} from '../../../source/client/connect.ts';
import {runDashboard} from '../../../source/ui/run-dashboard.tsx';
import type {UiRequest, UiUsage, UiWrite} from './ui-process-client.ts';

const [home = '', columns = '120', rows = '40'] = process.argv.slice(2);
let writes: UiWrite[] = [];
let kept = true;
let count = 0;
let bytes = 0;
let raw = false;
const pending: string[] = [];

const stdout = Object.assign(new EventEmitter(), {
  isTTY: true,
  columns: Number(columns),
  rows: Number(rows),
  writable: true,
  getColorDepth: () => 24,
  hasColors: () => true,
  write(chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean {
    const text = String(chunk);
    if (text !== '') {
      count += 1;
      bytes += text.length;
      if (kept) writes.push({at: ownTime(), text});
    }
    for (const one of rest) if (typeof one === 'function') queueMicrotask(() => (one as () => void)());
    return true;
  },
});
const stdin = Object.assign(new EventEmitter(), {
  isTTY: true,
  get isRaw() {
    return raw;
  },
  setRawMode(on: boolean) {
    raw = on;
  },
  setEncoding: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
  read: () => pending.shift() ?? null,
  resume: () => undefined,
  pause: () => undefined,
});

/** Milliseconds, without those in which this program could have run and others did: a busy machine spoils no figure. */
function ownTime(): number {
  return performance.now() - waitedForCpu();
}

function waitedForCpu(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    // Only Linux says it; elsewhere the clock has to do.
    return 0;
  }
}

function usage(): UiUsage {
  const {user, system} = process.cpuUsage();
  return {cpu: (user + system) / 1000, wall: performance.now(), rss: process.memoryUsage().rss, count, bytes};
}

function taken(): readonly UiWrite[] {
  const all = writes;
  writes = [];
  return all;
}

process.on('message', ({id, kind, text, wait, keep, size}: UiRequest) => {
  const answer = (value: unknown) => process.send?.({id, value});
  switch (kind) {
    case 'usage':
      if (keep !== undefined) kept = keep;
      answer(usage());
      return;
    case 'press': {
      const at = ownTime();
      pending.push(text ?? '');
      stdin.emit('readable');
      setTimeout(() => answer({at, now: ownTime(), writes: taken()}), wait);
      return;
    }
    case 'resize': {
      const at = ownTime();
      Object.assign(stdout, {columns: size?.columns, rows: size?.rows});
      stdout.emit('resize');
      setTimeout(() => answer({at, now: ownTime(), writes: taken()}), wait);
      return;
    }
    case 'collect':
      global.gc?.();
      setTimeout(() => answer(usage()), 50);
      return;
    default:
      kind satisfies never;
  }
});

const client = await connectToController({home, version: 'bar'});
void runDashboard({
  client,
  stdin: stdin as unknown as NodeJS.ReadStream,
  stdout: stdout as unknown as NodeJS.WriteStream,
  now: Date.now,
  preferences: {still: true},
  title: 'bar',
}).then(() => process.exit());
process.send?.({id: 0, value: undefined});

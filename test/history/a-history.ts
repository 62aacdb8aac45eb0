// A history in a directory of its own, and what is put into it.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {BuildRef} from '../../source/domain/build.ts';
import type {RecordedEvent} from '../../source/domain/event.ts';
import {openHistory, type OpenHistoryOptions} from '../../source/history/open-history.ts';
import type {History} from '../../source/ports/history.ts';

/** A fresh directory that goes away with the test. */
export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-history-'));
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
  return directory;
}

/** An open history that is closed with the test, unless the test closed it. */
export function aHistory(options: Partial<OpenHistoryOptions> = {}): History {
  const history = openHistory({directory: options.directory ?? aDirectory(), now: () => 1000, ...options});
  let open = true;
  const close = (): void => {
    if (open) history.close();
    open = false;
  };
  onTestFinished(close);
  return {...history, close};
}

/** Events that a reader can tell apart, with the sequence numbers `from` to `to`; each happened at its number. */
export function someEvents(from: number, to: number): readonly RecordedEvent[] {
  return Array.from({length: to - from + 1}, (_, index) => anEvent(from + index));
}

export function anEvent(sequence: number, at = sequence): RecordedEvent {
  return {sequence, event: {kind: 'image.paused', at, namespace: 'default', name: `app-${sequence}`}};
}

export function aBuildRef(number = 1, image = 'web'): BuildRef {
  return {namespace: 'default', image, number};
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What `act` throws; fails when it throws nothing. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, nothing was thrown');
}

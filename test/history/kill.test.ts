// A writer is killed with SIGKILL again and again: what it said is safe is there, and nothing is half there.
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openHistory} from '../../source/history/open-history.ts';
import {aBuildRef, aDirectory, someEvents} from './a-history.ts';

type Acknowledged = {readonly sequence: number; readonly lines: number};

test('every acknowledged event and every readable line survives kill -9', {timeout: 60_000}, async () => {
  const directory = aDirectory();
  let before = 0;
  for (const acknowledgements of [1, 4, 13, 2, 27, 8]) {
    const last = await killAfter(directory, acknowledgements);
    expect(last.sequence).toBeGreaterThan(before);
    before = last.sequence;
    expectWhole(directory, last);
  }
});

function expectWhole(directory: string, last: Acknowledged): void {
  const history = openHistory({directory, now: () => 1});
  try {
    const events = history.eventsSince(0, 1_000_000);
    expect(events.length).toBeGreaterThanOrEqual(last.sequence);
    expect(events.length % 3).toBe(0);
    expect(events).toEqual(someEvents(1, events.length));
    const {snapshot} = history.load();
    if (snapshot !== undefined) expect(snapshot.state).toEqual({of: snapshot.sequence});

    const build = aBuildRef();
    const {total} = history.logs.read(build, 0, 0);
    expect(total).toBeGreaterThanOrEqual(last.lines);
    const raw = readFileSync(join(directory, 'logs/default/web/1.log'), 'utf8');
    const texts = raw.split('\n').slice(0, total);
    expect(texts.map((text, line) => (text === `line ${line}` ? '' : text)).filter(Boolean)).toEqual([]);
    for (let from = 0; from < total; ) {
      const {lines} = history.logs.read(build, from, 5000);
      expect(lines.map(({text}) => text)).toEqual(texts.slice(from, from + lines.length));
      from += lines.length;
    }
  } finally {
    history.close();
  }
}

/** Runs the writer until it acknowledged so many times, kills it, and gives the last thing it said. */
async function killAfter(directory: string, acknowledgements: number): Promise<Acknowledged> {
  const script = join(import.meta.dirname, 'write-until-killed.ts');
  const writer = spawn(process.execPath, [script, directory], {stdio: ['ignore', 'pipe', 'pipe']});
  let said = '';
  let complaint = '';
  writer.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  writer.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > acknowledgements) writer.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => writer.once('close', (_code, signal) => resolve(signal)));
  expect(complaint).toBe('');
  expect(signal).toBe('SIGKILL');
  return JSON.parse(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1) ?? '') as Acknowledged;
}

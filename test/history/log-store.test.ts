// What the history promises about logs: lines as they came, windows of them, sections, watching.
import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {LogStore, LogWriter} from '../../source/ports/history.ts';
import {aBuildRef, aDirectory, aHistory, bytesOf, thrownBy} from './a-history.ts';

const build = aBuildRef();

describe('lines', () => {
  test('come back with phase, stream, time and attempt', () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 3);
    writer.write('detect', 'stdout', 100, bytesOf('one\ntwo\r\n'));
    writer.write('build', 'stderr', 200, bytesOf('\u001B[31mthree\u001B[0m\n\n'));
    writer.close();
    expect(logs.read(build, 0, 10)).toEqual({
      total: 4,
      complete: true,
      lines: [
        {line: 0, phase: 'detect', stream: 'stdout', at: 100, attempt: 3, text: 'one'},
        {line: 1, phase: 'detect', stream: 'stdout', at: 100, attempt: 3, text: 'two\r'},
        {line: 2, phase: 'build', stream: 'stderr', at: 200, attempt: 3, text: '\u001B[31mthree\u001B[0m'},
        {line: 3, phase: 'build', stream: 'stderr', at: 200, attempt: 3, text: ''},
      ],
    });
  });

  test('that come in pieces are put together, each stream apart, with the time of their first byte', () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 1);
    writer.write('build', 'stdout', 1, bytesOf('out-'));
    writer.write('build', 'stderr', 2, bytesOf('err-'));
    writer.write('build', 'stdout', 3, bytesOf('put\n'));
    writer.write('export', 'stderr', 4, bytesOf('other phase\n'));
    writer.write('build', 'stderr', 5, bytesOf('or\n'));
    writer.close();
    expect(logs.read(build, 0, 10).lines.map(({at, text}) => [at, text])).toEqual([
      [1, 'out-put'],
      [4, 'other phase'],
      [2, 'err-or'],
    ]);
  });

  test('that split a character between two pieces keep it', () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 1);
    for (const byte of bytesOf('żółć 🚀\n')) writer.write('build', 'stdout', 1, Uint8Array.of(byte));
    writer.close();
    expect(texts(logs)).toEqual(['żółć 🚀']);
  });

  test('without a newline at the end count when the log is closed, in the order they began', () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 1);
    writer.write('build', 'stderr', 1, bytesOf('first'));
    writer.write('build', 'stdout', 2, bytesOf('second'));
    writer.close();
    expect(texts(logs)).toEqual(['first', 'second']);
  });

  test('are the same bytes in the file as they were written', () => {
    const directory = aDirectory();
    const {logs} = aHistory({directory});
    const bytes = Buffer.from([0xff, 0xfe, 0x0d, 0x0a, 0x00, 0x1b, 0x5b, 0x0a, 0xc3]);
    writeAll(logs, (writer) => writer.write('build', 'stdout', 1, bytes));
    expect(readFileSync(join(directory, 'logs/default/web/1.log')).equals(bytes)).toBe(true);
    expect(texts(logs)).toEqual(['\uFFFD\uFFFD\r', '\u0000\u001B[', '\uFFFD']);
  });

  test('may be reused memory: the caller can overwrite its buffer after writing', () => {
    const {logs} = aHistory();
    const buffer = Buffer.from('part');
    writeAll(logs, (writer) => {
      writer.write('build', 'stdout', 1, buffer);
      buffer.fill('x');
      writer.write('build', 'stdout', 1, bytesOf('ial\n'));
    });
    expect(texts(logs)).toEqual(['partial']);
  });

  test('of a second attempt follow those of the first', () => {
    const {logs} = aHistory();
    writeAll(logs, (writer) => writer.write('build', 'stdout', 1, bytesOf('first try')));
    const writer = logs.open(build, 2);
    writer.write('prepare', 'slipway', 2, bytesOf('second try\n'));
    writer.close();
    expect(logs.read(build, 0, 9).lines.map(({attempt, text}) => [attempt, text])).toEqual([
      [1, 'first try'],
      [2, 'second try'],
    ]);
  });

  test('are there again in another process', () => {
    const directory = aDirectory();
    const first = aHistory({directory});
    writeAll(first.logs, (writer) => writer.write('build', 'stdout', 1, bytesOf('a\nb\nc')));
    first.close();
    expect(texts(aHistory({directory}).logs)).toEqual(['a', 'b', 'c']);
  });
});

describe('very long lines', () => {
  test.each([
    ['as long as is shown', 64 * 1024, 64 * 1024],
    ['one byte longer', 64 * 1024 + 1, 64 * 1024],
    ['a megabyte', 1024 * 1024, 64 * 1024],
  ])('%s: stay one line and are cut only when read', (_case, length, shown) => {
    const directory = aDirectory();
    const {logs} = aHistory({directory});
    writeAll(logs, (writer) => writer.write('build', 'stdout', 1, bytesOf(`${'x'.repeat(length)}\nnext\n`)));
    const {lines} = logs.read(build, 0, 5);
    expect(lines.map(({text}) => text.length)).toEqual([shown, 4]);
    expect(statSync(join(directory, 'logs/default/web/1.log')).size).toBe(length + 6);
  });

  test('are cut between characters', () => {
    const {logs} = aHistory();
    writeAll(logs, (writer) => writer.write('build', 'stdout', 1, bytesOf(`x${'é'.repeat(40_000)}\n`)));
    const text = logs.read(build, 0, 1).lines[0]?.text ?? '';
    expect(text).toBe(`x${'é'.repeat(32_767)}`);
  });

  test('of more than a megabyte become several lines, so that memory stays bounded', () => {
    const directory = aDirectory();
    const {logs} = aHistory({directory});
    const piece = bytesOf('y'.repeat(300_000));
    writeAll(logs, (writer) => {
      for (let count = 0; count < 10; count++) writer.write('build', 'stdout', count, piece);
      writer.write('build', 'stdout', 11, bytesOf('\nend\n'));
    });
    const {lines, total} = logs.read(build, 0, 9);
    expect(total).toBe(4);
    expect(lines.map(({at}) => at)).toEqual([0, 3, 6, 11]);
    expect(statSync(join(directory, 'logs/default/web/1.log')).size).toBe(3_000_005);
  });
});

describe('a window', () => {
  test.each([
    [0, 2, ['l0', 'l1']],
    [3, 99, ['l3', 'l4']],
    [-2, 99, ['l3', 'l4']],
    [-2, 1, ['l3']],
    [-99, 2, ['l0', 'l1']],
    [5, 3, []],
    [99, 3, []],
    [2, 0, []],
  ])('from %d of %d lines', (from, count, expected) => {
    const {logs} = aHistory();
    writeAll(logs, (writer) => writer.write('build', 'stdout', 1, bytesOf('l0\nl1\nl2\nl3\nl4\n')));
    const window = logs.read(build, from, count);
    expect(window.lines.map(({text}) => text)).toEqual(expected);
    expect(window.total).toBe(5);
  });

  test('of an unknown log is empty and complete', () => {
    const {logs} = aHistory();
    expect(logs.read(build, 0, 10)).toEqual({lines: [], total: 0, complete: true});
    expect(logs.sections(build)).toEqual([]);
  });

  test('holds at most a few megabytes and goes on where it ended', () => {
    const {logs} = aHistory();
    const line = bytesOf(`${'z'.repeat(65_000)}\n`);
    writeAll(logs, (writer) => {
      for (let count = 0; count < 150; count++) writer.write('build', 'stdout', count, line);
    });
    const first = logs.read(build, 0, 150);
    expect(first.lines.length).toBeLessThan(70);
    const next = logs.read(build, first.lines.length, 150);
    expect(next.lines[0]?.line).toBe(first.lines.length);
  });

  test('anywhere in 300,000 lines is what was written there', () => {
    const {logs} = aHistory();
    const total = 300_000;
    writeAll(logs, (writer) => {
      for (let line = 0; line < total; line += 1000) {
        const texts = Array.from({length: 1000}, (_, index) => `line ${line + index}\n`);
        writer.write('build', 'stdout', line, bytesOf(texts.join('')));
      }
    });
    for (const from of [0, 1, 32_767, 32_768, 123_456, total - 3]) {
      const {lines} = logs.read(build, from, 3);
      expect(lines.map(({text}) => text)).toEqual([0, 1, 2].map((index) => `line ${from + index}`));
    }
  });
});

describe('sections', () => {
  test('are where each phase of each attempt begins; a late line of an earlier phase begins none', () => {
    const {logs} = aHistory();
    writeAll(logs, (writer) => {
      writer.write('prepare', 'slipway', 1, bytesOf('a\n'));
      writer.write('build', 'stderr', 1, bytesOf('late'));
      writer.write('build', 'stdout', 1, bytesOf('b\nc\n'));
      writer.write('export', 'stdout', 1, bytesOf('d\n'));
      writer.write('build', 'stderr', 1, bytesOf('r\n'));
    });
    const writer = logs.open(build, 2);
    writer.write('prepare', 'slipway', 1, bytesOf('e\n'));
    writer.close();
    expect(logs.sections(build)).toEqual([
      {phase: 'prepare', attempt: 1, line: 0},
      {phase: 'build', attempt: 1, line: 1},
      {phase: 'export', attempt: 1, line: 3},
      {phase: 'prepare', attempt: 2, line: 5},
    ]);
  });
});

describe('watching', () => {
  test('tells of new lines and of the end, and what it tells of can be read', async () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 1);
    const seen = nextTold(logs);
    writer.write('build', 'stdout', 1, bytesOf('one\n'));
    expect(logs.read(build, 0, 9).complete).toBe(false);
    await seen;
    expect(texts(logs)).toEqual(['one']);
    const ended = nextTold(logs);
    writer.close();
    await ended;
    expect(logs.read(build, 0, 9).complete).toBe(true);
  });

  test('tells of many changes a few times only', async () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 1);
    let told = 0;
    const began = performance.now();
    const all = new Promise<void>((resolve) => {
      logs.watch(build, () => {
        told += 1;
        if (logs.read(build, -1, 1).lines[0]?.text === 'last') resolve();
      });
    });
    const chunk = bytesOf('a line of some length\n'.repeat(4000));
    for (let count = 0; count < 100; count++) {
      writer.write('build', 'stdout', count, chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    writer.write('build', 'stdout', 1, bytesOf('last\n'));
    await all;
    expect(told).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - began) / 50));
    writer.close();
  });

  test('tells nothing after it was stopped', async () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 1);
    const stop = logs.watch(build, () => {
      throw new Error('told after stopping');
    });
    stop();
    const told = nextTold(logs);
    writer.write('build', 'stdout', 1, bytesOf('one\n'));
    await told;
    writer.close();
  });
});

describe('the store', () => {
  test('refuses a second writer, writing after the end, and removing what is written', () => {
    const {logs} = aHistory();
    const writer = logs.open(build, 1);
    expect(thrownBy(() => logs.open(build, 2))).toMatchObject({kind: 'busy'});
    expect(thrownBy(() => logs.remove(build))).toMatchObject({kind: 'busy'});
    writer.close();
    expect(thrownBy(() => writer.write('build', 'stdout', 1, bytesOf('x')))).toMatchObject({kind: 'closed'});
    writer.close();
  });

  test('removes a log with its index and leaves the others', () => {
    const directory = aDirectory();
    const {logs} = aHistory({directory});
    for (const number of [1, 2]) {
      const writer = logs.open(aBuildRef(number), 1);
      writer.write('build', 'stdout', 1, bytesOf(`of ${number}\n`));
      writer.close();
    }
    logs.remove(aBuildRef(1));
    expect(logs.read(aBuildRef(1), 0, 9)).toEqual({lines: [], total: 0, complete: true});
    expect(logs.read(aBuildRef(2), 0, 9).total).toBe(1);
    logs.remove(aBuildRef(2));
    logs.remove(aBuildRef(2));
    expect(existsSync(join(directory, 'logs/default/web'))).toBe(false);
  });

  test.each([
    [{namespace: '..', image: 'web', number: 1}],
    [{namespace: 'default', image: '../../etc', number: 1}],
    [{namespace: 'default', image: 'web', number: 0}],
    [{namespace: 'default', image: 'web', number: 1.5}],
  ])('refuses %j as the name of a build', (ref) => {
    const {logs} = aHistory();
    expect(thrownBy(() => logs.open(ref, 1))).toMatchObject({kind: 'invalid'});
    expect(thrownBy(() => logs.read(ref, 0, 1))).toMatchObject({kind: 'invalid'});
  });

  test('closes what is still written when the history closes', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    history.logs.open(build, 1).write('build', 'stdout', 1, bytesOf('no newline'));
    history.close();
    expect(texts(aHistory({directory}).logs)).toEqual(['no newline']);
  });
});

describe('after a crash', () => {
  const log = 'logs/default/web/1.log';
  const index = 'logs/default/web/1.index';
  const header = 16;
  const record = 16;

  test.each<[string, (directory: string) => void, readonly string[]]>([
    ['the index is complete', () => undefined, ['one', 'two', 'three']],
    ['the index lost its last record', (at) => cut(at, index, header + 2 * record), ['one', 'two', 'three']],
    ['the index ends in half a record', (at) => cut(at, index, header + 2 * record + 5), ['one', 'two', 'three']],
    ['the index is gone', (at) => cut(at, index, 0), ['one', 'two', 'three']],
    ['the index ends in zeros', (at) => zero(at, index, header + record), ['one', 'two', 'three']],
    ['the log lost its last line', (at) => cut(at, log, 8), ['one', 'two']],
    ['the log ends in half a line', (at) => cut(at, log, 10), ['one', 'two', 'th']],
    ['the log is empty', (at) => cut(at, log, 0), []],
    ['the index belongs to nothing', (at) => writeFileSync(join(at, index), 'something else'), ['one', 'two', 'three']],
  ])('%s: the index says what the log holds, and writing goes on', (_case, damage, expected) => {
    const directory = aDirectory();
    const first = aHistory({directory});
    writeAll(first.logs, (writer) => writer.write('build', 'stderr', 7, bytesOf('one\ntwo\nthree\n')));
    first.close();
    damage(directory);
    const {logs} = aHistory({directory});
    expect(texts(logs)).toEqual(expected);
    const writer = logs.open(build, 2);
    writer.write('export', 'stdout', 9, bytesOf('more\n'));
    writer.close();
    expect(texts(logs)).toEqual([...expected, 'more']);
    expect(statSync(join(directory, index)).size).toBe(header + (expected.length + 1) * record);
  });

  test('lines without a record take the phase and stream of the line before them', () => {
    const directory = aDirectory();
    const first = aHistory({directory});
    writeAll(first.logs, (writer) => writer.write('build', 'stderr', 7, bytesOf('one\ntwo\n')));
    first.close();
    cut(directory, index, header + record);
    expect(aHistory({directory}).logs.read(build, 1, 1).lines).toEqual([
      {line: 1, phase: 'build', stream: 'stderr', at: 7, attempt: 1, text: 'two'},
    ]);
  });
});

function writeAll(logs: LogStore, write: (writer: LogWriter) => void): void {
  const writer = logs.open(build, 1);
  write(writer);
  writer.close();
}

function texts(logs: LogStore): readonly string[] {
  return logs.read(build, 0, 1000).lines.map(({text}) => text);
}

/** Resolves when a watcher is told next. */
function nextTold(logs: LogStore): Promise<void> {
  return new Promise((resolve) => {
    const stop = logs.watch(build, () => {
      stop();
      resolve();
    });
  });
}

function cut(directory: string, file: string, size: number): void {
  writeFileSync(join(directory, file), readFileSync(join(directory, file)).subarray(0, size));
}

function zero(directory: string, file: string, from: number): void {
  const bytes = readFileSync(join(directory, file));
  writeFileSync(join(directory, file), bytes.fill(0, from));
}

// Searching a log away from the controller's thread, finding a time in it, and remembering where buildpacks begin.
import {appendFileSync, existsSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {History, LogQuery} from '../../source/ports/history.ts';
import {HistoryError} from '../../source/history/history-error.ts';
import {foldsCase} from '../../source/history/log-matcher.ts';
import {aBuildRef, aDirectory, aHistory, bytesOf} from './a-history.ts';

const build = aBuildRef();

function withLog(text: string): History {
  const history = aHistory();
  const log = history.logs.open(build, 1);
  log.write('build', 'stdout', 1000, bytesOf(text));
  log.close();
  return history;
}

async function found(history: History, query: LogQuery, limit = 1000): Promise<readonly number[]> {
  const lines: number[] = [];
  for (let from = 0; ; ) {
    const page = await history.logs.search(build, query, from, limit);
    expect(page.lines.length).toBeLessThanOrEqual(limit);
    lines.push(...page.lines);
    if (page.searched >= page.total) return lines;
    expect(page.searched).toBeGreaterThan(from);
    from = page.searched;
  }
}

describe('a search', () => {
  const text = [
    'Installing node',
    'nothing here',
    'ERROR: no such file',
    'an \u001B[31merr\u001B[0mor in colours',
    'Überraschung',
    'a [31m that is text',
    'path C:\\temp',
  ].join('\n');

  test.each<readonly [string, LogQuery, readonly number[]]>([
    ['finds a text in any case', {pattern: 'error'}, [2, 3]],
    ['minds the case when the pattern has a capital letter', {pattern: 'ERROR'}, [2]],
    ['finds what stands across an escape, and nothing inside one', {pattern: '[31m'}, [5]],
    ['folds letters beyond ASCII', {pattern: 'überr'}, [4]],
    ['takes every character of a text as itself', {pattern: 'c:\\t'}, [6]],
    ['finds nothing that spans two lines', {pattern: 'node\nnothing'}, []],
    ['reads an expression when asked', {pattern: '^(installing|nothing)\\b', regex: true}, [0, 1]],
    ['anchors at the ends of each line', {pattern: 'node$', regex: true}, [0]],
    ['does not take classes of an expression for capital letters', {pattern: '\\Svery|\\Sode', regex: true}, [0]],
    ['finds nothing for an empty pattern', {pattern: ''}, []],
  ])('%s', async (_what, query, lines) => {
    expect(await found(withLog(text), query)).toEqual(lines);
  });

  test('is answered in pages that together miss nothing and tell nothing twice', async () => {
    const history = withLog(Array.from({length: 70_000}, (_, line) => `line ${line}\n`).join(''));
    const wanted = Array.from({length: 70_000}, (_, line) => line).filter((line) => String(line).includes('7'));
    expect(await found(history, {pattern: '7'}, 1000)).toEqual(wanted);
  });

  test('finds a text in a line of a megabyte', async () => {
    expect(await found(withLog(`first\n${'x'.repeat(1_000_000)}needle\nlast`), {pattern: 'needle'})).toEqual([1]);
  });

  test('of a log that is being written reaches what was written until now', async () => {
    const history = aHistory();
    const log = history.logs.open(build, 1);
    log.write('build', 'stdout', 1000, bytesOf('one match\n'));
    await new Promise<void>((resolve) => history.logs.watch(build, resolve));
    expect(await found(history, {pattern: 'match'})).toEqual([0]);
    log.close();
  });

  test('with an expression that is none is refused in words', async () => {
    const search = withLog('x').logs.search(build, {pattern: '(', regex: true}, 0, 10);
    await expect(search).rejects.toThrow(/expected a regular expression, got "\("/);
    await expect(search).rejects.toBeInstanceOf(HistoryError);
  });

  test('with an expression without an end is given up, and the next search works', async () => {
    const history = withLog(`${'a'.repeat(40)}!\n`);
    const endless = history.logs.search(build, {pattern: '(a+)+$', regex: true}, 0, 10);
    await expect(endless).rejects.toThrow(/takes too long/);
    expect(await found(history, {pattern: 'aaa'})).toEqual([0]);
  });
});

test.each([
  ['error', false, true],
  ['Error', false, false],
  ['\\Serror\\p{Lu}', true, true],
  ['\\SError', true, false],
])('whether the case of %s counts', (pattern, regex, folds) => {
  expect(foldsCase(pattern, regex)).toBe(folds);
});

test('the line of a time is the first that came then or later', () => {
  const history = aHistory();
  const log = history.logs.open(build, 1);
  for (let line = 0; line < 100; line++) log.write('build', 'stdout', 1000 + line * 10, bytesOf(`${line}\n`));
  log.close();
  expect([0, 1000, 1001, 1505, 1990, 5000].map((at) => history.logs.lineAt(build, at))).toEqual([0, 0, 1, 51, 99, 100]);
});

describe('the sections of buildpacks', () => {
  const write = (history: History, attempt: number): void => {
    const log = history.logs.open(build, attempt);
    log.write('detect', 'stdout', 1, bytesOf('group\n'));
    log.section('build', 2, 'sample/node@1');
    log.write('build', 'stdout', 3, bytesOf('a\nb\n'));
    log.section('build', 4, 'sample/npm@2');
    log.write('build', 'stdout', 5, bytesOf('c\n'));
    log.close();
  };

  test('stand among those of the phases, also when the log is read again', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    write(history, 1);
    const sections = [
      {phase: 'detect', attempt: 1, line: 0},
      {phase: 'build', attempt: 1, line: 1},
      {phase: 'build', attempt: 1, line: 1, buildpack: 'sample/node@1', at: 2},
      {phase: 'build', attempt: 1, line: 3, buildpack: 'sample/npm@2', at: 4},
    ];
    expect(history.logs.sections(build)).toEqual(sections);
    history.close();
    expect(aHistory({directory}).logs.sections(build)).toEqual(sections);
  });

  test('of lines that a crash took are forgotten before the next attempt', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    write(history, 1);
    const file = join(directory, 'logs/default/web/1.sections');
    appendFileSync(file, '{"phase":"build","attempt":1,"line":99,"buildpack":"lost@1","at":6}\n{"phase":');
    const log = history.logs.open(build, 2);
    for (let line = 0; line < 200; line++) log.write('build', 'stdout', 7, bytesOf('x\n'));
    log.close();
    expect(history.logs.sections(build).map(({buildpack}) => buildpack)).not.toContain('lost@1');
    history.logs.remove(build);
    expect(existsSync(file)).toBe(false);
  });
});

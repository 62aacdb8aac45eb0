// The rows of a log's viewport: what stands on them, in which order, and how a place moves through them.
import fc from 'fast-check';
import stripAnsi from 'strip-ansi';
import {describe, expect, test} from 'vitest';
import type {LogLine, LogSection} from '../../source/ui/client-types.ts';
import {foldedOutline} from '../../source/ui/log/log-outline.ts';
import {createLogPainter, type LogStyle} from '../../source/ui/log/log-painter.ts';
import {logParts} from '../../source/ui/log/log-parts.ts';
import {endPlace, type LogRowsWish, logRows, placeOf, stepPlace} from '../../source/ui/log/log-rows.ts';
import {firstLogView} from '../../source/ui/log/log-view.ts';
import {textWidth} from '../../source/ui/primitives/fit-text.ts';
import {makeTheme} from '../../source/ui/theme/make-theme.ts';

const theme = makeTheme({colorDepth: 24});

type Wish = Partial<LogStyle> &
  Partial<Pick<LogRowsWish, 'place' | 'hit' | 'mark' | 'height'>> & {
    readonly sections?: readonly LogSection[];
    readonly folds?: Readonly<Record<string, boolean>>;
  };

function wished(texts: readonly string[], wish: Wish = {}): LogRowsWish {
  const {sections = [], folds = {}, height = 10, place, hit, mark, ...style} = wish;
  const lines = texts.map((text, line) => lineOf(line, text));
  const view = {...firstLogView, folds};
  const parts = logParts({sections, total: lines.length, build: undefined, view, autoFold: true});
  const painter = createLogPainter({
    width: 40,
    wrap: false,
    times: false,
    query: undefined,
    theme,
    colours: true,
    ...style,
  });
  const outline = foldedOutline(lines.length, parts);
  return {outline, painter, line: (index) => lines[index], height, place, hit, mark};
}

function lineOf(line: number, text: string): LogLine {
  return {line, text, phase: 'build', stream: 'stdout', at: 0, attempt: 1};
}

/** Rows without colours, margin and rules. */
function texts(wish: LogRowsWish): readonly string[] {
  return logRows(wish).rows.map((row) => stripAnsi(row).slice(1).replace(/ ─+$/, ''));
}

const fifty = Array.from({length: 50}, (_, line) => `line ${line}`);

describe('the rows of a log', () => {
  test('end with the last line while following', () => {
    const {from, to} = logRows(wished(fifty));
    expect(texts(wished(fifty)).at(-1)).toBe('line 49');
    expect([from, to]).toEqual([40, 50]);
  });

  test('begin with the top line while paused', () => {
    expect(texts(wished(fifty, {place: {top: 7, skip: 0}}))[0]).toBe('line 7');
  });

  test('fill the viewport when the place is too near to the end', () => {
    expect(texts(wished(fifty, {place: {top: 48, skip: 0}}))[0]).toBe('line 40');
  });

  test('are never more than fit, nor wider, wrapped or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({unit: 'grapheme', maxLength: 120}), {minLength: 1, maxLength: 30}),
        fc.boolean(),
        fc.boolean(),
        fc.integer({min: 12, max: 60}),
        (all, wrap, times, width) => {
          const {rows} = logRows(wished(all, {wrap, times, width}));
          expect(rows.length).toBeLessThanOrEqual(10);
          for (const row of rows) expect(textWidth(row)).toBeLessThanOrEqual(width + 1);
        },
      ),
      {numRuns: 300},
    );
  });

  test('hold every character of a wrapped line', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme-ascii', minLength: 1, maxLength: 300}), (text) => {
        const rows = texts(wished([text], {wrap: true, width: 13, height: 100}));
        expect(rows.join('')).toBe(text);
      }),
      {numRuns: 200},
    );
  });

  test('carry the colour of a line on to its next row', () => {
    const {rows} = logRows(wished(['\u001B[31mabcdefgh\u001B[0mij'], {wrap: true, width: 4}));
    expect(rows).toEqual([' \u001B[31mabcd\u001B[0m', ' \u001B[31mefgh\u001B[0m', ' ij\u001B[0m']);
  });

  test('mark matches in any case without changing the text', () => {
    const wish = wished(fifty, {place: {top: 1, skip: 0}, query: {pattern: 'line 1', regex: false}, hit: 10});
    expect(logRows(wish).rows[0]).not.toBe(' line 1');
    expect(texts(wish)[0]).toBe('line 1');
  });

  test('put a heading above the first line of each phase and buildpack', () => {
    const sections = [
      {phase: 'detect', attempt: 1, line: 3},
      {phase: 'build', attempt: 2, line: 5},
      {phase: 'build', attempt: 2, line: 5, buildpack: 'a/b@1'},
    ] as const;
    expect(texts(wished(fifty, {sections, place: {top: 2, skip: 0}}))).toEqual([
      'line 2',
      '===> DETECT',
      'line 3',
      'line 4',
      '===> BUILD (attempt 2)',
      '---> a/b@1',
      ...[5, 6, 7, 8].map((line) => `line ${line}`),
    ]);
  });

  test('draw a heading that the log brings as a rule, and not twice', () => {
    const sections = [{phase: 'build', attempt: 1, line: 0}] as const;
    expect(texts(wished(['\u001B[36m===> BUILD\u001B[0m', 'x'], {sections}))).toEqual(['===> BUILD', 'x']);
  });

  test('stand for a folded part with one line that says what is in it', () => {
    const sections = [
      {phase: 'detect', attempt: 1, line: 0},
      {phase: 'build', attempt: 1, line: 10},
    ] as const;
    const rows = texts(wished(fifty, {sections, folds: {'1/detect': true}, place: {top: 0, skip: 0}}));
    expect(rows.slice(0, 3)).toEqual(['◐ DETECT · 10 lines', '===> BUILD', 'line 10']);
  });

  test('show the mark beside the marked line only', () => {
    const {rows} = logRows(wished(fifty, {place: {top: 4, skip: 0}, mark: 5}));
    expect(rows.map((row) => stripAnsi(row)[0])).toEqual([' ', '▌', ...Array.from({length: 8}, () => ' ')]);
  });

  test('say that a line is not here yet', () => {
    const wish = {...wished(fifty), line: () => undefined};
    expect(texts(wish)).toEqual(Array.from({length: 10}, () => '…'));
  });
});

describe('a place', () => {
  const long = ['a'.repeat(100), 'b', 'c'.repeat(45), ...fifty];
  const wish = wished(long, {wrap: true, width: 20, height: 6});

  test('moves by rows, through the rows of a wrapped line', () => {
    expect(stepPlace(wish, {top: 0, skip: 0}, 3)).toEqual({top: 0, skip: 3});
    expect(stepPlace(wish, {top: 0, skip: 3}, 4)).toEqual({top: 2, skip: 1});
    expect(stepPlace(wish, {top: 2, skip: 1}, -3)).toEqual({top: 0, skip: 4});
  });

  test('ends where the last row is at the bottom', () => {
    expect(endPlace(wish)).toEqual({top: 47, skip: 0});
    expect(stepPlace(wish, {top: 46, skip: 0}, 2)).toBe('end');
    expect(stepPlace(wish, {top: 3, skip: 0}, Infinity)).toBe('end');
  });

  test('goes to the first row and no further', () => {
    expect(stepPlace(wish, {top: 3, skip: 0}, -1000)).toEqual({top: 0, skip: 0});
    expect(stepPlace(wish, {top: 3, skip: 0}, -Infinity)).toEqual({top: 0, skip: 0});
  });

  test('shows a line with rows above it', () => {
    expect(placeOf(wish, 2, 2)).toEqual({top: 0, skip: 4});
  });

  test('steps down and back up to where it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({min: 0, max: 90}), {minLength: 30, maxLength: 40}),
        fc.integer({min: 1, max: 20}),
        (lengths, step) => {
          const space = wished(
            lengths.map((length) => 'x'.repeat(length)),
            {wrap: true, width: 20, height: 5},
          );
          const start = {top: 0, skip: 0};
          const down = stepPlace(space, start, step);
          if (down !== 'end') expect(stepPlace(space, down, -step)).toEqual(start);
        },
      ),
    );
  });
});

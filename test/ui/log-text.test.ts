// What a buildpack prints is hostile until it has been cleaned.
import fc from 'fast-check';
import stripAnsi from 'strip-ansi';
import {describe, expect, test} from 'vitest';
import type {LogLine} from '../../source/ui/client-types.ts';
import {textWidth} from '../../source/ui/primitives/fit-text.ts';
import {makeTheme} from '../../source/ui/theme/make-theme.ts';
import {type LogWish, logRows} from '../../source/ui/view-models/log-rows.ts';
import {cleanLogText} from '../../source/ui/view-models/log-text.ts';

describe('a cleaned line', () => {
  test.each([
    ['keeps plain text', 'hello', 'hello'],
    ['keeps colours and ends them', '\u001B[31mred', '\u001B[31mred\u001B[0m'],
    ['loses cursor moves', 'a\u001B[10;10Hb\u001B[2Jc\u001B[Kd', 'abcd'],
    ['loses the alternate screen', '\u001B[?1049lx\u001B[?25h', 'x'],
    ['loses titles', '\u001B]0;owned\u0007x', 'x'],
    ['loses clipboard writes', '\u001B]52;c;ZXZpbA==\u001B\\x', 'x'],
    ['loses an unfinished string', 'x\u001B]0;never ends', 'x'],
    ['loses device control strings', '\u001BPq#0\u001B\\x', 'x'],
    ['loses eight-bit controls', 'a\u009B2Jb\u0090q\u009Cc', 'abc'],
    ['loses bells and backspaces', 'a\u0007\u0008b', 'ab'],
    ['loses what turns text around', 'a\u202Eb\u2066c', 'abc'],
    ['loses what nobody sees', 'a\u200Bb\u00ADc', 'abc'],
    ['keeps what a carriage return leaves', 'progress 100%\rdone', 'doneress 100%'],
    ['keeps the last of several carriage returns', '10%\r20%\r30%', '30%'],
    ['is whole when the carriage return stands at the end', 'windows\r', 'windows'],
    ['has spaces for tabs', 'a\tb', 'a       b'],
  ])('%s', (_case, raw, clean) => {
    expect(cleanLogText(raw, true)).toBe(clean);
  });

  test('has no colours when there are none', () => {
    expect(cleanLogText('\u001B[31mred\u001B[0m', false)).toBe('red');
  });

  test('says how much of an endless line is not shown', () => {
    expect(cleanLogText('x'.repeat(1024 * 1024), true)).toMatch(/x … \+1016 KB$/);
  });

  test('holds nothing that a terminal acts on but colours, whatever came', () => {
    const piece = fc.oneof(
      fc.string({unit: 'binary', maxLength: 12}),
      fc.constantFrom(
        '\u001B',
        '\u001B[',
        '\u001B]',
        '\u009B',
        '\u0007',
        '\u001B\\',
        '\r',
        '\t',
        '2J',
        ';',
        'm',
        '52;c;',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 20}), (pieces) => {
        const clean = cleanLogText(pieces.join(''), true);
        const left = clean.replaceAll(/\u001B\[[\d;:]*m/g, '');
        return !/[\u0000-\u001F\u007F-\u009F]/.test(left);
      }),
      {numRuns: 3000},
    );
  });
});

describe('the rows of a log', () => {
  const theme = makeTheme({colorDepth: 24});
  const lines = Array.from({length: 50}, (_, line) => lineOf(line, `line ${line}`));
  const wish = (change: Partial<LogWish>): LogWish => ({
    total: lines.length,
    line: (index) => lines[index],
    sections: [],
    width: 40,
    height: 10,
    follow: true,
    top: 0,
    wrap: false,
    times: false,
    query: '',
    theme,
    colours: true,
    ...change,
  });

  test('end with the last line while following', () => {
    const {rows, from, to} = logRows(wish({}));
    expect(rows.at(-1)).toBe('line 49');
    expect([from, to]).toEqual([40, 50]);
  });

  test('begin with the top line while paused', () => {
    expect(logRows(wish({follow: false, top: 7})).rows[0]).toBe('line 7');
  });

  test('are never more than fit, nor wider, wrapped or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({unit: 'grapheme', maxLength: 120}), {minLength: 1, maxLength: 30}),
        fc.boolean(),
        fc.boolean(),
        fc.integer({min: 12, max: 60}),
        (texts, wrap, times, width) => {
          const shown = texts.map((text, line) => lineOf(line, text));
          const {rows} = logRows(wish({total: shown.length, line: (at) => shown[at], wrap, times, width}));
          expect(rows.length).toBeLessThanOrEqual(10);
          for (const row of rows) expect(textWidth(row)).toBeLessThanOrEqual(width);
        },
      ),
      {numRuns: 300},
    );
  });

  test('mark matches in any case without changing the text', () => {
    const {rows} = logRows(wish({follow: false, top: 1, query: 'LINE 1', hit: 10}));
    expect(rows[0]).not.toBe('line 1');
    expect(rows.map((row) => stripAnsi(row))[0]).toBe('line 1');
  });

  test('put a heading above the first line of each phase', () => {
    const sections = [
      {phase: 'detect', attempt: 1, line: 3},
      {phase: 'build', attempt: 2, line: 5},
    ] as const;
    const {rows} = logRows(wish({sections, follow: false, top: 2}));
    expect(rows.map((row) => stripAnsi(row).replace(/ ─+$/, ''))).toEqual([
      'line 2',
      '===> DETECT',
      'line 3',
      'line 4',
      '===> BUILD (attempt 2)',
      ...[5, 6, 7, 8, 9].map((line) => `line ${line}`),
    ]);
  });

  test('draw a heading that the log brings as a rule', () => {
    const {rows} = logRows(wish({total: 1, line: () => lineOf(0, '\u001B[36m===> BUILD\u001B[0m')}));
    expect(stripAnsi(rows[0] ?? '')).toMatch(/^===> BUILD ─+$/);
  });

  test('hold a place for lines that are still being fetched', () => {
    expect(logRows(wish({line: () => undefined})).rows).toHaveLength(10);
  });
});

function lineOf(line: number, text: string): LogLine {
  return {line, phase: 'build', stream: 'stdout', at: 0, attempt: 1, text};
}

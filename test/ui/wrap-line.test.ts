// Long lines are read whole: a sentence goes on in the next row, a value under itself.
import {expect, test} from 'vitest';
import {span} from '../../source/ui/view-models/spans.ts';
import {wrapLine} from '../../source/ui/view-models/wrap-line.ts';

const words = (line: Parameters<typeof wrapLine>[0], width: number) =>
  wrapLine(line, width).map((row) => row.map(({text}) => text).join(''));

test.each([
  ['a line that fits stays as it is', [span('short')], 20, ['short']],
  ['a sentence goes on', [span('build 1 failed and waits')], 16, ['build 1 failed', 'and waits']],
  [
    'a value stays under itself',
    [span('state      '), span('failed: it waits for a commit')],
    30,
    ['state      failed: it waits', '           for a commit'],
  ],
  [
    'what belongs to a value comes below it',
    [span('BUILDPACK '), span('- sample/procfile@1.0.0'), span('  no longer in the builder')],
    40,
    ['BUILDPACK - sample/procfile@1.0.0', '          no longer in the builder'],
  ],
  [
    'a digest longer than a row is broken',
    [span('digest      '), span('x'.repeat(40))],
    32,
    [`digest      ${'x'.repeat(20)}`, `            ${'x'.repeat(20)}`],
  ],
  [
    'a word that would fit without the space before it goes on below',
    [span('1 '), span('What'), span(' happens'), span(' to'), span(' each')],
    16,
    ['1 What happens', '  to each'],
  ],
  [
    'where the name leaves no room the line stays',
    [span('a long name '), span('and a value')],
    20,
    ['a long name and a value'],
  ],
] as const)('%s', (_what, line, width, rows) => {
  expect(words(line, width)).toEqual(rows);
});

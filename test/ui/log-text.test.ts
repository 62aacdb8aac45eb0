// What a buildpack prints is hostile until it has been cleaned.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {cleanLogText} from '../../source/ui/view-models/log-text.ts';

describe('a cleaned line', () => {
  test.each([
    ['keeps plain text', 'hello', 'hello'],
    ['keeps colours and ends them', '\u001B[31mred', '\u001B[31mred\u001B[0m'],
    ['loses cursor moves', 'a\u001B[10;10Hb\u001B[2Jc\u001B[Kd', 'abcd'],
    ['loses the alternate screen', '\u001B[?1049lx\u001B[?25h', 'x'],
    ['loses titles', '\u001B]0;owned\u0007x', 'x'],
    [
      'keeps a link to a web page and ends it',
      '\u001B]8;id=1;https://a.b/c\u001B\\x',
      '\u001B]8;;https://a.b/c\u0007x\u001B]8;;\u0007\u001B[0m',
    ],
    [
      'loses a link to anything else',
      '\u001B]8;;file:///etc/passwd\u0007x\u001B]8;;\u0007',
      'x\u001B]8;;\u0007\u001B[0m',
    ],
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

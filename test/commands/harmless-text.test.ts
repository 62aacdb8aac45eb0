// What resources, registries and engines say may be read on a terminal, not steer it.
import {expect, test} from 'vitest';
import {harmlessLine, harmlessText} from '../../source/commands/harmless-text.ts';

test.each([
  ['plain lines and tabs', 'a\tb\nü 漢\n', 'a\tb\nü 漢\n'],
  ['colours', '\u001b[1;31mred\u001b[0m', '\u001b[1;31mred\u001b[0m'],
  ['a cleared screen', 'a\u001b[2Jb', 'ab'],
  ['a moved cursor by an eight-bit control', 'a\u009b5Ab', 'ab'],
  ['a window name', 'a\u001b]0;title\u0007b', 'ab'],
  ['a clipboard', 'a\u001b]52;c;ZXZpbA==\u001b\\b', 'ab'],
  ['a device string', 'a\u001bP1$r0m\u001b\\b', 'ab'],
  ['a line written over', 'honest\rforged', 'honestforged'],
  ['a bell, a backspace, a delete', 'a\u0007\b\u007fb', 'ab'],
  ['an escape at the end', 'a\u001b', 'a'],
])('%s', (_what, text, shown) => {
  expect(harmlessText(text)).toBe(shown);
});

test('a line of progress is written over, from its beginning only', () => {
  expect(harmlessLine('\r\u001b[K1 of 2\r\u001b[Kforged')).toBe('\r\u001b[K1 of 2forged');
});

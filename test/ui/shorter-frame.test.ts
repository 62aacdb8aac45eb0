// Fewer bytes, the same screen: whatever is written, a terminal shows the same cells.
import xterm from '@xterm/headless';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {shorterFrame} from '../../source/ui/terminal/shorter-frame.ts';

const style = fc.constantFrom(
  '38;2;1;2;3',
  '39',
  '48;5;9',
  '49',
  '1',
  '2',
  '22',
  '3',
  '23',
  '4',
  '24',
  '7',
  '27',
  '0',
  '91',
  '1;38;2;9;9;9',
  '',
);
const piece = fc.oneof(
  style.map((codes) => `\u001B[${codes}m`),
  style.map((codes) => `\u001B[${codes}m`),
  fc.constantFrom('a', 'bc ', '\u001B[E', '\u001B[K'),
);

async function cellsOf(text: string): Promise<string> {
  const terminal = new xterm.Terminal({cols: 20, rows: 6, allowProposedApi: true});
  await new Promise<void>((resolve) => terminal.write(`${text}end`, resolve));
  const cells = Array.from({length: 6}, (_, y) =>
    Array.from({length: 20}, (_, x) => {
      const cell = terminal.buffer.active.getLine(y)?.getCell(x);
      return [
        cell?.getChars(),
        cell?.getFgColorMode(),
        cell?.getFgColor(),
        cell?.getBgColorMode(),
        cell?.getBgColor(),
        cell?.isBold(),
        cell?.isDim(),
        cell?.isItalic(),
        cell?.isUnderline(),
        cell?.isInverse(),
      ].join();
    }),
  );
  terminal.dispose();
  return JSON.stringify(cells);
}

test('a shorter frame shows the same cells', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, {maxLength: 30}), async (pieces) => {
      const frame = pieces.join('');
      const short = shorterFrame(frame);
      expect(short.length).toBeLessThanOrEqual(frame.length);
      expect(await cellsOf(short)).toBe(await cellsOf(frame));
    }),
    {numRuns: 300},
  );
});

test('colours without characters cost nothing', () => {
  expect(shorterFrame('\u001B[38;2;1;2;3m\u001B[39m\u001B[1m\u001B[22m\u001B[31mx\u001B[E\u001B[E\u001B[E')).toBe(
    '\u001B[22;31mx\u001B[3E',
  );
});

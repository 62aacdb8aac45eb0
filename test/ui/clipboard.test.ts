// Where copied text goes, and how it gets past what stands between.
import {expect, test} from 'vitest';
import {clipboardLimit, copyText, wrapped} from '../../source/ui/terminal/clipboard.ts';

test('text is copied natively where there is a clipboard', async () => {
  const copied: string[] = [];
  const copy = (text: string) => Promise.resolve(copied.push(text) > 0);
  expect(await copyText('hello', {copy}, () => expect.unreachable())).toBe('copied to the clipboard');
  expect(copied).toEqual(['hello']);
});

test('text is copied through the terminal where there is none, in UTF-8', async () => {
  const written: string[] = [];
  const copy = () => Promise.resolve(false);
  await copyText('größe 構', {copy}, (sequence) => void written.push(sequence));
  const [, encoded = ''] = /^\u001B\]52;c;(.*)\u0007$/.exec(written.join('')) ?? [];
  expect(Buffer.from(encoded, 'base64').toString('utf8')).toBe('größe 構');
});

test.each([
  [(clipboardLimit / 4) * 3 - 2, 'through the terminal'],
  [clipboardLimit, 'saved as /saved/copied.txt'],
])('text of %i bytes is copied as far as terminals take it, else to a file', async (length, where) => {
  const save = (name: string) => Promise.resolve(`/saved/${name}`);
  expect(await copyText('x'.repeat(Math.floor(length)), {save}, () => undefined)).toContain(where);
});

test('what is copied is wrapped for tmux and cut in pieces for screen', () => {
  expect(wrapped('\u001B]52;c;eA==\u0007', 'tmux')).toBe('\u001BPtmux;\u001B\u001B]52;c;eA==\u0007\u001B\\');
  const pieces = wrapped('x'.repeat(2000), 'screen').split('\u001B\\').slice(0, -1);
  expect(pieces.every((piece) => piece.startsWith('\u001BP') && piece.length < 768)).toBe(true);
  expect(wrapped('plain', undefined)).toBe('plain');
});

// What the bundled program changes in how frames are put together gives the same frames, cell for cell and colour for colour.
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {cheaperFrames} from '../../scripts/build/cheaper-frames.ts';
import {LateSegmenter} from '../../scripts/build/late-segmenter.ts';

type Drawing = {
  write: (x: number, y: number, text: string, options: {readonly transformers: readonly []}) => void;
  clip: (clip: Readonly<Record<'x1' | 'x2' | 'y1' | 'y2', number>>) => void;
  unclip: () => void;
  get: () => {readonly output: string; readonly height: number};
};
type DrawingClass = new (size: {readonly width: number; readonly height: number}) => Drawing;

const packaged = path.resolve(import.meta.dirname, '../../node_modules/ink/build/output.js');

async function cheaper(): Promise<DrawingClass> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-frames-'));
  try {
    const outfile = path.join(folder, 'output.mjs');
    await build({
      entryPoints: [packaged],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      plugins: [cheaperFrames()],
    });
    return ((await import(pathToFileURL(outfile).href)) as {readonly default: DrawingClass}).default;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

const piece = fc.constantFrom(
  'plain',
  '│ ✓ row ▌',
  '構築',
  '👩‍👩‍👧‍👦',
  'e\u0301',
  ' ',
  '\u001B[31mred\u001B[39m',
  '\u001B[1m\u001B[38;2;1;2;3mboth\u001B[22m\u001B[39m',
  '\u001B[48;5;7m  \u001B[49m',
  '\n',
);
const write = fc.record({
  x: fc.integer({min: 0, max: 24}),
  y: fc.integer({min: 0, max: 6}),
  text: fc.array(piece, {maxLength: 6}).map((pieces) => pieces.join('')),
});
const frame = fc.record({
  width: fc.integer({min: 1, max: 30}),
  height: fc.integer({min: 1, max: 6}),
  writes: fc.array(write, {maxLength: 8}),
  clipped: fc.boolean(),
});

test('a frame of the bundled program is the frame that the packages as they are would draw', async () => {
  const {default: asPackaged} = (await import(pathToFileURL(packaged).href)) as {readonly default: DrawingClass};
  const bundled = await cheaper();
  fc.assert(
    fc.property(fc.array(frame, {minLength: 1, maxLength: 4}), (frames) => {
      for (const one of frames) expect(drawn(bundled, one)).toEqual(drawn(asPackaged, one));
    }),
    {numRuns: 300},
  );
});

test('text is split where Intl.Segmenter splits it, and looked up as it looks it up', () => {
  const piece = fc.constantFrom('a', ' ~', '\u001B[1m', '│─╮', '\r\n', 'e\u0301', '構築', '👩‍👩‍👧‍👦', '\uD83D', '·');
  const position = fc.integer({min: -2, max: 12});
  fc.assert(
    fc.property(fc.string({unit: piece, maxLength: 6}), position, (text, index) => {
      const [ours, theirs] = [new LateSegmenter().segment(text), new Intl.Segmenter().segment(text)];
      expect(Array.from(ours, plain)).toEqual(Array.from(theirs, plain));
      expect(plain(ours.containing(index))).toEqual(plain(theirs.containing(index)));
    }),
    {numRuns: 500},
  );
});

function plain(found: Intl.SegmentData | undefined) {
  return found && {segment: found.segment, index: found.index, input: found.input};
}

type Frame = typeof frame extends fc.Arbitrary<infer One> ? One : never;

function drawn(Output: DrawingClass, {width, height, writes, clipped}: Frame): {output: string; height: number} {
  const output = new Output({width, height});
  if (clipped) output.clip({x1: 1, x2: Math.max(1, width - 1), y1: 0, y2: height});
  for (const {x, y, text} of writes) output.write(x, y, text, {transformers: []});
  if (clipped) output.unclip();
  return output.get();
}

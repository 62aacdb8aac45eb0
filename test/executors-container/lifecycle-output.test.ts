// What is read out of the lifecycle's output, and that nothing else happens to it.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {phaseOpenedBy} from '../../source/executors/container/creator-headings.ts';
import {
  buildpackNamedBy,
  debugLineBeginnings,
  errorSaidIn,
  isDebugLine,
  layerNamedBy,
} from '../../source/executors/container/lifecycle-lines.ts';
import {createLineSieve, type SieveOptions} from '../../source/executors/container/line-sieve.ts';

describe("a creator's headings", () => {
  test.each([
    ['===> ANALYZING', undefined, 'analyze'],
    ['===> DETECTING', 'analyze', 'detect'],
    ['\u001B[36m===> RESTORING\u001B[0m', 'detect', 'restore'],
    ['===> BUILDING', 'restore', 'build'],
    ['===> EXPORTING', 'build', 'export'],
    ['===> DETECTING', 'build', undefined],
    ['===> EXPORTING', 'detect', undefined],
    ['===> BUILDING', 'build', undefined],
    ['===> EXPORTING', 'export', undefined],
    [' ===> EXPORTING', 'build', undefined],
    ['===> EXPORTING the layers', 'build', undefined],
    ['===> EXTENDING', 'restore', undefined],
    ['', undefined, undefined],
  ] as const)('%j while %s runs opens %s', (line, running, expected) => {
    expect(phaseOpenedBy(line, running)).toBe(expected);
  });
});

describe('layers', () => {
  test.each([
    ['restore', 'Restoring data for "acme/tool:cached" from cache', {what: 'restored', layer: 'acme/tool:cached'}],
    ['restore', 'Restoring metadata for "acme/tool:launched" from app image', undefined],
    ['export', "Adding layer 'acme/tool:launched'", {what: 'added', layer: 'acme/tool:launched'}],
    [
      'export',
      "Reusing layer 'buildpacksio/lifecycle:config'",
      {what: 'reused', layer: 'buildpacksio/lifecycle:config'},
    ],
    ['export', "Adding cache layer 'acme/tool:cached'", {what: 'cached', layer: 'acme/tool:cached'}],
    ['export', "Reusing cache layer 'acme/tool:cached'", {what: 'cached', layer: 'acme/tool:cached'}],
    ['export', "Reusing layers from image 'app'", undefined],
    ['export', "Adding label 'io.buildpacks.build.metadata'", undefined],
    ['build', "Adding layer 'acme/tool:launched'", undefined],
  ] as const)('%s: %s', (phase, line, expected) => {
    expect(layerNamedBy(phase, line)).toEqual(expected);
  });
});

test.each([
  ['Running build for buildpack acme/tool@1.2.3', {kind: 'started', id: 'acme/tool', version: '1.2.3'}],
  ['Finished running build for buildpack acme/tool@1.2.3', {kind: 'finished', id: 'acme/tool', version: '1.2.3'}],
  ['Running build for buildpack acme/tool', undefined],
  ['I am Running build for buildpack acme/tool@1.2.3', undefined],
])('%s names a buildpack', (line, expected) => {
  expect(buildpackNamedBy(line)).toEqual(expected);
});

test('the last error of the lifecycle is the one that counts', () => {
  expect(errorSaidIn(['ERROR: No buildpack groups passed detection.', 'ERROR: failed to detect: none', 'bye'])).toBe(
    'failed to detect: none',
  );
  expect(errorSaidIn(['an ERROR: of its own'])).toBeUndefined();
});

/** What comes out when `text` comes in pieces. */
function sieved(pieces: readonly string[], options: Partial<SieveOptions> = {}): {out: string; held: string[]} {
  const out: string[] = [];
  const held: string[] = [];
  let taken = '';
  const sieve = createLineSieve({
    beginnings: debugLineBeginnings,
    onLine: (line) => !isDebugLine(line),
    onBytes: (bytes) => out.push(Buffer.from(bytes).toString('latin1')),
    ...options,
  });
  for (const piece of pieces) {
    taken += piece;
    sieve.write(Buffer.from(piece, 'latin1'));
    held.push(taken.slice(out.join('').length));
  }
  sieve.end();
  return {out: out.join(''), held};
}

describe('the sieve', () => {
  test('takes the lines of the builder out that it prints only because it was asked', () => {
    const text = [
      'Starting builder...',
      'Timer: Builder started at 2026-11-23T07:34:25Z',
      'Running build for buildpack acme/tool@1.2.3',
      'Finding plan',
      '---> building',
      'Finding plans for you',
      'Finished running build for buildpack acme/tool@1.2.3',
      'Timer: Builder ran for 10.396984ms and ended at 2026-11-23T07:34:25Z',
      'Timer: mine',
      '',
    ].join('\n');
    expect(sieved([text]).out).toBe('---> building\nFinding plans for you\nTimer: mine\n');
  });

  test('hands on what cannot be one of them as it comes', () => {
    expect(sieved(['Fi', 'red', ' up', '\nno newline']).held).toEqual(['Fi', '', '', '']);
  });

  test('whatever is not looked for comes out as it went in, in pieces of any size', () => {
    const line = fc.oneof(fc.constantFrom('Finding plan of mine', 'Find', '===> ', 'x'), fc.string());
    fc.assert(
      fc.property(fc.array(line), fc.infiniteStream(fc.integer({min: 1, max: 9})), (lines, sizes) => {
        const text = Buffer.from(lines.join('\n')).toString('latin1');
        fc.pre(!text.split('\n').some(isDebugLine));
        const pieces: string[] = [];
        for (let at = 0; at < text.length; at += pieces.at(-1)?.length ?? 0) {
          pieces.push(text.slice(at, at + (sizes.next().value ?? 1)));
        }
        expect(sieved(pieces).out).toBe(text);
      }),
    );
  });

  test('holds no more than a line can have', () => {
    const long = `Running build for buildpack ${'x'.repeat(5000)}`;
    expect(sieved([long]).held).toEqual(['']);
  });
});

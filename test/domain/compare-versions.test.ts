// The order of versions.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {compareVersions} from '../../source/domain/compare-versions.ts';

test.each([
  ['1.0.0', '2.0.0'],
  ['1.9.0', '1.10.0'],
  ['1.0', '1.0.1'],
  // Semantic Versioning 2.0.0, section 11.
  ['1.0.0-alpha', '1.0.0-alpha.1'],
  ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
  ['1.0.0-alpha.beta', '1.0.0-beta'],
  ['1.0.0-beta', '1.0.0-beta.2'],
  ['1.0.0-beta.2', '1.0.0-beta.11'],
  ['1.0.0-beta.11', '1.0.0-rc.1'],
  ['1.0.0-rc.1', '1.0.0'],
  ['1.0.0-alpha', '1.0.0-alpha.0'],
  ['2024.1.99999999999999999998', '2024.1.99999999999999999999'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
});

test.each([
  ['1.0.0', '1.0.0'],
  ['1', '1.0.0'],
  ['v1.2.3', '1.2.3'],
  ['1.0.0+linux', '1.0.0+darwin'],
])('%s is neither older nor newer than %s', (a, b) => {
  expect(compareVersions(a, b)).toBe(0);
});

test('sorting any versions in any order gives one order', () => {
  const version = fc.constantFrom(
    '1',
    '1.2.3-a',
    '1.2.3-a.b',
    '1.2.3-1',
    '1.2.3',
    '1.2.10',
    'v2',
    '2.0.0-rc.1',
    'x',
    '1.x',
  );
  fc.assert(
    fc.property(fc.tuple(version, version, version), ([a, b, c]) => {
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});

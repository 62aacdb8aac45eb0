// The order of versions, as the package managers document it.
import {describe, expect, test} from 'vitest';
import {comparePackageVersions} from '../../source/oci/package-database-versions.ts';

/** Ascending, one group a line; versions in one line behind each other are one version. */
const chains = {
  deb: [
    // Policy 5.6.12: "~~", "~~a", "~", the empty part, "a".
    ['~~'],
    ['~~a'],
    ['~'],
    ['', '0', '0:0', '0-0', '00'],
    ['0+'],
    ['1.0~beta1~svn1245'],
    ['1.0~beta1'],
    ['1.0', '1.0-', '1.0-0', '0:1.0', '1.00'],
    ['1.0-0ubuntu1'],
    ['1.0-1~bpo12+1'],
    ['1.0-1', '1.0-01'],
    ['1.0-1ubuntu1'],
    ['1.0-1+b1'],
    ['1.0-2'],
    ['1.0-10'],
    ['1.0a-1'],
    ['1.0+dfsg-1'],
    ['1.0.1-1'],
    ['1.9'],
    ['1.10'],
    ['2024a-2ubuntu1'],
    ['2026b-0ubuntu0.24.04.1'],
    ['20240203'],
    ['20260601~24.04.1'],
    ['20260601'],
    ['99999999999999999999'],
    ['100000000000000000000'],
    ['1:0.1'],
    ['1:1.3.dfsg-3.1ubuntu2'],
    ['1:1.3.dfsg-3.1ubuntu2.1'],
    ['2:0'],
    ['10:0'],
  ],
  apk: [
    ['0.1.0_alpha_pre2'],
    ['0.1.0_alpha'],
    ['0.1.0_alpha2'],
    ['0.1.0'],
    ['1.0_beta'],
    ['1.0_pre20191002'],
    ['1.0_rc1'],
    ['1.0', '1.0'],
    ['1.0-r1'],
    ['1.0-r9'],
    ['1.0-r10'],
    ['1.0_git20240101'],
    ['1.0_p9-r0'],
    ['1.0_p10-r0'],
    ['1.0a'],
    ['1.0b-r2'],
    ['1.0.0'],
    ['1.02'],
    ['1.06-r1'],
    ['1.06.5'],
    ['1.1'],
    ['1.2.4_git20230717-r4'],
    ['1.2.4_git20230717-r5'],
    ['1.2.5-r0'],
    ['1.10'],
    ['3.1.4-r5'],
    ['3.1.4-r6'],
    ['006'],
    ['20240226-r0'],
  ],
  rpm: [
    ['1.0~rc1~git123-1'],
    ['1.0~rc1-1'],
    ['1.0~rc2-1'],
    ['1.0-1', '0:1.0-1', '1.00-01', '1_0-1'],
    ['1.0-1.el9_2'],
    ['1.0-2'],
    ['1.0^git1-1'],
    ['1.0a-1'],
    ['1.0aa-1'],
    ['1.0.1-1'],
    ['1.2'],
    ['1.10'],
    ['4.999.9'],
    ['5.0'],
    ['5.5p1'],
    ['5.5p10'],
    ['5.6p1'],
    ['20101122'],
    ['1:0.1-1'],
  ],
} as const;

describe.each(['deb', 'apk', 'rpm'] as const)('versions of %s', (kind) => {
  const chain: readonly (readonly string[])[] = chains[kind];
  const places = chain.flatMap((same, place) => same.map((version) => ({version, place})));

  test('are in the order of the package manager, each against each', () => {
    const wrong = places.flatMap((a) =>
      places.flatMap((b) => {
        const got = Math.sign(comparePackageVersions(kind, a.version, b.version));
        const expected = Math.sign(a.place - b.place);
        return got === expected ? [] : [`"${a.version}" and "${b.version}": expected ${expected}, got ${got}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('that make no sense still have one order', () => {
    const odd = ['', '-', ':', '~', '...', 'a:b', '1:', '-r', '_', '\u0000', '1.0bc', '23_foo', '4_beta', '\u{1F600}'];
    for (const a of odd) {
      for (const b of odd) {
        const there = Math.sign(comparePackageVersions(kind, a, b));
        expect(there + Math.sign(comparePackageVersions(kind, b, a)), `"${a}" and "${b}"`).toBe(0);
      }
      expect(comparePackageVersions(kind, a, a)).toBe(0);
    }
  });
});

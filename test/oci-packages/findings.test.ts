// Reports of vulnerability scanners, and the scanners run as the programs they are (small stand-ins on a search path of the test's own).
import {chmodSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {findingsDifference, parseFindings} from '../../source/oci/package-database-findings.ts';
import {findScanner, scanLayout} from '../../source/oci/package-database-scanner.ts';
import {aDirectory} from './a-base-image.ts';

const grype = readFileSync('test/fixtures/packages/grype.json');
const trivy = readFileSync('test/fixtures/packages/trivy.json');

describe('a report', () => {
  test('of grype gives each finding once, most severe first', () => {
    expect(parseFindings('grype', grype)).toEqual([
      {id: 'CVE-2024-0002', package: 'libc6', version: '2.39-0ubuntu8.1', severity: 'critical'},
      {
        id: 'CVE-2024-0001',
        package: 'libssl3t64',
        version: '3.0.13-0ubuntu3',
        severity: 'high',
        fixedIn: '3.0.13-0ubuntu3.2',
      },
      {id: 'CVE-2016-2781', package: 'coreutils', version: '9.4-3ubuntu6', severity: 'low'},
    ]);
  });

  test('of trivy gives the same shape; one without findings gives none', () => {
    expect(parseFindings('trivy', trivy).map(({id, severity}) => `${id} ${severity}`)).toEqual([
      'CVE-2024-0003 medium',
      'CVE-2016-2781 low',
    ]);
    expect(parseFindings('trivy', Buffer.from('{"SchemaVersion": 2}'))).toEqual([]);
  });

  test.each([
    ['no JSON', 'grype', 'Usage: grype'],
    ['the other scanner’s', 'grype', trivy.toString()],
    ['the other scanner’s', 'trivy', grype.toString()],
    ['a list', 'grype', '[]'],
  ] as const)('that is %s is refused', (_, scanner, report) => {
    expect(() => parseFindings(scanner, Buffer.from(report))).toThrow(expect.objectContaining({kind: 'bad-answer'}));
  });

  test('with nonsense in it gives what makes sense', () => {
    const good = {vulnerability: {id: 'CVE-1', severity: 'Strange'}, artifact: {name: 'a', version: '1'}};
    const escape = {vulnerability: {id: 'CVE-2\u001b[2J', severity: 'High'}, artifact: {name: 'a', version: '1'}};
    const long = {vulnerability: {id: 'x'.repeat(301)}, artifact: {name: 'a', version: '1'}};
    const matches = [null, 7, [], {}, {vulnerability: 'x'}, {artifact: {name: {}}}, escape, long, good];
    expect(parseFindings('grype', Buffer.from(JSON.stringify({matches})))).toEqual([
      {id: 'CVE-1', package: 'a', version: '1', severity: 'unknown'},
    ]);
  });
});

test('what one image has and the other has not is fixed or new, whatever the versions', () => {
  const of = (id: string, version: string) => ({id, package: 'p', version, severity: 'high'}) as const;
  const difference = findingsDifference('grype', [of('A', '1'), of('B', '1')], [of('B', '2'), of('C', '2')]);
  expect(difference).toEqual({
    scanner: 'grype',
    fixed: [of('A', '1')],
    remaining: [of('B', '2')],
    introduced: [of('C', '2')],
  });
});

describe('a scanner', () => {
  function installed(name: string, script: string): {readonly PATH: string; readonly [name: string]: string} {
    const directory = aDirectory();
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
    return {PATH: `relative:${directory}:/usr/bin:/bin`};
  }
  async function scan(env: {readonly PATH: string; readonly [name: string]: string}, milliseconds = 15_000) {
    const scanner = await findScanner(env);
    if (!scanner) throw new Error('a scanner was installed');
    return scanLayout(scanner, '/srv/layout', {env, milliseconds});
  }
  const answer = (file: string): string => `cat ${join(process.cwd(), 'test/fixtures/packages', file)}`;

  test('is nobody where none is installed', async () => {
    expect(await findScanner({PATH: aDirectory()})).toBeUndefined();
    expect(await findScanner({})).toBeUndefined();
  });

  test('that cannot be executed is none', async () => {
    const env = installed('grype', 'exit 0');
    chmodSync(join(env.PATH.split(':')[1] ?? '', 'grype'), 0o644);
    expect(await findScanner({PATH: env.PATH.split(':')[1]})).toBeUndefined();
  });

  test.each([
    ['grype', 'grype.json', 'oci-dir:/srv/layout --output json --quiet', 3],
    ['trivy', 'trivy.json', 'image --input /srv/layout --format json --scanners vuln --quiet', 2],
  ])('%s is asked in its own words', async (name, file, words, count) => {
    const env = installed(name, `[ "$*" = "${words}" ] || { echo "got $*" >&2; exit 1; }\n${answer(file)}`);
    expect(await scan(env)).toHaveLength(count);
  });

  test('gets nothing of the environment that it does not need', async () => {
    const env = installed('grype', `[ -z "$REGISTRY_TOKEN" ] || { echo leaked >&2; exit 1; }\n${answer('grype.json')}`);
    expect(await scan({...env, REGISTRY_TOKEN: 'secret'})).toHaveLength(3);
  });

  test('that fails, says nonsense or takes too long is an error in words', async () => {
    await expect(scan(installed('grype', 'echo "no database" >&2; exit 1'))).rejects.toMatchObject({
      kind: 'bad-answer',
      message: expect.stringContaining('no database'),
    });
    await expect(scan(installed('trivy', 'echo hello'))).rejects.toMatchObject({kind: 'bad-answer'});
    await expect(scan(installed('grype', 'exec sleep 60'), 200)).rejects.toMatchObject({kind: 'timed-out'});
  });
});

import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {
  allowedEnvironment,
  applyEnvFiles,
  type EnvAction,
  withBuildLayer,
  withOverrides,
} from '../../source/lifecycle/build-env.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'slipway-env-'));
});

afterEach(() => rm(base, {recursive: true, force: true}));

async function aDirectory(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = path.join(base, name);
  await mkdir(directory, {recursive: true});
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, file)), {recursive: true});
    await writeFile(path.join(directory, file), text);
  }
  return directory;
}

type Rule = {
  readonly file: string;
  readonly before?: string;
  readonly delimiter?: string;
  readonly plain?: EnvAction;
  readonly after: string | undefined;
};

const rules: readonly Rule[] = [
  {file: 'V', before: 'old', after: 'new'},
  {file: 'V', before: 'old', plain: 'default', after: 'old'},
  {file: 'V', plain: 'default', after: 'new'},
  {file: 'V.override', before: 'old', after: 'new'},
  {file: 'V.default', before: 'old', after: 'old'},
  {file: 'V.default', before: '', after: 'new'},
  {file: 'V.prepend', before: 'old', after: 'newold'},
  {file: 'V.prepend', before: 'old', delimiter: ':', after: 'new:old'},
  {file: 'V.prepend', delimiter: ':', after: 'new'},
  {file: 'V.append', before: 'old', delimiter: ',', after: 'old,new'},
  {file: 'V.append', before: '', delimiter: ',', after: 'new'},
  {file: 'V.', before: 'old', after: 'new:old'},
  {file: 'V.', before: 'old', delimiter: ';', after: 'new;old'},
  {file: 'V.nosuch', before: 'old', after: 'old'},
  {file: 'V.delim', before: 'old', after: 'old'},
  {file: 'V.append.x', before: 'old', after: 'old'},
];

describe('files of an env directory', () => {
  test.for(rules)(
    '$file with "$before" and delimiter "$delimiter" gives "$after"',
    ({file, before, delimiter, plain = 'override', after}) => {
      const environment = new Map(before === undefined ? [] : [['V', before]]);
      const delimiters = new Map(delimiter === undefined ? [] : [['V', delimiter]]);
      expect(applyEnvFiles(environment, [{name: file, value: 'new'}], delimiters, plain).get('V')).toBe(after);
    },
  );

  test('never change the environment they are given', () => {
    const files = fc.array(
      fc.record({name: fc.constantFrom('A', 'A.append', 'B.prepend', 'C.default'), value: fc.string()}),
    );
    fc.assert(
      fc.property(files, (list) => {
        const environment = new Map([['A', 'a']]);
        applyEnvFiles(environment, list, new Map(), 'override');
        expect([...environment]).toEqual([['A', 'a']]);
      }),
    );
  });
});

describe('the environment of a buildpack', () => {
  test('holds nothing of the host but what is on the list', () => {
    const host = {
      PATH: '/bin',
      HOME: '/home/cnb',
      AWS_SECRET_ACCESS_KEY: 'x',
      CNB_REGISTRY_AUTH: '{}',
      https_proxy: 'p',
      EMPTY: undefined,
    };
    expect(Object.fromEntries(allowedEnvironment(host))).toEqual({PATH: '/bin', HOME: '/home/cnb', https_proxy: 'p'});
  });

  test('gets the directories of a build layer in front, then its files', async () => {
    const layer = await aDirectory('layer', {
      'bin/x': '',
      'lib/x': '',
      'include/x': '',
      'pkgconfig/x': '',
      'env/A': 'a\n',
      'env.build/A.append': 'b',
    });
    const environment = await withBuildLayer(new Map([['PATH', '/bin']]), layer);
    expect(Object.fromEntries(environment)).toEqual({
      PATH: `${layer}/bin:/bin`,
      LD_LIBRARY_PATH: `${layer}/lib`,
      LIBRARY_PATH: `${layer}/lib`,
      CPATH: `${layer}/include`,
      PKG_CONFIG_PATH: `${layer}/pkgconfig`,
      A: 'a\nb',
    });
  });

  test("is overridden by the platform, whole names, and last by the operator's build config", async () => {
    const platformDir = await aDirectory('platform', {
      'env/PATH': '/user',
      'env/A.append': 'kept whole',
      'env/B': 'user',
    });
    const buildConfigDir = await aDirectory('config', {'env/B': 'a default only', 'env/B.append': '!', 'env/C': 'c'});
    const environment = new Map([
      ['PATH', '/bin'],
      ['B', 'host'],
    ]);
    expect(Object.fromEntries(await withOverrides(environment, {platformDir, buildConfigDir}))).toEqual({
      PATH: '/user:/bin',
      'A.append': 'kept whole',
      B: 'user!',
      C: 'c',
    });
    expect(environment.get('B')).toBe('host');
  });

  test('follows a link to a file and skips directories', async () => {
    const platformDir = await aDirectory('platform', {'env/A': 'a', 'env/sub/B': 'b'});
    await symlink(path.join(platformDir, 'env/A'), path.join(platformDir, 'env/LINK'));
    expect(Object.fromEntries(await withOverrides(new Map(), {platformDir}))).toEqual({A: 'a', LINK: 'a'});
  });
});

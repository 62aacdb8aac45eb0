// Upstream's lifecycle from the archive of a release: what is taken of it, and what is refused in words.
import {spawnSync} from 'node:child_process';
import {chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {findLifecycle} from '../../source/daemon/find-lifecycle.ts';
import {statePaths} from '../../source/daemon/state-paths.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway-lifecycle-'));
});
afterEach(() => rm(home, {recursive: true, force: true}));

const descriptor = `[apis.buildpack]
deprecated = ["0.7"]
supported = ["0.10"]
[apis.platform]
supported = ["0.12", "0.13"]
[lifecycle]
version = "0.21.17"
`;

async function release(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = path.join(home, 'release');
  await mkdir(path.join(directory, 'lifecycle'), {recursive: true});
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
  await symlink('lifecycle', path.join(directory, 'lifecycle/detector'));
  const archive = path.join(home, 'lifecycle.tgz');
  spawnSync('tar', ['-czf', archive, '-C', directory, ...(await readdir(directory))]);
  return archive;
}

const programs = {'lifecycle/lifecycle': 'the program', 'lifecycle/launcher': 'the launcher'};

test('a release is read for version and APIs, and kept by its content', async () => {
  const archive = await release({...programs, 'lifecycle/launcher.sbom.cdx.json': '{}', 'lifecycle.toml': descriptor});
  await chmod(archive, 0o600);
  const paths = statePaths(path.join(home, 'state'));
  const found = await findLifecycle(archive, paths);
  expect(found).toMatchObject({
    version: '0.21.17',
    apis: {
      buildpack: {deprecated: ['0.7'], supported: ['0.10']},
      platform: {deprecated: [], supported: ['0.12', '0.13']},
    },
  });
  expect(await readdir(found.directory)).toEqual(['launcher', 'launcher.sbom.cdx.json', 'lifecycle']);
  expect((await stat(path.join(found.directory, 'lifecycle'))).mode & 0o777).toBe(0o755);
  expect(await findLifecycle(archive, paths)).toEqual(found);
});

test.each<readonly [string, Readonly<Record<string, string>>, RegExp]>([
  ['without a launcher', {'lifecycle/lifecycle': 'x', 'lifecycle.toml': descriptor}, /expected the program launcher/],
  [
    'without APIs',
    {...programs, 'lifecycle.toml': '[lifecycle]\nversion = "1"\n'},
    /expected \[lifecycle\] version and \[apis\]/,
  ],
  ['whose description is no TOML', {...programs, 'lifecycle.toml': '[[['}, /is no TOML/],
])('a release %s is refused in words', async (_, files, message) => {
  await expect(findLifecycle(await release(files), statePaths(path.join(home, 'state')))).rejects.toThrow(message);
});

// Statement 25: every screen has a picture that must not change, and the pictures of the readme come out byte for byte the same.
import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {baselines} from './support/baselines.ts';
import {runTests} from './support/tests-as-check.ts';

export const number = 25;
export const statement =
  'Proof and teaching: every screen at three sizes in colour and mono has a picture that must not change; pictures of the readme come out the same; cost and memory as ratios to fixed work in the same run';

const root = path.resolve(import.meta.dirname, '../..');

export async function run(): Promise<{figure: string; pass: boolean}> {
  const screens = await runTests(['test/ui/screens.test.ts']);
  const kept = await baselines();
  const before = await hashes();
  await promisify(execFile)(process.execPath, ['--import', './scripts/tsx-loader.ts', 'scripts/screenshots.ts'], {
    cwd: root,
  });
  const after = await hashes();
  const different = [...after].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name);
  return {
    figure: `${screens.figure}; ${after.size} pictures made again, ${different.length} different ${different.join(' ')}; ${kept.figure}`,
    pass: screens.pass && kept.pass && after.size >= 20 && different.length === 0,
  };
}

async function hashes(): Promise<ReadonlyMap<string, string>> {
  const folder = path.join(root, 'screenshots');
  const names = (await readdir(folder)).filter((name) => /\.(?:svg|png)$/.test(name));
  const read = names.map(async (name) => {
    const bytes = await readFile(path.join(folder, name));
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return new Map(await Promise.all(read));
}

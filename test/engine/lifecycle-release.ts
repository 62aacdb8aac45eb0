// A release of upstream's lifecycle as its archive is laid out: what a ClusterLifecycle is made of.
import {spawnSync} from 'node:child_process';
import {mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {findUpstreamLifecycle} from '../peers/find-lifecycle.ts';

/** Packs it below `scratch`, whatever its programs call themselves, and gives the archive. */
export async function makeRelease(scratch: string, version: string): Promise<string> {
  const found = findUpstreamLifecycle();
  if ('obstacle' in found) throw new Error(found.obstacle);
  const archive = releaseIn(scratch, version);
  const directory = path.join(scratch, `release-${version}`);
  await rm(directory, {recursive: true, force: true});
  await mkdir(path.join(directory, 'lifecycle'), {recursive: true});
  for (const name of ['lifecycle', 'launcher'] as const) {
    await symlink(found[name], path.join(directory, 'lifecycle', name));
  }
  const apis = (list: string) => `deprecated = []\nsupported = [${list}]`;
  await writeFile(
    path.join(directory, 'lifecycle.toml'),
    `[apis.buildpack]\n${apis('"0.10"')}\n[apis.platform]\n${apis('"0.12", "0.13"')}\n[lifecycle]\nversion = "${version}"\n`,
  );
  const packed = spawnSync('tar', ['-chzf', archive, '-C', directory, 'lifecycle.toml', 'lifecycle']);
  if (packed.status !== 0) throw new Error(packed.stderr.toString());
  return archive;
}

/** Where the archive of a version is. */
export function releaseIn(scratch: string, version: string): string {
  return path.join(scratch, `lifecycle-${version}.tgz`);
}

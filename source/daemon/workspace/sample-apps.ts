// Copies of the sample apps, for the demo to build from and to change. One of them is a git repository with a history.
import {cp, mkdir, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';

/** The app whose source the demo commits to. */
export const gitSample = 'spring-petclinic';

/** Copies every app that is not there yet into `target`, and makes the git sample a repository with the branch main. */
export async function copySampleApps(apps: string, target: string): Promise<void> {
  await mkdir(target, {recursive: true});
  for (const name of await readdir(apps)) {
    if (!(await stat(join(apps, name))).isDirectory() || (await exists(join(target, name)))) continue;
    await cp(join(apps, name), join(target, name), {recursive: true, verbatimSymlinks: true});
    if (name === gitSample) await makeRepository(join(target, name));
  }
}

/** The first commit has a fixed author and date: the demo's first revision is the same on every machine. */
async function makeRepository(directory: string): Promise<void> {
  const date = '2026-01-05T09:00:00Z';
  const env = {
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const git = (...args: readonly string[]) => execa('git', args, {cwd: directory, env, stdin: 'ignore'});
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'Cody');
  await git('config', 'user.email', 'cody@example.com');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'The pet clinic as it is today');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

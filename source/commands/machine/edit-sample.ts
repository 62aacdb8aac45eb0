// The change Cody makes in the demo: one more owner in the pet clinic, committed.
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {execa} from 'execa';

type Clinic = {readonly owners: readonly object[]; readonly [part: string]: unknown};

/** Commits the change to the repository's checked-out branch; resolves to the commit's message. */
export async function editSample(repository: string): Promise<string> {
  const file = path.join(repository, 'clinic.json');
  const clinic = JSON.parse(await readFile(file, 'utf8')) as Clinic;
  const number = clinic.owners.length + 1;
  const owner = {name: `Nora Lindqvist ${number}`, city: 'Uppsala', pets: ['Pixel the dog']};
  await writeFile(file, `${JSON.stringify({...clinic, owners: [...clinic.owners, owner]}, undefined, 2)}\n`);
  const message = `Welcome ${owner.name}`;
  await execa('git', ['-c', 'commit.gpgSign=false', 'commit', '--quiet', '--all', '--message', message], {
    cwd: repository,
    stdin: 'ignore',
    env: {GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null'},
  });
  return message;
}

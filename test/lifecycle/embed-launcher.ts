// Writes source/lifecycle/launcher-script.ts out of launcher.sh: node test/lifecycle/embed-launcher.ts
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../source/lifecycle');

const heading = `/**
 * launcher.sh as text, because the lifecycle is bundled to one file and runs where no other file of ours is. Generated: change launcher.sh, then
 * run \`node test/lifecycle/embed-launcher.ts\`; a test compares the two.
 */
`;

const lines = readFileSync(path.join(folder, 'launcher.sh'), 'utf8').split('\n');
writeFileSync(
  path.join(folder, 'launcher-script.ts'),
  `${heading}export const launcherScript = ${JSON.stringify(lines, null, 2)}.join('\\n');\n`,
);
execFileSync('npx', ['biome', 'format', '--write', path.join(folder, 'launcher-script.ts')]);

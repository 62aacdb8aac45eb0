// Runs the built program from the checkout, building it first when a source is newer than the bundle: `npm start`, `npm run demo`.
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'dist/slipway.js');
const bundle = path.join(root, 'dist/cli.js');

if (isOutOfDate()) build();
process.argv[1] = program;
await import(pathToFileURL(program).href);

function isOutOfDate(): boolean {
  if (!existsSync(program) || !existsSync(bundle)) return true;
  const built = statSync(bundle).mtimeMs;
  return sources().some((file) => statSync(file).mtimeMs > built);
}

function sources(): readonly string[] {
  const inFolders = ['source', 'scripts'].flatMap((folder) =>
    readdirSync(path.join(root, folder), {recursive: true, withFileTypes: true}).map((entry) =>
      path.join(entry.parentPath, entry.name),
    ),
  );
  return [...inFolders, path.join(root, 'cli.tsx'), path.join(root, 'package.json')].filter((file) => existsSync(file));
}

/** In a process of its own, so that the bundler's helper process ends with it. */
function build(): void {
  const {status} = spawnSync(process.execPath, [path.join(root, 'scripts/build.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

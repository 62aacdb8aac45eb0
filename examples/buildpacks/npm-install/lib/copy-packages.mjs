// node copy-packages.mjs FOLDER: puts the vendored packages into FOLDER as npm's --install-links does. For machines without npm.
import {copyFileSync, mkdirSync, statSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {fail, readLock} from './read-lock.mjs';
import {sourceFiles} from './source-files.mjs';

const target = process.argv[2];
for (const {name, place, source} of readLock().packages) {
  if (!statSync(source).isDirectory()) fail(`${source} (${name}) is an archive, which needs npm: unpack it into a folder, or put npm on the build machine`);
  for (const file of sourceFiles(source)) {
    const copy = join(target, place.slice('node_modules/'.length), relative(source, file));
    mkdirSync(dirname(copy), {recursive: true});
    copyFileSync(file, copy);
  }
}

// Prints the sha256 of package-lock.json and of every file of the packages it names: the layer is right while this stays the same.
import {createHash} from 'node:crypto';
import {readFileSync, statSync} from 'node:fs';
import {readLock} from './read-lock.mjs';
import {sourceFiles} from './source-files.mjs';

const hash = createHash('sha256').update(readFileSync('package-lock.json'));
for (const {source} of readLock().packages) {
  const files = statSync(source).isDirectory() ? sourceFiles(source) : [source];
  for (const file of files) {
    const executable = (statSync(file).mode & 0o100) !== 0;
    const content = readFileSync(file);
    hash.update(`\0${file}\0${executable}\0${content.length}\0`).update(content);
  }
}
console.log(hash.digest('hex'));

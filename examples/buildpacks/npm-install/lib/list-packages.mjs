// Prints the packages to install, one a line: name, version, where from.
import {readLock} from './read-lock.mjs';

for (const {name, version, source} of readLock().packages) console.log(`${name} ${version ?? ''} from ${source}`);

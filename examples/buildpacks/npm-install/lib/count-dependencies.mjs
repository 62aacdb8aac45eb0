// Prints how many packages a package.json depends on in production. Exit 1 when the file is not a JSON object.
import {readFileSync} from 'node:fs';

const manifest = readManifest(process.argv[2]);
if (manifest === undefined) process.exitCode = 1;
else console.log(Object.keys({...manifest.dependencies, ...manifest.optionalDependencies}).length);

function readManifest(file) {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// Prints the Node.js versions that a package.json accepts (engines.node, else "*") as a TOML string.
// Exit 1 when the file is not a JSON object.
import {readFileSync} from 'node:fs';

const manifest = readManifest(process.argv[2]);
if (manifest === undefined) {
  process.exitCode = 1;
} else {
  const range = manifest.engines?.node;
  process.stdout.write(JSON.stringify(typeof range === 'string' && range.trim() !== '' ? range.trim() : '*'));
}

function readManifest(file) {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

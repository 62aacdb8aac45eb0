// Prints the command of the process `web` as a TOML array: package.json's start script, else `node server.js`, else nothing.
// The image has no npm, so the script is run itself: as it is when it is plain words, by bash when it needs a shell.
import {existsSync} from 'node:fs';
import {readLock} from './read-lock.mjs';

const command = startCommand(readLock().manifest);
if (command !== undefined) process.stdout.write(tomlArray(command));

function startCommand(manifest) {
  const script = manifest.scripts?.start;
  if (typeof script === 'string' && script.trim() !== '') return words(script.trim());
  return existsSync('server.js') ? ['node', 'server.js'] : undefined;
}

function words(script) {
  const plain = /^[\w./:@%+,-]+(\s+[\w./:@%+,=-]+)*$/.test(script);
  return plain ? script.split(/\s+/) : ['bash', '-c', script];
}

function tomlArray(texts) {
  return `[${texts.map((text) => JSON.stringify(text).replaceAll('\u007f', '\\u007f')).join(', ')}]`;
}

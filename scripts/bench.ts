// Runs one bench by its name: `npm run bench -- NAME [--json]` imports bench/NAME.ts, or lists the names there are.
import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const folder = path.resolve(import.meta.dirname, '../bench');
const name = process.argv[2];
const file = name && benchFile(name);

if (file) {
  process.argv.splice(1, 2, file);
  await import(pathToFileURL(file).href);
} else {
  console.error(name ? `no bench is named ${name}` : 'usage: npm run bench -- NAME [--json]');
  console.error(`benches: ${benchNames().join(', ') || 'none yet'}`);
  process.exitCode = 2;
}

function benchFile(wanted: string): string | undefined {
  return benchNames().includes(wanted) ? existingFile(wanted) : undefined;
}

function existingFile(wanted: string): string | undefined {
  return ['.ts', '.tsx']
    .map((extension) => path.join(folder, wanted + extension))
    .find((candidate) => existsSync(candidate));
}

function benchNames(): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((entry) => /^(.+)\.tsx?$/.exec(entry)?.[1] ?? []);
}

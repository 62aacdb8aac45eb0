// What is published is the bundles: `prepack` writes a manifest without the packages they hold and without the Node pinned for
// development, and `postpack` puts the checkout's own manifest back.
import {existsSync} from 'node:fs';
import {readFile, rename, writeFile} from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const manifest = path.join(root, 'package.json');
const kept = path.join(root, 'package.json.checkout');

const onlyForTheCheckout = new Set([
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'allowScripts',
  'scripts',
]);

const action = process.argv[2];
if (action === 'write') await writePublished();
else if (action === 'restore') await restore();
else throw new Error(`expected "write" or "restore", got ${JSON.stringify(action)}`);

async function writePublished(): Promise<void> {
  await restore();
  const text = await readFile(manifest, 'utf8');
  const published = Object.entries(JSON.parse(text) as object).filter(([field]) => !onlyForTheCheckout.has(field));
  await writeFile(kept, text);
  await writeFile(manifest, `${JSON.stringify(Object.fromEntries(published), undefined, 2)}\n`);
}

/** Also mends a checkout whose packing was interrupted. */
async function restore(): Promise<void> {
  if (existsSync(kept)) await rename(kept, manifest);
}

// What the export phase left in its output directory: looked at before anybody reads it.
import {constants} from 'node:fs';
import {chmod, lchown, lstat, open, readdir} from 'node:fs/promises';
import path from 'node:path';

/**
 * The manifest digest of the one image in the layout. Throws an `Error` in words when anything in it is no regular file of its
 * own in a place that an OCI layout has. `owner` is the user the export ran as; `newOwner`, when given, takes the files over.
 */
export async function checkStagedImage(
  layout: string,
  owner: number,
  newOwner?: {readonly uid: number; readonly gid: number},
): Promise<string> {
  const blobs = path.join(layout, 'blobs', 'sha256');
  await checkDirectory(layout, /^(oci-layout|index\.json|blobs)$/);
  await checkDirectory(path.join(layout, 'blobs'), /^sha256$/);
  const names = await checkDirectory(blobs, /^[0-9a-f]{64}$/);
  const files = ['oci-layout', 'index.json'].map((name) => path.join(layout, name));
  for (const file of [...files, ...names.map((name) => path.join(blobs, name))]) {
    await checkFile(file, owner);
    await chmod(file, 0o644);
    if (newOwner) await lchown(file, newOwner.uid, newOwner.gid);
  }
  return readDigest(path.join(layout, 'index.json'));
}

const mostFiles = 20_000;

async function checkDirectory(directory: string, allowed: RegExp): Promise<readonly string[]> {
  const found = await lstat(directory);
  if (!found.isDirectory()) throw unexpected(directory, 'a directory');
  const names = await readdir(directory);
  if (names.length > mostFiles)
    throw new Error(`expected at most ${mostFiles} blobs in the exported image, got ${names.length}`);
  const stranger = names.find((name) => !allowed.test(name));
  if (stranger !== undefined) throw unexpected(path.join(directory, stranger), 'nothing');
  return names;
}

async function checkFile(file: string, owner: number): Promise<void> {
  const found = await lstat(file);
  if (!found.isFile()) throw unexpected(file, 'a regular file');
  if (found.nlink !== 1) throw unexpected(file, 'a file with one name');
  if (found.uid !== owner) throw unexpected(file, `a file of user ${owner}`);
}

function unexpected(file: string, expected: string): Error {
  return new Error(`expected ${expected} at ${path.basename(file)} of the exported image, got something else`);
}

async function readDigest(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const {size} = await handle.stat();
    if (size > 1024 * 1024) throw new Error(`expected an index.json of at most 1 MiB, got ${size} bytes`);
    return onlyManifest(JSON.parse(await handle.readFile('utf8')));
  } finally {
    await handle.close();
  }
}

/** One image has one manifest, under as many names as it has tags. */
function onlyManifest(index: unknown): string {
  const manifests = index !== null && typeof index === 'object' && 'manifests' in index ? index.manifests : undefined;
  const digests = new Set(Array.isArray(manifests) ? manifests.map(digestOf) : []);
  const [digest] = digests;
  if (digests.size === 1 && typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new Error('expected exactly one manifest with a sha256 digest in the exported index.json');
}

function digestOf(descriptor: unknown): unknown {
  return descriptor !== null && typeof descriptor === 'object' && 'digest' in descriptor
    ? descriptor.digest
    : undefined;
}

// The files of this machine, for the program's entry to give to commands.
import {open, readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {failure} from '../command-error.ts';
import type {LocalFiles, PathKind} from '../command-context.ts';

/** Paths are relative to `workingDirectory`; `-` reads `stdin`. */
export function localFiles(workingDirectory: string, stdin: NodeJS.ReadableStream): LocalFiles {
  const absolute = (given: string) => path.resolve(workingDirectory, given);
  return {
    absolute,
    list: (given) => readdir(absolute(given)),
    kind: (given) => kindOf(absolute(given)),
    readText: (given) => (given === '-' ? text(stdin) : readTextFile(absolute(given))),
  };
}

async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw failure(`expected a file at ${file}, ${whatInstead(cause as NodeJS.ErrnoException)}`);
  }
}

function whatInstead({code, message}: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is none';
  return code === 'EISDIR' ? 'got a directory' : `which cannot be read: ${message}`;
}

async function kindOf(file: string): Promise<PathKind> {
  try {
    if ((await stat(file)).isDirectory()) return 'directory';
    return (await beginsAsZip(file)) ? 'zip' : 'file';
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    throw error;
  }
}

/** A zip archive begins with a local file header, or with the end record when it is empty. */
async function beginsAsZip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const {buffer} = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return ['504b0304', '504b0506'].includes(buffer.toString('hex'));
  } finally {
    await handle.close();
  }
}

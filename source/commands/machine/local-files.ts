// The files of this machine, for the program's entry to give to commands.
import {createReadStream} from 'node:fs';
import {open, readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {CommandError, failure} from '../command-error.ts';
import type {LocalFiles, PathKind} from '../command-context.ts';

/** Paths are relative to `workingDirectory`; `-` reads `stdin`. */
export function localFiles(workingDirectory: string, stdin: NodeJS.ReadableStream): LocalFiles {
  const absolute = (given: string) => path.resolve(workingDirectory, given);
  return {
    absolute,
    list: (given) => readdir(absolute(given)),
    kind: (given) => kindOf(absolute(given)),
    readText: (given) => (given === '-' ? textOf(stdin, 'the standard input') : readTextFile(absolute(given))),
  };
}

async function readTextFile(file: string): Promise<string> {
  try {
    return await textOf(createReadStream(file), file);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw failure(`expected a file at ${file}, ${whatInstead(cause as NodeJS.ErrnoException)}`);
  }
}

/** More than any fleet's manifests; a device or a wrong file never ends. */
const mostBytes = 256 * 1024 * 1024;

async function textOf(stream: NodeJS.ReadableStream, what: string): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece));
    length += piece.length;
    if (length > mostBytes) throw failure(`expected at most ${mostBytes} bytes of text from ${what}, got more`);
  }
  return Buffer.concat(pieces).toString('utf8');
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

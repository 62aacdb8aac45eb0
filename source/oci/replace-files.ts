// Replaces several small files at once, each complete and on the disk before it takes its name, with two waits for the disk for all of them.
import {randomUUID} from 'node:crypto';
import {closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {flushDirectory, flushFiles} from './flush.ts';

/** A file as it is to be. */
export type FileContent = {readonly path: string; readonly bytes: Uint8Array};

/** The files take their names in the order given. Rejects with what the system said; then each is the old one or the new one. */
export async function replaceFiles(contents: readonly FileContent[]): Promise<void> {
  const waiting: Waiting[] = [];
  try {
    for (const content of contents) waiting.push(openPartial(content));
    waiting.forEach(({file}, index) => writeAll(file, contents[index]?.bytes));
    await flushFiles(waiting.map(({file}) => file));
    for (const {partial, path} of waiting) renameSync(partial, path);
  } catch (error) {
    for (const {partial} of waiting) rmSync(partial, {force: true});
    throw error;
  } finally {
    for (const {file} of waiting) closeSync(file);
  }
  const directories = new Set(contents.map(({path}) => dirname(path)));
  await Promise.all([...directories].map(flushDirectory));
}

type Waiting = {readonly path: string; readonly partial: string; readonly file: number};

/** Its directory is nearly always there: it is made when it turns out not to be. */
function openPartial({path}: FileContent): Waiting {
  const partial = join(dirname(path), `.${randomUUID()}.partial`);
  try {
    return {path, partial, file: openSync(partial, 'wx', 0o644)};
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    mkdirSync(dirname(path), {recursive: true});
    return {path, partial, file: openSync(partial, 'wx', 0o644)};
  }
}

function writeAll(file: number, bytes: Uint8Array = new Uint8Array()): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

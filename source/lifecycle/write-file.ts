/**
 * Writes the lifecycle's own files below <layers>. A link that a buildpack planted under the name is replaced, never written through.
 */
import {constants} from 'node:fs';
import {mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {encodeToml, type OrderedTable} from './toml-encode.ts';
import type {TomlTable} from './toml-value.ts';

/** Writes `content` to `path` with mode 0666 less the umask, making its parents; a reader sees the old file or the whole new one. */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), {recursive: true});
  // Only has to be another name than any writer's beside this one: it is made with O_EXCL.
  written += 1;
  const temporary = `${path}.${process.pid}-${process.hrtime.bigint().toString(36)}-${written}.tmp`;
  const handle = await open(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o666,
  );
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, {force: true});
    throw error;
  }
}

let written = 0;

/** Writes a table as TOML, with the bytes upstream would write. */
export async function writeTomlFile(path: string, table: OrderedTable | TomlTable): Promise<void> {
  await writeWholeFile(path, encodeToml(table));
}

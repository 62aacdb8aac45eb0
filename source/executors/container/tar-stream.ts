// Archives for the engine's `cp`: made while they are read.
import {PassThrough, type Readable} from 'node:stream';
import path from 'node:path';
import {writeToStream} from './write-to-stream.ts';
import {type TarEntry, writeTar} from '../../oci/tar-writer.ts';
import {diskEntry, walkTree} from '../../oci/walk-tree.ts';

export type Owner = {readonly userId: number; readonly groupId: number};

/** The entries as an archive. What goes wrong while it is made destroys the stream with that error. */
export function tarStream(entries: Iterable<TarEntry>): Readable {
  const stream = new PassThrough();
  writeTar(entries, (chunk) => writeToStream(stream, chunk)).then(
    () => stream.end(),
    (error: Error) => stream.destroy(error),
  );
  return stream;
}

/** A directory with all in it, as the owner's, named from `.`; links stay links, sockets, pipes and devices are left out. */
export function* treeEntries(directory: string, {userId, groupId}: Owner): Generator<TarEntry> {
  for (const file of walkTree(directory)) {
    if (file.kind !== 'directory' && file.kind !== 'file' && file.kind !== 'symlink') continue;
    const relative = path.posix.relative(directory, file.path);
    const name = relative === '' ? './' : `./${relative}${file.kind === 'directory' ? '/' : ''}`;
    yield {...diskEntry(file, name), uid: userId, gid: groupId};
  }
}

/** Files by their paths, with the directories above them, readable by everybody. `directories` are made even when nothing is in them. */
export function* fileEntries(
  files: ReadonlyMap<string, Buffer | string>,
  owner: Owner,
  directories: readonly string[] = [],
): Generator<TarEntry> {
  const {userId: uid, groupId: gid} = owner;
  const needed = [...directories.map((directory) => `${directory}/`), ...files.keys()].flatMap(directoriesAbove);
  for (const directory of new Set(needed)) yield {path: `${directory}/`, kind: 'directory', mode: 0o755, uid, gid};
  for (const [path, content] of files) {
    yield {path, kind: 'file', mode: 0o644, uid, gid, content: Buffer.from(content)};
  }
}

/** `a` and `a/b` for `a/b/c`. */
function directoriesAbove(file: string): readonly string[] {
  const steps = file.split('/').slice(0, -1);
  return steps.map((_, index) => steps.slice(0, index + 1).join('/'));
}

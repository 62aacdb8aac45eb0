// Reads a regular file piece by piece, sure that it is the one that was seen and did not change under the hand.
import {closeSync, constants, fstatSync, openSync, readSync, type Stats} from 'node:fs';
import {encodePath} from '../oci/path-bytes.ts';
import {quoted} from '../oci/quoted.ts';
import {SourceError} from './source-error.ts';

const pieceSize = 512 * 1024;

/**
 * Gives the file's content to `take`, in pieces that are valid until it returns. Throws what the file system throws, and a `SourceError`
 * (kind `changed`) when the file is not the one of `seen`, or grows, shrinks or is written to meanwhile.
 */
export async function readPieces(
  path: string,
  seen: Stats,
  take: (piece: Buffer) => void,
  breathe: () => Promise<void> | undefined,
): Promise<void> {
  const descriptor = openSync(encodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!isSame(seen, fstatSync(descriptor))) throw changed(path);
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(pieceSize, seen.size)));
    let total = 0;
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) break;
      total += length;
      if (total > seen.size) throw changed(path);
      take(buffer.subarray(0, length));
      await breathe();
    }
    if (total !== seen.size || !isSame(seen, fstatSync(descriptor))) throw changed(path);
  } finally {
    closeSync(descriptor);
  }
}

function isSame(seen: Stats, now: Stats): boolean {
  return (
    now.isFile() &&
    seen.dev === now.dev &&
    seen.ino === now.ino &&
    seen.size === now.size &&
    seen.mtimeMs === now.mtimeMs &&
    seen.ctimeMs === now.ctimeMs
  );
}

function changed(path: string): SourceError {
  return new SourceError('changed', `${quoted(path)} changed while it was read. It is tried again.`);
}

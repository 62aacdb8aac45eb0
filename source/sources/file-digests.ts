// Remembers the digests of files, so that looking again at a tree in which nothing changed reads no content.
import type {Stats} from 'node:fs';

export type FileDigests = {
  /** What an earlier look at this tree remembered. */
  tree(root: string): TreeDigests;
  /** Replaces what is known of a tree, and lets the trees go that were looked at longest ago while there is too much. */
  remember(root: string, seen: ReadonlyMap<string, KnownFile>, digest: string): void;
};

export type TreeDigests = {
  readonly files: ReadonlyMap<string, KnownFile>;
  /** The digest of the whole tree at that look. */
  readonly digest?: string;
};

export type KnownFile = {
  readonly digest: string;
  readonly size: number;
  readonly inode: number;
  readonly device: number;
  readonly modified: number;
  readonly changed: number;
  /** It was written just before it was read: another write may carry the same time, so it is read again. */
  readonly unsure: boolean;
};

/** Files remembered over all trees; about 60 MB. */
const fileLimit = 200_000;

/** A file whose times are not at least this old (milliseconds) when it is read may change again unseen. */
const unsureFor = 2000;

export function createFileDigests(): FileDigests {
  const trees = new Map<string, TreeDigests>();
  let count = 0;
  const forget = (root: string) => {
    count -= trees.get(root)?.files.size ?? 0;
    trees.delete(root);
  };
  return {
    tree: (root) => trees.get(root) ?? {files: new Map()},
    remember(root, seen, digest) {
      forget(root);
      const files = seen.size <= fileLimit ? seen : new Map([...seen].slice(0, fileLimit));
      trees.set(root, {files, digest});
      count += files.size;
      for (const oldest of trees.keys()) {
        if (count <= fileLimit || oldest === root) break;
        forget(oldest);
      }
    },
  };
}

/** The record of a file that was read when its stats were these; `now` in milliseconds since the epoch. */
export function knownFile(stats: Stats, digest: string, now: number): KnownFile {
  const {size, ino, dev, mtimeMs, ctimeMs} = stats;
  const unsure = now - Math.max(mtimeMs, ctimeMs) < unsureFor;
  return {digest, size, inode: ino, device: dev, modified: mtimeMs, changed: ctimeMs, unsure};
}

/** Whether the file is for certain what it was when it was read. */
export function isStill(known: KnownFile | undefined, stats: Stats): known is KnownFile {
  return (
    known !== undefined &&
    !known.unsure &&
    known.size === stats.size &&
    known.inode === stats.ino &&
    known.device === stats.dev &&
    known.modified === stats.mtimeMs &&
    known.changed === stats.ctimeMs
  );
}

// The content digest of a local directory: its revision.
import {createHash} from 'node:crypto';
import {encodePath} from '../oci/path-bytes.ts';
import type {TreeEntry} from './scan-tree.ts';

export type TreeDigest = {
  /** Entries come in the order of `scanTree`; `content` is the hexadecimal SHA-256 of a file's bytes. */
  add(entry: TreeEntry, content?: string): void;
  /** `sha256:…` of everything added. */
  finish(): string;
};

/**
 * Covers paths, kinds, the executable bit, link targets and contents; not times, owners or other permissions, which a copy does not keep
 * either. The first bytes name this format: a change of it is a new number, and a new revision for every local source.
 */
export function createTreeDigest(): TreeDigest {
  const hash = createHash('sha256').update('slipway source tree 1\0');
  const field = (text: string) => {
    hash.update(encodePath(text));
    hash.update('\0');
  };
  return {
    add(entry, content) {
      field(entry.kind === 'file' && entry.executable ? 'executable' : entry.kind);
      field(entry.path);
      switch (entry.kind) {
        case 'file':
          field(content ?? '');
          break;
        case 'symlink':
          field(entry.target);
          break;
        case 'directory':
          break;
        default:
          entry satisfies never;
      }
    },
    finish: () => `sha256:${hash.digest('hex')}`,
  };
}

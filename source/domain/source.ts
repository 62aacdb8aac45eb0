// Where an image's source comes from, and what it resolved to.

export type GitSource = {
  readonly kind: 'git';
  readonly url: string;
  /** Branch, tag or commit as given. */
  readonly revision: string;
  readonly initializeSubmodules?: boolean;
  readonly subPath?: string;
};

/** A directory or zip archive of this machine; `path` is absolute. */
export type LocalSource = {readonly kind: 'local'; readonly path: string; readonly subPath?: string};

export type ImageSource = GitSource | LocalSource;

/**
 * What a source was found to be. `revision` is a commit for git and a content digest (`sha256:…`) for a local
 * directory. Branches and tags move and are polled; commits do not.
 */
export type ResolvedSource = {
  readonly kind: ImageSource['kind'];
  readonly revision: string;
  readonly type: 'Branch' | 'Tag' | 'Commit' | 'Directory' | 'Archive';
};

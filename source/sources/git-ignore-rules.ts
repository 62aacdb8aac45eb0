// What .gitignore files leave out, nested ones and negations included (git's documentation: gitignore).
import {closeSync, constants, fstatSync, openSync, readFileSync} from 'node:fs';
import ignore, {type Ignore} from 'ignore';
import {encodePath} from '../oci/path-bytes.ts';

export type GitIgnoreRules = {
  /** `path` is relative to the root with `/`, a directory's ends with one. Ask for a directory before asking for what is in it. */
  ignores(path: string): boolean;
  /** The rules for what is in `directory` (relative, ends with `/`, or empty for the root), with the text of its .gitignore. */
  within(directory: string, text: string): GitIgnoreRules;
};

/** Rules that leave nothing out yet. */
export function noGitIgnoreRules(): GitIgnoreRules {
  return rulesOf(undefined);
}

/** The text of a .gitignore; undefined when there is none. As in git, a link is not followed. A file of more than a mebibyte is not read. */
export function readGitIgnore(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(encodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    return stats.isFile() && stats.size <= 1024 * 1024 ? readFileSync(descriptor, 'utf8') : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ELOOP'))
      return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function rulesOf(rules: Ignore | undefined): GitIgnoreRules {
  return {
    ignores: (path) => rules?.ignores(path) ?? false,
    within: (directory, text) => {
      const patterns = text
        .replace(/^\uFEFF/, '')
        .split(/\r?\n/)
        .flatMap((line) => fromRoot(directory, line));
      if (patterns.length === 0) return rulesOf(rules);
      const next = ignore({ignoreCase: false});
      if (rules) next.add(rules);
      return rulesOf(next.add(patterns));
    },
  };
}

/** A pattern of a nested file, written as the root's file would write it: one list in git's order of precedence then decides. */
function fromRoot(directory: string, line: string): readonly string[] {
  if (line.trim() === '' || line.startsWith('#')) return [];
  if (directory === '') return [line];
  const negated = line.startsWith('!');
  const body = (negated ? line.slice(1) : line).replace(/^\\(?=[!#])/, '');
  const prefix = `/${directory.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}`;
  const anchored = /\/(?=.*\S)/.test(body.replace(/\s+$/, '').replace(/\/$/, ''));
  return [`${negated ? '!' : ''}${prefix}${anchored ? body.replace(/^\//, '') : `**/${body}`}`];
}

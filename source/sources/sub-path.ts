// Makes a directory inside a source its root.
import {readdirSync, realpathSync, statSync} from 'node:fs';
import {isAbsolute, join, sep} from 'node:path';
import {encodePath} from '../oci/path-bytes.ts';
import {quoted} from '../oci/quoted.ts';
import {SourceError} from './source-error.ts';

/**
 * The real path of `subPath` below `root` (a real path). Throws a `SourceError` (kind `bad-sub-path`) when it leads out of the root,
 * also by way of a link, or is no directory; the message names what is there.
 */
export function subPathRoot(root: string, subPath: string | undefined): string {
  const parts = (subPath ?? '').split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 && !isAbsolute(subPath ?? '')) return root;
  if (isAbsolute(subPath ?? '') || parts.includes('..'))
    throw badSubPath(
      `The sub path ${quoted(subPath)} leads out of the source. Give a directory inside it, without ".." and not absolute.`,
    );
  const real = realPath(root, parts, subPath ?? '');
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep))
    throw badSubPath(
      `The sub path ${quoted(subPath)} leads out of the source through a symbolic link. Give a directory inside it.`,
    );
  if (!statSync(real).isDirectory())
    throw badSubPath(`The sub path ${quoted(subPath)} is a file, expected a directory.${whatIsIn(root)}`);
  return real;
}

function realPath(root: string, parts: readonly string[], subPath: string): string {
  try {
    return realpathSync(join(root, ...parts));
  } catch (error) {
    const parent = parts.length > 1 ? join(root, ...parts.slice(0, -1)) : root;
    throw badSubPath(
      `There is no directory ${quoted(subPath)} in the source.${whatIsIn(parent) || whatIsIn(root)}`,
      error,
    );
  }
}

function whatIsIn(directory: string): string {
  let names: readonly string[];
  try {
    names = readdirSync(encodePath(directory), {withFileTypes: true})
      .filter((entry) => entry.isDirectory() && entry.name !== '.git')
      .map(({name}) => quoted(name))
      .toSorted();
  } catch (error) {
    // Asked for a message only: where nothing can be listed, nothing is named.
    if (error instanceof Error) return '';
    throw error;
  }
  if (names.length === 0) return ' It holds no directories.';
  return ` There are ${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}.`;
}

function badSubPath(message: string, cause?: unknown): SourceError {
  return new SourceError('bad-sub-path', message, {cause});
}

// Which addresses of git repositories are accepted, and how an address is shown. What git is given never holds a credential, because
// its arguments stand in the process list.
import {isAbsolute} from 'node:path';
import {quoted} from '../oci/quoted.ts';
import {SourceError} from './source-error.ts';

/**
 * Accepts https, http, ssh, git and file addresses, `[user@]host:path` and absolute paths of this machine. Throws a `SourceError`
 * (kind `bad-url`) for everything else, and for a user name or password in the address (ssh may name a user); the message never
 * repeats them.
 */
export function checkGitUrl(url: string): void {
  if (url.trim() === '') throw badUrl('Expected the address of a git repository, got nothing.');
  if (url.startsWith('-')) throw refused(url, 'it begins with "-", which git would read as an option.');
  if (/[\p{Cc}\s\\]/u.test(url)) throw refused(url, 'it holds white space, a backslash or a control character.');
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined) checkWithScheme(url, scheme, url.slice(scheme.length + 3));
  else if (url.includes('::')) throw refused(url, `"::" would start a helper program. ${accepted}`);
  else if (!isAbsolute(url)) checkScpLike(url);
}

/** An address, or a text that holds addresses, with everything that may be a credential left out. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/([a-z][a-z\d+.-]*:\/\/)[^\s'"]*@/gi, '$1')
    .replaceAll(/([a-z][a-z\d+.-]*:\/\/[^\s'"?#]*)[?#][^\s'"]*/gi, '$1?…')
    .replaceAll(/[^\s'"/:@]+:[^\s'"/@]+@(?=[^\s'"/:@]+:)/g, '');
}

const accepted =
  'Accepted are https://, http://, ssh://, git:// and file:// addresses, user@host:path, and absolute paths of this machine.';

const wayOut =
  'Leave it out of the address and let git ask for it: set up a credential helper (git config --global credential.helper …) or point GIT_ASKPASS to a program, then start the controller again.';

function checkWithScheme(url: string, scheme: string, rest: string): void {
  const authority = rest.split(/[/?#]/, 1)[0] ?? '';
  const at = authority.lastIndexOf('@');
  const userInfo = at < 0 ? undefined : authority.slice(0, at);
  const host = authority.slice(at + 1);
  switch (scheme) {
    case 'ssh':
      if (userInfo !== undefined && !/^[\w.+][\w.+-]*$/.test(userInfo)) throw withPassword(url);
      break;
    case 'https':
    case 'http':
    case 'git':
      if (userInfo !== undefined) throw withPassword(url);
      break;
    case 'file':
      if (userInfo !== undefined || (host !== '' && host !== 'localhost'))
        throw refused(url, 'a file:// address has no host: write file:///path.');
      return;
    default:
      throw refused(url, `git is not asked for ${quoted(scheme)} addresses. ${accepted}`);
  }
  if (!isHost(host)) throw refused(url, 'it has no valid host and port.');
}

function isHost(host: string): boolean {
  return /^(?:\[[\da-f:.%]+\]|[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*))(?::\d*)?$/iu.test(host);
}

function checkScpLike(url: string): void {
  if (/^[^/:@]+:[^/@]+@/.test(url)) throw withPassword(url);
  if (!/^(?:[\w.+][\w.+-]*@)?(?:\[[\da-f:.]+\]|[\p{L}\p{N}_][\p{L}\p{N}._-]*):[^-:].*$/iu.test(url))
    throw refused(url, accepted);
}

function withPassword(url: string): SourceError {
  return badUrl(
    `The address ${shown(url)} holds a user name, password or token, which every process list would show. ${wayOut}`,
  );
}

function refused(url: string, why: string): SourceError {
  return badUrl(`The address ${shown(url)} is not one of a git repository that can be used: ${why}`);
}

/** For refusals: here everything up to the last "@" may be a password, wherever slashes stand. */
function shown(url: string): string {
  const at = url.lastIndexOf('@');
  return quoted(at < 0 ? withoutCredentials(url) : `…@${withoutCredentials(url.slice(at + 1))}`);
}

function badUrl(message: string): SourceError {
  return new SourceError('bad-url', message);
}

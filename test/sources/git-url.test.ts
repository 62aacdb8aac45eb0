import {describe, expect, test} from 'vitest';
import {checkGitUrl, withoutCredentials} from '../../source/sources/git-url.ts';
import {SourceError} from '../../source/sources/source-error.ts';

test.each([
  'https://example.com/a/b.git',
  'http://127.0.0.1:8080/a',
  'https://[::1]:8443/a.git',
  'ssh://git@example.com:2222/a/b.git',
  'ssh://example.com/~me/a.git',
  'git://example.com/a',
  'git@example.com:a/b.git',
  'example.com:a/b.git',
  'file:///srv/a.git',
  '/srv/a b.git'.replace(' ', '-'),
  'https://example.com/a?x=@y',
])('%s is accepted', (url) => {
  expect(() => checkGitUrl(url)).not.toThrow();
});

test.each([
  ['', 'nothing'],
  ['-oProxyCommand=x', 'option'],
  ['ext::sh -c x', 'white space'],
  ['ext::sh', 'helper program'],
  ['fd::17', 'helper program'],
  ['ftp://example.com/a', 'not asked for "ftp"'],
  ['ext://x/a', 'not asked for "ext"'],
  ['ssh://-oProxyCommand=x/a', 'host'],
  ['ssh://-x@example.com/a', 'credential helper'],
  ['-x@example.com:a', 'option'],
  ['relative/path', 'absolute paths'],
  ['./a', 'absolute paths'],
  ['file://host/a', 'no host'],
  ['https:///a', 'host'],
  ['https://exa\u0000mple.com/a', 'control character'],
  ['https://example.com/a\nb', 'white space'],
  ['C:\\a', 'backslash'],
])('%j is refused in words', (url, words) => {
  expect(() => checkGitUrl(url)).toThrow(words);
});

describe('credentials in an address', () => {
  test.each([
    'https://me:hunter2@example.com/a.git',
    'https://hunter2@example.com/a.git',
    'https://me:hunter2/x@example.com/a.git',
    'https://me:hun@ter2@example.com/a.git',
    'ssh://git:hunter2@example.com/a.git',
    'git:hunter2@example.com:a/b.git',
    'ftp://me:hunter2@example.com/a',
    'https://me:hunter2 @example.com/a',
  ])('%s is refused, with a way out and without the secret', (url) => {
    const problem = refusalOf(url);
    expect(problem).toBeInstanceOf(SourceError);
    expect(String(problem)).not.toMatch(/hunter2|ter2|hun@/);
  });

  test('the way out is a credential helper or GIT_ASKPASS', () => {
    expect(() => checkGitUrl('https://me:hunter2@example.com/a.git')).toThrow(/credential\.helper.*GIT_ASKPASS/);
  });

  test.each([
    [
      "fatal: unable to access 'https://me:hunter2@example.com/a/': no",
      "fatal: unable to access 'https://example.com/a/': no",
    ],
    ['https://example.com/a?token=hunter2', 'https://example.com/a?…'],
    ['ssh://git@example.com/a', 'ssh://example.com/a'],
    ['git:hunter2@example.com:a', 'example.com:a'],
    ['nothing here', 'nothing here'],
  ])('%j is shown as %j', (text, shown) => {
    expect(withoutCredentials(text)).toBe(shown);
  });
});

function refusalOf(url: string): unknown {
  try {
    checkGitUrl(url);
  } catch (error) {
    return error;
  }
  return undefined;
}

// Says in words why a remote repository could not be read.
import {GitFailure} from './git-command.ts';
import {withoutCredentials} from './git-url.ts';
import {SourceError, type SourceErrorKind} from './source-error.ts';

/** The error for a person when git failed on `url`; anything that is not a `GitFailure` is handed back as it is. */
export function explainGitFailure(error: unknown, url: string): unknown {
  if (!(error instanceof GitFailure)) return error;
  const where = `"${withoutCredentials(url)}"`;
  const cause = causes.find(({pattern}) => error.lines.some((line) => pattern.test(line)));
  const kind = error.timedOut ? 'unreachable' : (cause?.kind ?? 'git-failed');
  const words = error.timedOut ? slow : (cause?.words ?? otherwise);
  return new SourceError(kind, `${words(where)} Git says: ${tellingLine(error.lines)}`, {cause: error});
}

type Words = (where: string) => string;

const slow: Words = (where) => `The repository ${where} did not answer in time. Check the network; it is tried again.`;
const otherwise: Words = (where) => `Git could not read ${where}.`;

/** In order: the first whose pattern is in git's words (in English, see `git-command.ts`). */
const causes: readonly {readonly pattern: RegExp; readonly kind: SourceErrorKind; readonly words: Words}[] = [
  {
    pattern:
      /could not resolve host|could not resolve hostname|unable to look up|name or service not known|failed to connect|couldn't connect|connection (?:refused|timed out|reset|closed)|network is unreachable|no route to host|operation (?:timed out|too slow)|unable to connect/i,
    kind: 'unreachable',
    words: (where) => `The host of ${where} cannot be reached. Check the address and the network; it is tried again.`,
  },
  {
    pattern:
      /authentication failed|could not read (?:username|password)|terminal prompts disabled|permission denied \(|http basic: access denied|requested url returned error: 40[13]|invalid credentials|host key verification failed/i,
    kind: 'authentication',
    words: (where) =>
      `The repository ${where} needs authentication. Set up a git credential helper, GIT_ASKPASS or an ssh agent for it, then start the controller again.`,
  },
  {
    pattern: /transport '\w+' not allowed|dubious ownership/i,
    kind: 'git-failed',
    words: (where) => `Git's own settings do not allow reading ${where}.`,
  },
  {
    pattern:
      /does not appear to be a git repository|repository .*not found|not a git repository|requested url returned error: 404|does not exist|no such file or directory|not valid: is this a git repository|access denied or repository not exported/i,
    kind: 'not-a-repository',
    words: (where) =>
      `There is no git repository at ${where}, or it is not visible with the credentials at hand. Check the address.`,
  },
];

/** Git ends with advice ("Please make sure you have the correct access rights"); the line that tells is the last fatal one. */
function tellingLine(lines: readonly string[]): string {
  const line =
    lines.findLast((line) => /^(?:fatal|error|ssh|remote):/i.test(line) && !/could not read from remote/i.test(line)) ??
    lines.at(-1) ??
    'nothing';
  return line.slice(0, 300);
}

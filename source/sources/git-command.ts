// Runs git: never through a shell, never asking at a terminal, with its messages in English so that they can be explained.
import {execa} from 'execa';
import {withoutCredentials} from './git-url.ts';
import {SourceError} from './source-error.ts';

export type GitOptions = {
  readonly signal: AbortSignal;
  /** The bare repository to work on. */
  readonly gitDirectory?: string;
  /** Added to the environment that git inherits. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Where git runs; default the root, so that no repository around the controller brings its configuration. */
  readonly cwd?: string;
  /** Milliseconds; without it only `signal` ends git. */
  readonly timeout?: number;
};

/** Git ended with an error; `lines` are its words without credentials. Explained to people by `explainGitFailure`. */
export class GitFailure extends Error {
  readonly lines: readonly string[];
  readonly timedOut: boolean;

  constructor(command: string, lines: readonly string[], timedOut: boolean) {
    super(`git ${command} failed: ${lines.at(-1) ?? 'it said nothing'}`);
    this.name = 'GitFailure';
    this.lines = lines;
    this.timedOut = timedOut;
  }
}

/**
 * What `git args…` prints. Rejects with a `GitFailure`, with a `SourceError` (kind `git-missing`) where there is no git, or with the
 * signal's reason; an abort ends git and what it started.
 */
export async function git(args: readonly string[], options: GitOptions): Promise<string> {
  const {signal, gitDirectory, env, input, timeout, cwd = '/'} = options;
  signal.throwIfAborted();
  const place = gitDirectory === undefined ? [] : [`--git-dir=${gitDirectory}`];
  const result = await execa('git', [...place, ...settings, ...args], {
    env: {...(await environment()), ...env},
    extendEnv: false,
    cwd,
    cancelSignal: signal,
    killDescendants: true,
    forceKillAfterDelay: 2000,
    maxBuffer: 128 * 1024 * 1024,
    reject: false,
    stripFinalNewline: true,
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
    ...(timeout === undefined ? {} : {timeout}),
  });
  signal.throwIfAborted();
  if (!result.failed) return result.stdout;
  if (result.exitCode === undefined && result.code === 'ENOENT') throw gitMissing(result);
  throw new GitFailure(args[0] ?? '', errorLines(result.stderr, result.shortMessage ?? ''), result.timedOut);
}

/**
 * Nothing that a repository or an address says starts a program here, no prompt waits for a key, a stalled transfer ends, and what is
 * checked out does not depend on the user's line-ending settings.
 */
const settings: readonly string[] = [
  'protocol.ext.allow=never',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.autocrlf=false',
  'core.eol=lf',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'advice.detachedHead=false',
  'gc.autoDetach=false',
  'maintenance.autoDetach=false',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
].flatMap((setting) => ['-c', setting]);

/** Variables that point git at another repository or make it print what it sends. */
const left =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|SHALLOW_FILE|GRAFT_FILE|QUARANTINE_PATH|DEFAULT_HASH|TRACE.*|CURL_VERBOSE)$/;

/** The user's own environment (proxies, GIT_ASKPASS, the ssh agent, credential helpers) without what would misdirect git. */
async function environment(): Promise<Record<string, string>> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !left.test(entry[0]),
  );
  const env = Object.fromEntries(own);
  const ssh = env['GIT_SSH_COMMAND'] ?? env['GIT_SSH'] ?? (await configuredSsh(env));
  return {
    ...env,
    ...(ssh === undefined ? {GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=30'} : {}),
    GIT_TERMINAL_PROMPT: '0',
    GCM_INTERACTIVE: 'never',
    LC_ALL: 'C',
    LANGUAGE: 'C',
  };
}

let sshOfConfiguration: Promise<string | undefined> | undefined;

/** The user's `core.sshCommand`, read once: an environment variable would override it. */
function configuredSsh(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  sshOfConfiguration ??= (async () => {
    const result = await execa('git', ['config', '--get', 'core.sshCommand'], {
      env,
      extendEnv: false,
      cwd: '/',
      stdin: 'ignore',
      reject: false,
    });
    return result.failed || result.stdout === '' ? undefined : result.stdout;
  })();
  return sshOfConfiguration;
}

function errorLines(stderr: string, otherwise: string): readonly string[] {
  const lines = withoutCredentials(stderr)
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').trim())
    .filter((line) => line !== '');
  return lines.length > 0 ? lines.slice(-50) : [withoutCredentials(otherwise)];
}

function gitMissing(cause: unknown): SourceError {
  return new SourceError(
    'git-missing',
    'Expected the program git on the PATH, found none. Install git, or use a local directory as the source.',
    {cause},
  );
}

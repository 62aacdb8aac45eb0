// Asks a docker credential helper (docker/docker-credential-helpers: `docker-credential-NAME get`, the server's name on its input, JSON on its
// output). No shell; its output is bounded, its time too, and nothing it prints gets into a message.
import {spawn} from 'node:child_process';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';
import {defaultHost} from './reference.ts';
import type {FoundCredential} from './registry-credentials.ts';
import {Secret} from './registry-secret.ts';

export type HelperQuestion = {
  readonly helper: string;
  readonly host: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** The helper's credential, or nothing when it has none for this host. Rejects with an OciError of kind `bad-credentials` when it fails. */
export async function askCredentialHelper(question: HelperQuestion): Promise<FoundCredential | undefined> {
  const {helper, host} = question;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(helper)) {
    throw new OciError('bad-credentials', `Expected the name of a credential helper, got ${quoted(helper)}.`);
  }
  const program = `docker-credential-${helper}`;
  const {code, output} = await run(program, question);
  if (code !== 0) {
    if (/credentials not found|no credentials server URL/i.test(output)) return undefined;
    throw failed(program, `it ended with exit code ${code}. Try it by hand: echo ${host} | ${program} get`);
  }
  const {username, secret} = parseAnswer(output, program);
  if (secret === '') return undefined;
  const credential =
    username === '<token>'
      ? ({kind: 'identity-token', token: new Secret(secret)} as const)
      : ({kind: 'basic', username, password: new Secret(secret)} as const);
  return {credential, origin: `the credential helper ${program}`};
}

const defaultTimeout = 30_000;
const mostOutput = 64 * 1024;

/** Docker Hub is known to helpers by its old address. */
function serverName(host: string): string {
  return host === defaultHost ? `https://${defaultHost}/v1/` : host;
}

function run(
  program: string,
  {host, env, timeout = defaultTimeout, signal}: HelperQuestion,
): Promise<{readonly code: number; readonly output: string}> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {env, stdio: ['pipe', 'pipe', 'ignore'], shell: false});
    const chunks: Buffer[] = [];
    let size = 0;
    const giveUp = (error: Error): void => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      reject(error);
    };
    const aborted = (): void => giveUp(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    const timer = setTimeout(() => giveUp(failed(program, `it did not answer within ${timeout} ms`)), timeout);
    signal?.addEventListener('abort', aborted, {once: true});
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostOutput) giveUp(failed(program, `it printed more than ${mostOutput} bytes`));
      else chunks.push(chunk);
    });
    // A helper may end without reading its input; its exit code says what to make of that.
    child.stdin.on('error', () => undefined);
    child.once('error', (cause) =>
      giveUp(failed(program, 'it could not be started. Is it installed and on the PATH?', cause)),
    );
    child.once('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      resolve({code: code ?? 1, output: Buffer.concat(chunks).toString('utf8')});
    });
    child.stdin.end(`${serverName(host)}\n`);
    if (signal?.aborted) aborted();
  });
}

function parseAnswer(output: string, program: string): {readonly username: string; readonly secret: string} {
  try {
    const {Username: username, Secret: secret} = JSON.parse(output) as Readonly<Record<string, unknown>>;
    if (typeof username === 'string' && typeof secret === 'string') return {username, secret};
  } catch {
    // Not JSON: said below, without what it was, since that may be a secret.
  }
  throw failed(program, 'it did not print JSON with Username and Secret');
}

function failed(program: string, why: string, cause?: unknown): OciError {
  return new OciError(
    'bad-credentials',
    `Expected a credential from ${program}, but ${why}.`,
    cause === undefined ? undefined : {cause},
  );
}

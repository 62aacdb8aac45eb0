// Runs a vulnerability scanner on an image layout, if one is installed. Without one nothing is claimed.
import {execa} from 'execa';
import {access, constants, stat} from 'node:fs/promises';
import {delimiter, isAbsolute, join} from 'node:path';
import type {Finding} from '../domain/base-difference.ts';
import {OciError} from './oci-error.ts';
import {parseFindings, type ScannerName} from './package-database-findings.ts';
import {quoted} from './quoted.ts';

/** A scanner that was found on the search path. */
export type Scanner = {readonly name: ScannerName; readonly program: string};

/** Who waits for how long, and the environment, of which the scanner gets only what it needs. */
export type ScanOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly milliseconds: number;
  readonly signal?: AbortSignal;
};

/** grype, else trivy, in the absolute directories of `PATH`; undefined when neither is there. */
export async function findScanner(env: ScanOptions['env']): Promise<Scanner | undefined> {
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
  for (const name of ['grype', 'trivy'] as const) {
    for (const directory of directories) {
      const program = join(directory, name);
      if (await isProgram(program)) return {name, program};
    }
  }
  return undefined;
}

/**
 * What the scanner finds in the only image of the layout at `directory`. OciErrors: `timed-out`, `limit` for a report that is too long,
 * `bad-answer` when it fails or answers something else. The scanner gets no credentials.
 */
export async function scanLayout(
  {name, program}: Scanner,
  directory: string,
  {env, milliseconds, signal}: ScanOptions,
): Promise<readonly Finding[]> {
  const result = await execa(program, argumentsOf(name, directory), {
    env: allowed(env),
    extendEnv: false,
    stdin: 'ignore',
    encoding: 'buffer',
    maxBuffer: longestReport,
    timeout: milliseconds,
    forceKillAfterDelay: 1000,
    reject: false,
    ...(signal ? {cancelSignal: signal} : {}),
  });
  if (result.timedOut)
    throw new OciError('timed-out', `Expected ${name} to answer within ${milliseconds / 1000} s, it did not.`);
  if (result.isMaxBuffer)
    throw new OciError('limit', `Expected at most ${longestReport} bytes from ${name}, got more.`);
  if (result.failed) {
    const said = Buffer.from(result.stderr).toString('utf8').trim().split('\n').at(-1);
    throw new OciError('bad-answer', `Expected ${name} to scan the image, it failed: ${quoted(said ?? '')}.`, {
      cause: result,
    });
  }
  return parseFindings(name, Buffer.from(result.stdout));
}

const longestReport = 128 * 1024 * 1024;

function argumentsOf(name: ScannerName, directory: string): readonly string[] {
  switch (name) {
    case 'grype':
      return [`oci-dir:${directory}`, '--output', 'json', '--quiet'];
    case 'trivy':
      return ['image', '--input', directory, '--format', 'json', '--scanners', 'vuln', '--quiet'];
    default:
      return name satisfies never;
  }
}

const passed = new Set(
  'PATH HOME TMPDIR XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME LANG SSL_CERT_FILE SSL_CERT_DIR HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy GRYPE_CONFIG GRYPE_DB_CACHE_DIR GRYPE_DB_UPDATE_URL GRYPE_DB_AUTO_UPDATE TRIVY_CACHE_DIR TRIVY_DB_REPOSITORY TRIVY_OFFLINE_SCAN TRIVY_SKIP_DB_UPDATE'.split(
    ' ',
  ),
);

function allowed(env: ScanOptions['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => passed.has(pair[0]) && pair[1] !== undefined),
  );
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    // Not there, or not for us: then it is no scanner. Anything else is worth knowing.
    if (error instanceof Error && 'code' in error && /^(ENOENT|EACCES|ENOTDIR|ELOOP|EPERM)$/.test(String(error.code)))
      return false;
    throw error;
  }
}

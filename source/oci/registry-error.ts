// What can go wrong between this machine and a registry, each with words for the person and fields for code.
import {OciError, type OciErrorKind} from './oci-error.ts';

/** Facts beside the message. `host` is the one that was asked; `retryAfter` is in milliseconds; `retryable` says that a later try may succeed. */
export type RegistryFacts = {
  readonly host: string;
  readonly status?: number;
  readonly retryable?: boolean;
  readonly retryAfter?: number;
  readonly cause?: unknown;
};

/**
 * A registry could not be reached or refused. Kinds: `unreachable`, `untrusted` (its certificate, or plain http where that was not allowed),
 * `timed-out`, `unauthorized` (who is it?), `denied` (known, but may not), `not-found`, `rate-limited`, `server-failed`, `bad-answer`,
 * `digest-mismatch`, `limit`, `unsupported`. Message, cause and fields never hold a secret.
 */
export class RegistryError extends OciError {
  readonly host: string;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;

  constructor(kind: OciErrorKind, message: string, facts: RegistryFacts) {
    super(kind, message, facts.cause === undefined ? undefined : {cause: facts.cause});
    this.name = 'RegistryError';
    this.host = facts.host;
    this.status = facts.status;
    this.retryable = facts.retryable ?? false;
    this.retryAfter = facts.retryAfter;
  }
}

const untrustedCodes =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_)/;
const lostCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'HPE_INVALID_EOF_STATE',
]);

/** The error for a connection that failed, in words. */
export function connectionError(host: string, cause: unknown): RegistryError {
  const code = codeOf(cause);
  if (code === 'EPROTO' || untrustedCodes.test(code)) return untrusted(host, code, cause);
  if (code === 'HPE_HEADER_OVERFLOW' || (code.startsWith('HPE_') && !lostCodes.has(code))) {
    return new RegistryError(
      'bad-answer',
      `Expected an HTTP answer from ${host}, got something that cannot be read (${code}). Check the name and port of the registry.`,
      {host, cause},
    );
  }
  return new RegistryError(
    'unreachable',
    `Expected the registry ${host} to answer, but ${reasonOf(code, cause)}. Check its name and port, the network, and whether it runs.`,
    {host, cause, retryable: lostCodes.has(code)},
  );
}

function untrusted(host: string, code: string, cause: unknown): RegistryError {
  const isPlain = code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER';
  const what = isPlain
    ? 'it does not speak TLS. If it is meant to be reached by plain http, name it as an insecure registry'
    : `its certificate is not trusted (${code}). Add its certificate authority (NODE_EXTRA_CA_CERTS=FILE)`;
  return new RegistryError('untrusted', `Expected ${host} to answer by https, but ${what}.`, {host, cause});
}

function reasonOf(code: string, cause: unknown): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (connection refused)';
    case 'ENOTFOUND':
      return 'no such host is known';
    case 'EAI_AGAIN':
      return 'its name could not be looked up';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'HPE_INVALID_EOF_STATE':
      return 'the connection was broken off';
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `it cannot be reached (${code})`;
    default:
      return cause instanceof Error ? `the connection failed (${code || cause.message})` : 'the connection failed';
  }
}

function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  if (!(cause instanceof Error) || !('code' in cause)) return '';
  return typeof cause.code === 'string' ? cause.code : '';
}

// Digests of the OCI image specification: `sha256:<64 hex digits>`. Only sha256 is accepted, as go-containerregistry does.
import {createHash, type Hash} from 'node:crypto';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';

/** `sha256:<64 lower-case hex digits>`. */
export type Digest = string;

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** The digest of some bytes; a string is hashed as UTF-8. */
export function sha256Of(bytes: Uint8Array | string): Digest {
  return finishDigest(startDigest().update(bytes));
}

/** A sha256 to be fed piece by piece; end it with `finishDigest`. */
export function startDigest(): Hash {
  return createHash('sha256');
}

/** Ends a hash begun with `startDigest`. */
export function finishDigest(hash: Hash): Digest {
  return `sha256:${hash.digest('hex')}`;
}

/** Is this text a digest, complete and in its one spelling? */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && digestPattern.test(text);
}

/** The digest in `text`; an OciError of kind `bad-digest` when it is not one. A digest that passed is safe as part of a file name. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new OciError('bad-digest', `Expected a digest (sha256: and 64 hex digits), got ${quoted(text)}.`);
}

/** The hex digits of a digest, which are its file name under `blobs/sha256/`. */
export function digestHex(digest: Digest): string {
  return parseDigest(digest).slice('sha256:'.length);
}

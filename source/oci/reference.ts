// References to images: in a registry (as go-containerregistry reads them), in an OCI layout, in an archive. A reference is typed by people and
// stored by others, so everything in it is checked here and nothing needs to be checked again.
import {type Digest, parseDigest} from './digest.ts';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';

/** `HOST/REPOSITORY:TAG@DIGEST`; with neither tag nor digest the tag is `latest`. */
export type RegistryReference = {
  readonly kind: 'registry';
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
};

/** `oci:DIRECTORY[:TAG]`. */
export type LayoutReference = {readonly kind: 'layout'; readonly directory: string; readonly tag?: string};

/** `docker-archive:FILE`, or a path that ends in `.tar`. */
export type ArchiveReference = {readonly kind: 'archive'; readonly file: string};

export type ImageReference = RegistryReference | LayoutReference | ArchiveReference;

/** The host that `docker.io` and a missing host stand for, as go-containerregistry spells it. */
export const defaultHost = 'index.docker.io';

const longestName = 1024;
const longestPath = 4096;

/**
 * The reference in `text`. OciError of kind `bad-reference` in words for everything else: empty, over-long, control characters, `..`, a wrong
 * character in host, repository or tag, a digest other than sha256.
 */
export function parseReference(text: string): ImageReference {
  if (text.startsWith('oci:')) return parseLayout(text, text.slice('oci:'.length));
  if (text.startsWith('docker-archive:'))
    return {kind: 'archive', file: checkPath(text, text.slice('docker-archive:'.length))};
  if (text.endsWith('.tar')) return {kind: 'archive', file: checkPath(text, text)};
  return parseRegistryReference(text);
}

/** The registry reference in `text`, where layouts and archives make no sense; errors as `parseReference`. */
export function parseRegistryReference(text: string): RegistryReference {
  if (text.length > longestName) throw wrong(text, `at most ${longestName} characters`);
  const [name = '', digest, ...rest] = text.split('@');
  if (rest.length > 0) throw wrong(text, 'at most one @ (before the digest)');
  const {base, tag} = splitTag(text, name);
  const place = parseRepository(text, base);
  return {
    kind: 'registry',
    ...place,
    ...(tag !== undefined && {tag}),
    ...(digest !== undefined && {digest: checkDigest(text, digest)}),
    ...(tag === undefined && digest === undefined && {tag: 'latest'}),
  };
}

/** The full text of a reference; parsing it gives the same reference. */
export function formatReference(reference: ImageReference): string {
  switch (reference.kind) {
    case 'registry': {
      const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
      const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
      return `${reference.host}/${reference.repository}${tag}${digest}`;
    }
    case 'layout':
      return reference.tag === undefined ? `oci:${reference.directory}` : `oci:${reference.directory}:${reference.tag}`;
    case 'archive':
      return `docker-archive:${reference.file}`;
    default:
      return reference satisfies never;
  }
}

/**
 * An image's name for comparison: defaults filled in, the digest taken away, `latest` where no tag is; what cannot be read stays as it is
 * (buildpacks/lifecycle internal/name/ref.go ParseMaybe).
 */
export function comparableName(text: string): string {
  const name = text.includes('@sha256:') ? (text.split('@')[0] ?? '') : text;
  try {
    return formatReference(parseRegistryReference(name));
  } catch (error) {
    if (error instanceof OciError) return text;
    throw error;
  }
}

function parseLayout(text: string, place: string): LayoutReference {
  const at = place.lastIndexOf(':');
  const tag = at >= 0 && !place.slice(at).includes('/') ? place.slice(at + 1) : undefined;
  if (tag === undefined) return {kind: 'layout', directory: checkPath(text, place)};
  return {kind: 'layout', directory: checkPath(text, place.slice(0, at)), tag: checkTag(text, tag)};
}

function splitTag(text: string, name: string): {readonly base: string; readonly tag?: string} {
  const at = name.lastIndexOf(':');
  if (at === -1 || name.includes('/', at)) return {base: name};
  return {base: name.slice(0, at), tag: checkTag(text, name.slice(at + 1))};
}

function parseRepository(text: string, base: string): {readonly host: string; readonly repository: string} {
  const at = base.indexOf('/');
  const first = base.slice(0, Math.max(at, 0));
  const hasHost = at !== -1 && (first === 'localhost' || /[.:]/.test(first));
  const host = hasHost ? checkHost(text, first) : defaultHost;
  const repository = checkRepository(text, hasHost ? base.slice(at + 1) : base);
  return {host, repository: host === defaultHost && !repository.includes('/') ? `library/${repository}` : repository};
}

function checkHost(text: string, host: string): string {
  if (host === 'docker.io') return defaultHost;
  const [, port] = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/.exec(host) ?? [];
  const isHost =
    port === undefined ? /^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])$/.test(host) : Number(port) <= 65_535;
  if (!isHost || host.length > 255 || host.includes('..'))
    throw wrong(text, 'a host (name or address, with a port if need be)', host);
  return host;
}

function checkRepository(text: string, repository: string): string {
  const isRepository = /^[a-z0-9_./-]{2,255}$/.test(repository);
  const hasOddStep = repository.split('/').some((step) => step === '' || step === '.' || step === '..');
  if (isRepository && !hasOddStep) return repository;
  throw wrong(text, 'a repository (2 to 255 of a-z, 0-9, _ - . / , lower case, no empty step and no ..)', repository);
}

function checkTag(text: string, tag: string): string {
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(tag)) return tag;
  throw wrong(text, 'a tag (1 to 128 letters, digits, _ - .)', tag);
}

function checkDigest(text: string, digest: string): Digest {
  try {
    return parseDigest(digest);
  } catch (cause) {
    throw wrong(text, 'a digest (sha256: and 64 hex digits)', digest, cause);
  }
}

function checkPath(text: string, path: string): string {
  if (path === '' || path.length > longestPath) throw wrong(text, `a path of 1 to ${longestPath} characters`);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001F\u007F-\u009F]/.test(path)) throw wrong(text, 'a path without control characters');
  if (path.split('/').includes('..')) throw wrong(text, 'a path without .. (write it out from the root)', path);
  return path;
}

function wrong(text: string, expected: string, part?: string, cause?: unknown): OciError {
  const where = part === undefined || part === text ? '' : ` (in it: ${quoted(part)})`;
  return new OciError(
    'bad-reference',
    `Expected an image reference with ${expected}, got ${quoted(text)}${where}. Examples: ghcr.io/acme/app:1, oci:/srv/layout:1, docker-archive:/tmp/app.tar.`,
    cause === undefined ? undefined : {cause},
  );
}

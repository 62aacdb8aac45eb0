// The door for packages read from an image: names and versions of strangers end up on terminals and in tables.
import type {OsPackage, PackageKind} from '../domain/base-difference.ts';

/** The package as a list of one, or of none when name or version are missing or hold what no package manager accepts. */
export function acceptPackage(read: {
  readonly kind: PackageKind;
  readonly name: unknown;
  readonly version: unknown;
  readonly architecture?: unknown;
}): readonly OsPackage[] {
  const {kind, name, version, architecture} = read;
  if (!isWord(name) || !isWord(version)) return [];
  return [{kind, name, version, ...(isWord(architecture) ? {architecture} : {})}];
}

/** Printable ASCII without blanks, as short as every real name and version is. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 300 && /^[\x21-\x7E]+$/.test(value);
}

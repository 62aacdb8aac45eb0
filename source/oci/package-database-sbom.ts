// The operating system's packages in a bill of materials: CycloneDX, SPDX and Syft documents as JSON. Only packages of dpkg, apk and rpm count.
import type {OsPackage, PackageKind} from '../domain/base-difference.ts';
import {parseJson} from './json-fields.ts';
import {OciError} from './oci-error.ts';
import {acceptPackage} from './package-database-accept.ts';

/** The formats, by what a document says of itself. */
export type SbomFormat = 'CycloneDX' | 'SPDX' | 'Syft';

/**
 * The OS packages a document lists, each once. OciErrors: `bad-archive` when it is no JSON or none of the three formats. Entries that make no
 * sense are left out; components inside components count (CycloneDX), down to ten levels.
 */
export function sbomPackages(
  bytes: Buffer,
  document: string,
): {readonly format: SbomFormat; readonly packages: readonly OsPackage[]} {
  const value = fields(parseJson(bytes, document, 'bad-archive'));
  if (value['bomFormat'] === 'CycloneDX')
    return {format: 'CycloneDX', packages: distinct(components(value, 0).flatMap(cyclonePackage))};
  if (typeof value['spdxVersion'] === 'string')
    return {format: 'SPDX', packages: distinct(list(value['packages']).flatMap(spdxPackage))};
  if (Array.isArray(value['artifacts']) && 'schema' in value)
    return {format: 'Syft', packages: distinct(list(value['artifacts']).flatMap(syftPackage))};
  throw new OciError('bad-archive', `Expected a CycloneDX, SPDX or Syft document in ${document}, got other JSON.`);
}

const mostEntries = 200_000;

function components(value: Fields, depth: number): readonly Fields[] {
  if (depth === 10) return [];
  const direct = list(value['components']).map(fields);
  return direct.flatMap((component) => [component, ...components(component, depth + 1)]);
}

function cyclonePackage(component: Fields): readonly OsPackage[] {
  return purlPackage(component['purl'], component['version']);
}

function spdxPackage(value: unknown): readonly OsPackage[] {
  const found = fields(value);
  const purl = list(found['externalRefs'])
    .map(fields)
    .find(({referenceType}) => referenceType === 'purl');
  return purlPackage(purl?.['referenceLocator'], found['versionInfo']);
}

/** Syft says the kind itself; the package URL is asked only where it does not. */
function syftPackage(value: unknown): readonly OsPackage[] {
  const {type, name, version, purl, metadata} = fields(value);
  if (type !== 'deb' && type !== 'apk' && type !== 'rpm') return purlPackage(purl, version);
  const more = fields(metadata);
  const architecture = more['architecture'] ?? more['arch'];
  return acceptPackage({kind: type, name, version: withoutZeroEpoch(type, version), architecture});
}

/**
 * `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS` (package-url specification). An rpm's epoch is a qualifier there; a Debian version carries its own.
 */
function purlPackage(purl: unknown, otherVersion: unknown): readonly OsPackage[] {
  if (typeof purl !== 'string' || purl.length > 2000) return [];
  const [, kind, path = '', version, query = ''] =
    /^pkg:\/*(deb|apk|rpm)\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?/.exec(purl) ?? [];
  if (kind === undefined || !isKind(kind)) return [];
  const qualifiers = new URLSearchParams(query);
  const own = version === undefined ? otherVersion : decoded(version);
  const epoch = kind === 'rpm' ? qualifiers.get('epoch') : null;
  const hasEpoch = typeof own === 'string' && /^\d+:/.test(own);
  return acceptPackage({
    kind,
    name: decoded(path.split('/').at(-1) ?? ''),
    version: withoutZeroEpoch(kind, epoch === null || hasEpoch ? own : `${epoch}:${String(own)}`),
    architecture: qualifiers.get('arch') ?? undefined,
  });
}

function isKind(text: string): text is PackageKind {
  return text === 'deb' || text === 'apk' || text === 'rpm';
}

function withoutZeroEpoch(kind: PackageKind, version: unknown): unknown {
  return kind === 'rpm' && typeof version === 'string' ? version.replace(/^0+:/, '') : version;
}

/** Percent-decoded; text that is not well encoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function distinct(packages: readonly OsPackage[]): readonly OsPackage[] {
  const byText = packages.map((one): [string, OsPackage] => [
    `${one.kind} ${one.name} ${one.version} ${one.architecture ?? ''}`,
    one,
  ]);
  return [...new Map(byText).values()];
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, mostEntries) : [];
}

// What an image says about itself: its operating system's packages, os-release, size and configuration, read from its layers.
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, posix} from 'node:path';
import type {OsPackage} from '../domain/base-difference.ts';
import type {Digest} from './digest.ts';
import type {ImageConfig} from './image-config.ts';
import {type LayoutImage, readImage} from './image-layout.ts';
import {OciError} from './oci-error.ts';
import {type FileLimit, findFiles, type FoundFile, type WantedFiles} from './package-database-layers.ts';
import {rpmPackages} from './package-database-rpm.ts';
import {sbomPackages} from './package-database-sbom.ts';
import {apkPackages, dpkgPackages, parseOsRelease} from './package-database-text.ts';

/** Where packages were read from: `what` names the database or document for people (`dpkg`, `apk`, `rpm`, `CycloneDX`, `SPDX`, `Syft`). */
export type PackageSource = {readonly what: string; readonly path: string; readonly packages: number};

/** A package database or document that is there and was not read, and why, in words. */
export type UnreadSource = {readonly path: string; readonly why: string};

/** An image as far as two run images are compared. `size` is the bytes of its layers as stored; `packages` are sorted. */
export type ImagePackages = {
  readonly digest: Digest;
  readonly packages: readonly OsPackage[];
  readonly sources: readonly PackageSource[];
  readonly unread: readonly UnreadSource[];
  readonly osRelease: Readonly<Record<string, string>>;
  readonly size: number;
  readonly created?: string;
  readonly config: NonNullable<ImageConfig['config']>;
};

/** The label whose value is the diffID of the layer that holds a base image's bill of materials (Platform specification, run image labels). */
export const sbomLabel = 'io.buildpacks.base.sbom';

/**
 * Reads the packages of the image with this manifest digest from the layout at `directory`. The package managers' own databases count; bills of
 * materials in the image are asked only when none of those could be read. What is there but cannot be read stands in `unread` and stops
 * nothing. OciErrors for a layout, layer or archive that is not what it should be: `not-found`, `digest-mismatch`, `bad-tar`, `unsafe-entry`, `limit`.
 */
export async function readPackages(directory: string, digest: Digest): Promise<ImagePackages> {
  const image = await readImage(directory, digest);
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-packages-'));
  try {
    return await readFrom(directory, image, scratch);
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
}

async function readFrom(directory: string, image: LayoutImage, scratch: string): Promise<ImagePackages> {
  const files = await findFiles(directory, image, wantedFiles(image.config), scratch);
  const databases = await Promise.all([readDpkg(files), readApk(files), readRpm(files, scratch)]);
  const own = together(databases);
  const found = own.sources.length > 0 ? own : together([own, ...readSboms(files)]);
  return {
    digest: image.digest,
    packages: found.packages.toSorted(byName),
    sources: found.sources,
    unread: found.unread,
    osRelease: readOsRelease(files),
    size: image.manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
    ...(image.config.created ? {created: image.config.created} : {}),
    config: image.config.config ?? {},
  };
}

type Files = ReadonlyMap<string, FoundFile>;
type Found = Pick<ImagePackages, 'packages' | 'sources' | 'unread'>;

const nothing: Found = {packages: [], sources: [], unread: []};
const megabyte = 1024 * 1024;
const text: FileLimit = {bytes: 64 * megabyte, to: 'memory'};
const small: FileLimit = {bytes: megabyte, to: 'memory'};
const toDisk: FileLimit = {bytes: 768 * megabyte, to: 'disk'};
const notRead: FileLimit = {bytes: Number.MAX_SAFE_INTEGER, to: 'nowhere'};

const osReleasePaths = ['etc/os-release', 'usr/lib/os-release'];
const dpkgStatus = 'var/lib/dpkg/status';
const dpkgDirectory = 'var/lib/dpkg/status.d';
const apkPaths = ['usr/lib/apk/db/installed', 'lib/apk/db/installed'];
const rpmDirectories = ['usr/lib/sysimage/rpm', 'var/lib/rpm', 'usr/share/rpm'];
const sbomDirectories = ['cnb/sbom', 'var/lib/db/sbom', 'usr/share/sbom'];
const sbomNames = /\.(?:cdx|spdx|syft)\.json$/;

function wantedFiles({config}: ImageConfig): WantedFiles {
  const sbomLayer = config?.Labels?.[sbomLabel];
  return {
    paths: new Map<string, FileLimit>([
      ...osReleasePaths.map((path) => [path, small] as const),
      [dpkgStatus, text],
      ...apkPaths.map((path) => [path, text] as const),
      ...rpmDirectories.flatMap((directory) => [
        [`${directory}/rpmdb.sqlite`, toDisk] as const,
        [`${directory}/rpmdb.sqlite-wal`, toDisk] as const,
        [`${directory}/Packages`, notRead] as const,
        [`${directory}/Packages.db`, notRead] as const,
      ]),
    ]),
    directories: new Map([
      [dpkgDirectory, {names: /^[^.](?!.*\.md5sums$)/, limit: small}],
      ...sbomDirectories.map((directory) => [directory, {names: sbomNames, limit: text}] as const),
    ]),
    ...(sbomLayer ? {layer: {diffId: sbomLayer, names: /\.json$/, limit: text}} : {}),
  };
}

async function readDpkg(files: Files): Promise<Found> {
  const single = readText(files, dpkgStatus, 'dpkg', dpkgPackages);
  const parts = [...files.keys()].filter((path) => posix.dirname(path) === dpkgDirectory);
  if (parts.length === 0) return single;
  const many = together(parts.map((path) => readText(files, path, 'dpkg', dpkgPackages)));
  const source: PackageSource = {what: 'dpkg', path: dpkgDirectory, packages: many.packages.length};
  return together([single, {...many, sources: many.sources.length > 0 ? [source] : []}]);
}

/** Two places, one of them in use: with both there, the one that came later counts. */
async function readApk(files: Files): Promise<Found> {
  const path = newest(files, apkPaths);
  return path === undefined ? nothing : readText(files, path, 'apk', apkPackages);
}

async function readRpm(files: Files, scratch: string): Promise<Found> {
  const path = newest(
    files,
    rpmDirectories.map((directory) => `${directory}/rpmdb.sqlite`),
  );
  if (path === undefined) return {...nothing, unread: oldRpmDatabases(files)};
  const content = resolve(files, path)?.content;
  if (content?.kind !== 'file') return {...nothing, unread: [{path, why: whyNot(content)}]};
  try {
    const packages = await rpmPackages(content.file, logOf(files, path), scratch);
    return {packages, sources: [{what: 'rpm', path, packages: packages.length}], unread: []};
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    return {...nothing, unread: [{path, why: error.message}]};
  }
}

function logOf(files: Files, path: string): string | undefined {
  const content = files.get(`${path}-wal`)?.content;
  return content?.kind === 'file' ? content.file : undefined;
}

function oldRpmDatabases(files: Files): readonly UnreadSource[] {
  return rpmDirectories.flatMap((directory) => [
    ...unreadFormat(
      files,
      `${directory}/Packages`,
      'it is a Berkeley DB, as rpm before 4.16 kept it, which is not readable here',
    ),
    ...unreadFormat(
      files,
      `${directory}/Packages.db`,
      'it is an ndb database, as rpm can keep it, which is not readable here',
    ),
  ]);
}

function unreadFormat(files: Files, path: string, why: string): readonly UnreadSource[] {
  return files.has(path) ? [{path, why}] : [];
}

/** Bills of materials, each on its own; of several formats of one document only the first counts. */
function readSboms(files: Files): readonly Found[] {
  const documents = [...files.values()].filter(({path}) => path.endsWith('.json'));
  const first = Map.groupBy(documents, ({path}) => path.replace(sbomNames, ''));
  return [...first.values()].map((same) => {
    const tries = same.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(({path}) => readSbom(files, path));
    return tries.find(({sources}) => sources.length > 0) ?? together(tries);
  });
}

function readSbom(files: Files, path: string): Found {
  const content = resolve(files, path)?.content;
  if (content?.kind !== 'bytes') return {...nothing, unread: [{path, why: whyNot(content)}]};
  try {
    const {format, packages} = sbomPackages(content.bytes, path);
    return {packages, sources: [{what: format, path, packages: packages.length}], unread: []};
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    return {...nothing, unread: [{path, why: error.message}]};
  }
}

function readText(files: Files, path: string, what: string, parse: (text: string) => readonly OsPackage[]): Found {
  if (!files.has(path)) return nothing;
  const content = resolve(files, path)?.content;
  if (content?.kind !== 'bytes') return {...nothing, unread: [{path, why: whyNot(content)}]};
  const packages = parse(content.bytes.toString('utf8'));
  return {packages, sources: [{what, path, packages: packages.length}], unread: []};
}

function readOsRelease(files: Files): Readonly<Record<string, string>> {
  const contents = osReleasePaths.map((path) => resolve(files, path)?.content);
  const content = contents.find((one) => one?.kind === 'bytes');
  return content?.kind === 'bytes' ? parseOsRelease(content.bytes.toString('utf8')) : {};
}

/** The file at a path, links to other wanted files followed as inside the image: nothing leads out of it. */
function resolve(files: Files, path: string, depth = 0): FoundFile | undefined {
  const file = files.get(path);
  if (file?.content.kind !== 'link') return file;
  const target = posix.resolve('/', posix.dirname(path), file.content.target).slice(1);
  return depth === 8 ? undefined : resolve(files, target, depth + 1);
}

function whyNot(content: FoundFile['content'] | undefined): string {
  if (content === undefined) return 'it is a link to something that is not read';
  return content.kind === 'unread' ? content.why : 'it is no file of the kind expected';
}

function newest(files: Files, paths: readonly string[]): string | undefined {
  const there = paths.filter((path) => files.has(path));
  return there.toSorted((a, b) => (files.get(b)?.layer ?? 0) - (files.get(a)?.layer ?? 0))[0];
}

function together(parts: readonly Found[]): Found {
  return {
    packages: parts.flatMap(({packages}) => packages),
    sources: parts.flatMap(({sources}) => sources),
    unread: parts.flatMap(({unread}) => unread),
  };
}

function byName(a: OsPackage, b: OsPackage): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.version < b.version ? -1 : a.version > b.version ? 1 : 0;
}

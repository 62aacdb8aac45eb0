// The programs of a demo run image: this host's bash, a few small tools and the C library they need, found by ldd.
import {readFile, realpath} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {execa} from 'execa';

/** A file to put into an image at an absolute path. */
export type HostFile = {readonly path: string; readonly content: Buffer; readonly mode: number};

const programs = ['bash', 'env', 'cat', 'ls', 'sleep', 'id', 'uname'];

/** Parts of the C library that programs load at run time and ldd cannot see, beside those that other programs link. */
const companions = [
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'librt.so.1',
  'libresolv.so.2',
  'libnss_files.so.2',
  'libnss_dns.so.2',
];

/**
 * Bash, the tools and their shared libraries with the paths they have here; undefined where this cannot be had (no Linux,
 * no bash, no ldd), and then base images hold documents only.
 */
export async function hostPrograms(): Promise<readonly HostFile[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const found = programs.map((name) => [`/usr/bin/${name}`, `/bin/${name}`].find((path) => existsSync(path)));
  const paths = found.filter((path) => path !== undefined);
  if (!paths.some((path) => basename(path) === 'bash')) return undefined;
  const libraries = await sharedLibraries(paths);
  if (!libraries) return undefined;
  const files = await Promise.all([
    ...paths.map((path) => hostFile(path, `/usr/bin/${basename(path)}`)),
    ...libraries.map((path) => hostFile(path, path)),
  ]);
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function sharedLibraries(paths: readonly string[]): Promise<readonly string[] | undefined> {
  const {stdout, failed} = await execa('ldd', paths, {reject: false, stdin: 'ignore', env: {LC_ALL: 'C'}});
  if (failed) return undefined;
  const linked = [...stdout.matchAll(/(?:=>\s+|^\s+)(\/\S+)\s+\(0x/gm)].map(([, path = '']) => path);
  const library = linked.find((path) => basename(path).startsWith('libc.so'));
  if (!library) return undefined;
  const beside = companions.map((name) => join(dirname(library), name)).filter((path) => existsSync(path));
  return [...new Set([...linked, ...beside])];
}

async function hostFile(from: string, path: string): Promise<HostFile> {
  return {path, content: await readFile(await realpath(from)), mode: 0o755};
}

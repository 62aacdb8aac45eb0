// The minimal /etc of a private root: who the build user is, how names resolve, which certificates are trusted; nothing else.
import {copyFile, mkdir, readlink, stat, symlink, writeFile} from 'node:fs/promises';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import type {Mount, SandboxUser} from './sandbox.ts';

/** Writes the files into `directory` (which exists) and gives the host's own directories that belong on top, read-only. */
export async function writeEtc(directory: string, user: SandboxUser): Promise<readonly Mount[]> {
  await writeFile(path.join(directory, 'passwd'), passwd(user));
  await writeFile(path.join(directory, 'group'), `root:x:0:\ncnb:x:${user.gid}:\nnogroup:x:65534:\n`);
  await writeFile(path.join(directory, 'nsswitch.conf'), nsswitch);
  for (const name of copied) await copyOver(`/etc/${name}`, path.join(directory, name));
  const mounts: Mount[] = [];
  for (const name of [...bound, ...javaDirectories()]) {
    if (await mountPoint(`/etc/${name}`, path.join(directory, name))) {
      mounts.push({from: `/etc/${name}`, to: `/etc/${name}`, writable: false});
    }
  }
  return mounts;
}

function passwd(user: SandboxUser): string {
  return [
    'root:x:0:0:root:/root:/usr/sbin/nologin',
    `cnb:x:${user.uid}:${user.gid}::/home/cnb:/bin/bash`,
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n');
}

const nsswitch = 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n';

const copied = ['hosts', 'resolv.conf', 'ld.so.cache', 'os-release', 'services', 'protocols', 'mime.types'];

const bound = [
  'ssl/certs',
  'ssl/openssl.cnf',
  'pki/tls/certs',
  'pki/tls/openssl.cnf',
  'pki/ca-trust/extracted',
  'ca-certificates/extracted',
  'crypto-policies',
  'alternatives',
  'java',
];

/** `/etc/java-17-openjdk` and its like: a JDK below /usr links its configuration there. */
function javaDirectories(): readonly string[] {
  return readdirSync('/etc').filter((name) => /^java-[\w.-]+$/.test(name));
}

async function copyOver(from: string, to: string): Promise<void> {
  if (!(await isThere(from))) return;
  const target = await readlink(from).catch(() => '');
  // os-release and its like are links below /usr, which is there
  if (/^(\.\.)?\/usr\//.test(target)) await symlink(target, to);
  else await copyFile(from, to);
}

/** Makes the place where a file or directory of the host will be bound. False when the host has none. */
async function mountPoint(from: string, to: string): Promise<boolean> {
  const found = await isThere(from);
  if (!found) return false;
  await mkdir(path.dirname(to), {recursive: true});
  if (found.isDirectory()) await mkdir(to, {recursive: true});
  else await writeFile(to, '');
  return true;
}

async function isThere(name: string) {
  try {
    return await stat(name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(String(error.code)))
      return undefined;
    throw error;
  }
}

// A root of its own for a command on Linux: mounts, a pid namespace, an unprivileged user; made by util-linux and one small script.
import {spawn} from 'node:child_process';
import {lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync} from 'node:fs';
import {lchown, mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {writeEtc} from './etc-files.ts';
import {kill, killGroup, type Mount, type SandboxCommand, type SandboxRoom, type SandboxUser} from './sandbox.ts';

/** The PATH inside: no directory in it belongs to anybody but root. */
export const insidePath = '/slipway/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * A room whose commands see only what they are given: /usr and a minimal /etc read-only, a small /dev, fresh /proc, /tmp and
 * home, and the command's mounts. As root, namespaces alone and setpriv; as an ordinary user, user namespaces (an outer one
 * that may mount, a nested one whose only user is the build user). Everything a command starts dies with it, and it dies with us.
 */
export async function openPrivateRoot(directory: string, user: SandboxUser, as: 'root' | 'user'): Promise<SandboxRoom> {
  const etc = path.join(directory, 'etc');
  await mkdir(etc);
  const etcMounts: readonly Mount[] = [{from: etc, to: '/etc', writable: false}, ...(await writeEtc(etc, user))];

  return {
    locate: (mount) => mount.to,
    kill: (child) => {
      if (child.pid !== undefined) killNamespace(child.pid);
    },
    start: async (command, stdio) => {
      const place = path.join(directory, command.name);
      await rm(place, {recursive: true, force: true});
      const root = path.join(place, 'root');
      const system = await layOut(root);
      const own = await ownDirectories(place, as === 'root' ? user : undefined);
      const mounts = [...system, ...etcMounts, ...own, ...command.mounts];
      for (const mount of mounts) makeMountPoint(root, mount, mounts);
      const table = path.join(place, 'mounts');
      await writeFile(table, mountTable(root, mounts));
      return spawn('setpriv', startArguments(as, user, root, table, command), {
        cwd: '/',
        env: {...command.environment, PATH: insidePath, HOME: '/home/cnb'},
        stdio,
        detached: true,
      });
    },
  };
}

/**
 * Kills the first process of the pid namespace, and with it the namespace. `unshare`, which we started, is left to wait for it:
 * it ends when the kernel has ended all the others. Before it has forked there is nothing but itself to kill.
 */
function killNamespace(unshare: number): void {
  const [first] = childrenOf(unshare);
  if (first === undefined) killGroup(unshare);
  else kill(first);
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return [];
    throw error;
  }
}

/** The root's own directories and links; gives /usr, what beside it is not merged into it, and the device files as mounts. */
async function layOut(root: string): Promise<readonly Mount[]> {
  const mounts: Mount[] = [{from: '/usr', to: '/usr', writable: false}];
  for (const name of ['dev/shm', 'mnt', 'proc', 'run', 'var']) await mkdir(path.join(root, name), {recursive: true});
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    const found = lstatSync(`/${name}`, {throwIfNoEntry: false});
    if (found?.isSymbolicLink()) await symlink(readlinkSync(`/${name}`), path.join(root, name));
    else if (found?.isDirectory()) mounts.push({from: `/${name}`, to: `/${name}`, writable: false});
  }
  await symlink('/tmp', path.join(root, 'var/tmp'));
  for (const [name, target] of Object.entries(deviceLinks)) await symlink(target, path.join(root, 'dev', name));
  for (const name of devices) mounts.push({from: `/dev/${name}`, to: `/dev/${name}`, writable: true});
  return mounts;
}

const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const deviceLinks = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
};

/** The command's own /tmp and home: new, on disk rather than in memory, gone with the run's directory. */
async function ownDirectories(directory: string, owner: SandboxUser | undefined): Promise<readonly Mount[]> {
  const mounts = [
    {from: path.join(directory, 'tmp'), to: '/tmp', writable: true},
    {from: path.join(directory, 'home'), to: '/home/cnb', writable: true},
  ];
  for (const mount of mounts) {
    await mkdir(mount.from);
    if (owner) await lchown(mount.from, owner.uid, owner.gid);
  }
  return mounts;
}

/** A place to mount on. Inside another mount it must be there already: the other's owner made it. */
function makeMountPoint(root: string, mount: Mount, all: readonly Mount[]): void {
  const isInside = all.some((other) => mount.to.startsWith(`${other.to}/`));
  if (isInside) return;
  const point = path.join(root, mount.to);
  if (statSync(mount.from).isDirectory()) {
    mkdirSync(point, {recursive: true});
  } else {
    mkdirSync(path.dirname(point), {recursive: true});
    writeFileSync(point, '');
  }
}

/** All mounts as one fstab: one `mount` process instead of thirty. The root itself comes first. */
function mountTable(root: string, mounts: readonly Mount[]): string {
  const lines = [tableLine(root, root, 'none', 'bind,ro,nosuid,nodev')];
  for (const mount of mounts) {
    const target = path.join(root, mount.to);
    lines.push(tableLine(mount.from, target, 'none', bindOptions(mount)));
    if (mount.writable) continue;
    // a recursive bind is read-only at its top alone
    for (const below of mountsBelow(mount.from)) {
      lines.push(
        tableLine(below, path.join(target, path.relative(mount.from, below)), 'none', 'rbind,ro,nosuid,nodev'),
      );
    }
  }
  lines.push(tableLine('slipway', path.join(root, 'dev/shm'), 'tmpfs', 'nosuid,nodev,mode=1777,size=256m'));
  lines.push(tableLine('proc', path.join(root, 'proc'), 'proc', 'nosuid,nodev,noexec'));
  return lines.join('');
}

function bindOptions(mount: Mount): string {
  if (mount.to.startsWith('/dev/')) return 'bind';
  return mount.writable ? 'rbind,nosuid,nodev' : 'rbind,ro,nosuid,nodev';
}

function tableLine(from: string, to: string, type: string, options: string): string {
  return `${escaped(from)} ${escaped(to)} ${type} ${options} 0 0\n`;
}

/** As fstab(5) wants its fields. */
function escaped(field: string): string {
  return field.replaceAll(/[\\ \t\n#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function mountsBelow(directory: string): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const points = lines.map((line) => unescaped(line.split(' ')[4] ?? ''));
  return points.filter((point) => point.startsWith(`${directory}/`));
}

function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The first setpriv ties the command's life to ours: a controller that is killed leaves no build behind. */
function startArguments(
  as: 'root' | 'user',
  user: SandboxUser,
  root: string,
  table: string,
  command: SandboxCommand,
): string[] {
  const namespaces = as === 'root' ? [] : ['--user', '--map-root-user'];
  return [
    '--pdeathsig',
    'KILL',
    'unshare',
    ...namespaces,
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child=KILL',
    '/bin/sh',
    '-c',
    script,
    'slipway',
    as,
    String(user.uid),
    String(user.gid),
    root,
    table,
    command.workingDirectory,
    ...command.program,
  ];
}

/**
 * Runs as the first process of the pid namespace and becomes the command. The limit on user namespaces counts the nested one,
 * so that nothing inside can make another; it exists per user namespace, hence not as root.
 */
const script = `
set -eu
trap 'exit 125' EXIT
umask 022
ulimit -c 0
as=$1 uid=$2 gid=$3 root=$4 table=$5 directory=$6
shift 6
mount -a -T "$table"
cd "$root"
pivot_root . mnt
cd /
umount -l /mnt
cd "$directory"
if [ "$as" = root ]; then
  exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \\
    --pdeathsig KILL "$@"
fi
echo 1 > /proc/sys/user/max_user_namespaces
exec unshare --user --map-user="$uid" --map-group="$gid" setpriv --no-new-privs --inh-caps=-all --pdeathsig KILL "$@"
`;

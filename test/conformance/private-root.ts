// Runs a program where /layers, /workspace, /platform and /cnb are real and nothing of the host but /usr can be seen: a mount namespace with a
// root on tmpfs. It needs root on Linux, as the recorded results do, which name owners 1234:1000.
import {spawn, spawnSync} from 'node:child_process';

/** What is put where inside the root: directories (or single files) of the host by their path inside. */
export type Binds = Readonly<Record<string, string>>;

export type RunInRoot = {
  readonly binds: Binds;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Who runs it; root when absent. */
  readonly user?: {readonly uid: number; readonly gid: number};
  /** Lines to run in bash as root inside the root, before the program. */
  readonly prepare?: string;
  /** Receives what the program writes to descriptor 3. */
  readonly onEvents?: (text: string) => void;
};

export type RootResult = {readonly code: number; readonly stdout: string; readonly stderr: string};

/** Why private roots cannot be had here, or undefined when they can. */
export function whyNoPrivateRoot(): string | undefined {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'needs root: the recorded layers belong to 1234:1000';
  const probe = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt && command -v setpriv chroot bash'], {
    encoding: 'utf8',
  });
  if (probe.status === 0) return undefined;
  return `needs unshare, setpriv and leave to mount: ${(probe.stderr || String(probe.error ?? 'refused')).trim()}`;
}

/** Builds the root, runs the program in it and takes it down with its namespace. */
export function runInRoot(run: RunInRoot): Promise<RootResult> {
  const identity =
    run.user === undefined ? [] : [`--reuid=${run.user.uid}`, `--regid=${run.user.gid}`, '--clear-groups'];
  const command = ['setpriv', ...identity, '--', ...run.argv];
  const child = spawn('unshare', ['-m', '--propagation', 'private', 'bash', '-c', setUp(run), 'root', ...command], {
    env: {PATH: process.env['PATH'] ?? '/usr/bin:/bin:/usr/sbin:/sbin'},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  return collect(child, run.onEvents);
}

/** The environment is given by env(1) inside, so that nothing of ours is in it; the program replaces the shell. */
function setUp({binds, env, prepare}: RunInRoot): string {
  const variables = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  return [
    'set -e; umask 022; R=/mnt; mount -t tmpfs none "$R"; cd "$R"',
    'mkdir -p usr etc dev proc tmp home/cnb; chmod 1777 tmp',
    'mount --rbind /usr usr; mount --rbind /dev dev; mount --rbind /proc proc',
    'for l in bin sbin lib lib32 lib64; do if [ -L "/$l" ]; then cp -a "/$l" .; elif [ -d "/$l" ]; then mkdir "$l"; mount --rbind "/$l" "$l"; fi; done',
    ...Object.entries(binds).map(([inside, outside]) => bind(inside, outside)),
    ...(prepare === undefined ? [] : [`chroot . /bin/bash -ec ${quote(prepare)}`]),
    `exec chroot . /usr/bin/env -i ${variables.join(' ')} /usr/bin/"$@"`,
  ].join('\n');
}

function bind(inside: string, outside: string): string {
  const target = quote(`.${inside}`);
  const source = quote(outside);
  return `if [ -d ${source} ]; then mkdir -p ${target}; else mkdir -p "$(dirname ${target})"; touch ${target}; fi; mount --rbind ${source} ${target}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function collect(child: ReturnType<typeof spawn>, onEvents: ((text: string) => void) | undefined): Promise<RootResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const events = child.stdio[3];
  let reported = '';
  if (events !== null && events !== undefined && 'setEncoding' in events) {
    events.setEncoding('utf8').on('data', (text: string) => {
      reported += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      onEvents?.(reported);
      resolve({code: code ?? -1, stdout, stderr});
    });
  });
}

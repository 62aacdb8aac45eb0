// Starts an exported image's process without a container engine: its layers unpacked into a directory, which becomes the root of a mount namespace.
import {spawn, spawnSync} from 'node:child_process';
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {blobPath, readImage} from '../../source/oci/image-layout.ts';

export type LaunchedImage = {
  /** Status and body of a GET. */
  readonly get: (path: string) => Promise<{readonly status: number; readonly body: string}>;
  readonly stop: () => Promise<void>;
};

/** Unpacks the image into `root` (made) and starts its entrypoint; gives it back once the process has said its port. */
export async function launchImage(layout: string, root: string): Promise<LaunchedImage> {
  const {config, manifest} = await readImage(layout);
  await mkdir(root, {recursive: true});
  for (const {digest} of manifest.layers) unpack(blobPath(layout, digest), root);
  for (const name of ['proc', 'dev']) await mkdir(path.join(root, name), {recursive: true});
  const {Env = [], Entrypoint = [], WorkingDir = '/', User = '0:0'} = config.config ?? {};
  const [uid = '0', gid = '0'] = User.split(':');
  const child = spawn(
    'unshare',
    [
      '-m',
      '--propagation',
      'private',
      'bash',
      '-c',
      enter,
      'launch',
      root,
      WorkingDir,
      uid,
      gid,
      ...Env,
      'PORT=0',
      ...Entrypoint,
    ],
    {stdio: ['ignore', 'pipe', 'pipe']},
  );
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const port = await portSaid(child.stdout, child.stderr, ended);
  return {
    get: async (place) => {
      const response = await fetch(`http://127.0.0.1:${port}${place}`);
      return {status: response.status, body: await response.text()};
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Every step becomes the next, so that the process started is the app's. The environment and the command come from the image alone; setpriv and env are run by the host's shell before the root changes. */
const enter = `
set -e
root=$1 dir=$2 uid=$3 gid=$4
shift 4
mount --rbind "$root" "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
exec env -i unshare --root="$root" --wd="$dir" --setuid "$uid" --setgid "$gid" /usr/bin/env "$@"
`;

function unpack(blob: string, root: string): void {
  const {status, stderr} = spawnSync('tar', ['-xzf', blob, '-C', root, '--same-owner', '-p'], {encoding: 'utf8'});
  if (status !== 0) throw new Error(`expected to unpack ${blob}, got ${stderr}`);
}

type Output = NodeJS.ReadableStream;

async function portSaid(stdout: Output, stderr: Output, ended: Promise<number | null>): Promise<number> {
  let text = '';
  const {promise, resolve, reject} = Promise.withResolvers<number>();
  for (const stream of [stdout, stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /port (\d+)\n/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  }
  void ended.then((code) =>
    reject(new Error(`expected the process to say its port, but it ended with ${code}: ${text}`)),
  );
  return promise;
}

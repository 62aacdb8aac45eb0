// Upstream's lifecycle and launcher on this machine, installed on first use, or the words that say why they cannot be had.
import {spawnSync} from 'node:child_process';
import path from 'node:path';

export type UpstreamLifecycle = {
  readonly lifecycle: string;
  readonly launcher: string;
};

/** Builds them when they are not there yet, which takes minutes. */
export function findUpstreamLifecycle(): UpstreamLifecycle | {readonly obstacle: string} {
  const script = path.join(import.meta.dirname, 'get-lifecycle.sh');
  const {status, stdout, stderr, error} = spawnSync('bash', [script], {encoding: 'utf8'});
  if (status !== 0) return {obstacle: (stderr ?? '').trim().split('\n').at(-1) || `bash: ${String(error)}`};
  const directory = stdout.trim();
  return {lifecycle: path.join(directory, 'lifecycle'), launcher: path.join(directory, 'launcher')};
}

// Makes a drawn case's calls with upstream's launcher and with ours, in private roots, and names every difference.
import {copyFile, mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {launcherScript} from '../../../source/lifecycle/launcher-script.ts';
import {type RootResult, runInRoot} from '../../conformance/private-root.ts';
import {writeTree} from '../random/file-tree.ts';
import type {LauncherCall, RandomLaunch} from './random-launch.ts';

/** Nothing when both did and said the same; `base` is a directory of the case's own, removed at the end. */
export async function compareLaunch(
  drawn: RandomLaunch,
  base: string,
  upstreamLauncher: string,
): Promise<readonly string[]> {
  try {
    for (const name of ['layers', 'workspace']) await mkdir(path.join(base, name), {recursive: true});
    await writeTree(path.join(base, 'layers'), drawn.layers);
    await writeTree(path.join(base, 'workspace'), drawn.app);
    await makeCnb(path.join(base, 'ours'), drawn.types, (file) => writeFile(file, launcherScript, {mode: 0o755}));
    await makeCnb(path.join(base, 'upstream'), drawn.types, (file) => copyFile(upstreamLauncher, file));
    const all: string[] = [];
    for (const call of drawn.calls) {
      const ours = seen(await launch(base, 'ours', call));
      const upstream = seen(await launch(base, 'upstream', call));
      const found = differences(ours, upstream);
      if (found !== '') all.push(`${JSON.stringify(call)}\n${found}`);
    }
    return all;
  } finally {
    await rm(base, {recursive: true, force: true});
  }
}

async function makeCnb(
  at: string,
  types: readonly string[],
  putLauncher: (file: string) => Promise<void>,
): Promise<void> {
  await mkdir(path.join(at, 'lifecycle'), {recursive: true});
  await mkdir(path.join(at, 'process'));
  await putLauncher(path.join(at, 'lifecycle/launcher'));
  for (const type of [...types, 'unknown']) await symlink('/cnb/lifecycle/launcher', path.join(at, 'process', type));
}

function launch(base: string, peer: string, {argv, env}: LauncherCall): Promise<RootResult> {
  return runInRoot({
    binds: {
      '/layers': path.join(base, 'layers'),
      '/workspace': path.join(base, 'workspace'),
      '/cnb': path.join(base, peer),
    },
    argv,
    env,
  });
}

const colours = /\u001B\[[0-9;]*m/g;
const ownOfBash = /^(?:SHLVL|_)=/;
const message = /^(?:Warning|ERROR): .*/;

/**
 * Upstream's program logs to its output and in colours, ours to standard error as the recorded results have it: messages are compared apart from
 * what the processes print. The words after ERROR may be ours; what bash says under another name or line number is left out with them.
 */
function seen({code, stdout, stderr}: RootResult): Seen {
  const lines = (text: string) => text.replaceAll(colours, '').split('\n');
  const messages = [...lines(stdout), ...lines(stderr)].filter((line) => message.test(line));
  const refused = messages.some((line) => line.startsWith('ERROR'));
  return {
    code,
    messages: messages.map((line) => line.replace(/^ERROR: failed to (\S+).*/, 'ERROR: failed to $1')),
    stdout: lines(stdout).filter((line) => !ownOfBash.test(line) && !message.test(line)),
    stderr: refused ? [] : lines(stderr.replaceAll(/\d{3,}/g, 'PID')).filter((line) => !message.test(line)),
  };
}

type Seen = {
  readonly code: number;
  readonly messages: readonly string[];
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
};

function differences(ours: Seen, upstream: Seen): string {
  const keys = ['code', 'messages', 'stdout', 'stderr'] as const;
  return keys
    .filter((key) => JSON.stringify(ours[key]) !== JSON.stringify(upstream[key]))
    .map((key) => `  ${key}\n    upstream ${JSON.stringify(upstream[key])}\n    ours     ${JSON.stringify(ours[key])}`)
    .join('\n');
}

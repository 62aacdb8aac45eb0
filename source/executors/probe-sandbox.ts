// Finds out what kind of private root this machine gives, by making one.
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {SandboxStatement} from '../domain/event.ts';
import {createSandbox} from './create-sandbox.ts';
import {removeTree} from './remove-tree.ts';
import type {Mount} from './sandbox.ts';

/**
 * Makes a private root, runs `node` in it as the build user, and says what came of it. Never rejects: what went wrong is in
 * the statement's `why`, in words.
 */
export async function probeSandbox(node: string = process.execPath): Promise<SandboxStatement> {
  if (process.platform !== 'linux') return {kind: 'host-paths', why: 'private roots need Linux'};
  try {
    const as = process.getuid?.() === 0 ? 'root' : 'user';
    const problem = await tryPrivateRoot(as, node);
    return problem === undefined ? {kind: 'private-root', as} : {kind: 'host-paths', why: problem};
  } catch (error) {
    return {kind: 'host-paths', why: error instanceof Error ? error.message : String(error)};
  }
}

async function tryPrivateRoot(as: 'root' | 'user', node: string): Promise<string | undefined> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-probe-'));
  try {
    const room = await createSandbox({kind: 'private-root', as}).open(directory, {uid: 1000, gid: 1000});
    const mount: Mount = {from: node, to: '/slipway/bin/node', writable: false};
    const child = await room.start(
      {
        name: 'probe',
        mounts: [mount],
        program: [
          '/bin/sh',
          '-c',
          'test "$(id -u)" = 1000 && test ! -e "$1" && exec /slipway/bin/node --version',
          'probe',
          directory,
        ],
        environment: {},
        workingDirectory: '/',
      },
      ['ignore', 'ignore', 'pipe'],
    );
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      said = `${said}${bytes.toString('utf8')}`.slice(0, 2000);
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) return undefined;
    return said.trim().split('\n').at(-1) || `the trial ended with exit code ${code ?? 'none'}`;
  } finally {
    await removeTree(directory);
  }
}

// Compares our launcher with upstream's, call by call: what a process gets as arguments, environment and directory, and how launching fails.
import {existsSync, readFileSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, test} from 'vitest';
import {launcherScript} from '../../source/lifecycle/launcher-script.ts';
import {createLimit} from './limit.ts';
import {runInRoot, whyNoPrivateRoot} from './private-root.ts';

type Call = {
  readonly note: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
};

const vectors = path.resolve(import.meta.dirname, '../fixtures/conformance/launcher');
const calls = JSON.parse(readFileSync(path.join(vectors, 'expected.json'), 'utf8')) as readonly Call[];
const obstacle = whyNoPrivateRoot() ?? (existsSync('/usr/bin/bash') ? undefined : 'needs bash');
const limit = createLimit(2);
let base: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'slipway-launcher-'));
  await writeFile(path.join(base, 'launcher'), launcherScript, {mode: 0o755});
});

afterAll(() => rm(base, {recursive: true, force: true}));

describe.concurrent('the launcher', () => {
  test.for(calls)('$note', async (call, {skip, expect}) => {
    skip(obstacle !== undefined, obstacle);
    const {code, stdout, stderr} = await limit(() =>
      runInRoot({
        binds: {'/lau': path.join(base, 'launcher'), '/fixture.sh': path.join(vectors, 'fixture.sh')},
        prepare: '/bin/bash /fixture.sh',
        argv: call.argv,
        env: call.env,
      }),
    );
    expect({code, stdout, stderr}).toEqual({code: call.exit, stdout: call.stdout, stderr: call.stderr});
  });
});

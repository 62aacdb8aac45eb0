import {join} from 'node:path';
import {execa} from 'execa';
import {parse} from 'smol-toml';
import {afterEach, describe, expect, it} from 'vitest';
import {aSampleWorkspace, buildpackFolder, type SampleWorkspace, treeOf} from './sample-workspace.ts';

let workspace: SampleWorkspace;
afterEach(() => workspace.remove());

describe('sample/environment', () => {
  it('contributes the defaults, the exec.d program and the profile script, the same each time', async () => {
    workspace = await aSampleWorkspace('orders-api');
    expect(await workspace.build('environment')).toMatchObject({exitCode: 0, stderr: ''});
    expect(await workspace.readLayersToml('environment', 'environment.toml')).toEqual({types: {launch: true}});
    const tree = await treeOf(workspace.layersOf('environment'));
    expect(tree.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'environment 755',
      'environment.toml 644',
      'environment/env.launch 755',
      'environment/env.launch/ORDERS_TITLE.default 644',
      'environment/env.launch/WORKER_INTERVAL_MS.default 644',
      'environment/exec.d 755',
      'environment/exec.d/concurrency 755',
      'environment/profile.d 755',
      'environment/profile.d/scripts.sh 644',
    ]);
    await workspace.build('environment');
    expect(await treeOf(workspace.layersOf('environment'))).toEqual(tree);
  });

  it('fails on a line that is no variable', async () => {
    workspace = await aSampleWorkspace();
    await workspace.write('launch.env', 'GOOD=1\nexport BAD=2\n');
    expect(await workspace.build('environment')).toMatchObject({
      exitCode: 1,
      stderr: 'ERROR: launch.env line 2: expected `NAME=value`',
    });
  });

  it('counts the processors before a process starts, unless somebody chose', async () => {
    workspace = await aSampleWorkspace();
    const concurrency = async (env: Record<string, string>): Promise<unknown> => {
      const program = join(buildpackFolder('environment'), 'exec.d', 'concurrency');
      const {stdio} = await execa(program, {
        env: {PATH: '', ...env},
        extendEnv: false,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      });
      return parse(String(stdio[3]));
    };
    expect(await concurrency({})).toEqual({WEB_CONCURRENCY: expect.stringMatching(/^[1-9]\d*$/) as string});
    expect(await concurrency({WEB_CONCURRENCY: '3'})).toEqual({});
  });

  it("puts the app's scripts on the PATH of a shell", async () => {
    workspace = await aSampleWorkspace();
    await workspace.write('scripts/report', '#!/bin/bash\n');
    const script = join(buildpackFolder('environment'), 'profile.d', 'scripts.sh');
    const {stdout} = await execa('/bin/bash', ['-c', `source '${script}'; echo "$PATH"`], {
      cwd: workspace.app,
      env: {PATH: '/bin'},
      extendEnv: false,
      // Bash takes a pipe made of a socket for a remote shell and then reads .bashrc.
      stdin: 'ignore',
    });
    expect(stdout).toBe(`${join(workspace.app, 'scripts')}:/bin`);
  });
});

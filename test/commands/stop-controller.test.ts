// Stopping a controller: it is over when the process is gone, not when the home is free.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {stopController} from '../../source/commands/machine/stop-controller.ts';
import {fakeClient} from '../support/fake-client.ts';
import {aState} from '../support/builders.ts';

test('it is waited for until its process is gone, which is later than its lock', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-stop-'));
  onTestFinished(() => rm(home, {recursive: true}));
  const controller = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("ready")']);
  onTestFinished(() => void controller.kill('SIGKILL'));
  await once(controller.stdout, 'data');
  const lock = path.join(home, 'controller.lock');
  await writeFile(lock, JSON.stringify({pid: controller.pid}));
  const client = {
    ...fakeClient({state: aState(), now: Date.now}),
    stop: async () => {
      await rm(lock);
      controller.stdin.end();
    },
  };
  await stopController({version: '0.1.0', home, now: Date.now, connect: () => Promise.resolve(client)});
  expect(controller.exitCode).toBe(0);
});

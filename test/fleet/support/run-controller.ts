// The real controller as a process of its own, from source. Given a number, it kills itself without a warning when so many
// builds have ended and others run: a fleet is through before another process could have seen it in the middle.
import {connectToController} from '../../../source/client/connect.ts';
import {runController} from '../../../source/daemon/run-controller.ts';

const home = process.env['SLIPWAY_HOME'] ?? '';
const killAfter = Number(process.argv[2] ?? Number.POSITIVE_INFINITY);
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
await runController({
  home,
  version: '0.1.0',
  node: process.execPath,
  lifecycleBundle: '/nowhere',
  examples: '/nowhere',
  signal: stopping.signal,
  log(line) {
    process.stdout.write(`${line}\n`);
    if (line.includes('controller ready') && Number.isFinite(killAfter)) void countEnded();
  },
});

async function countEnded(): Promise<void> {
  const client = await connectToController({home, version: '0.1.0'});
  let ended = 0;
  let running = 0;
  client.onEvent(({event}) => {
    if (event.kind === 'build.started') running += 1;
    if (event.kind === 'build.succeeded') {
      ended += 1;
      running -= 1;
    }
    if (ended >= killAfter && running > 0) process.kill(process.pid, 'SIGKILL');
  });
}

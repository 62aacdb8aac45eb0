// The real controller as a process of its own, from source: to be killed in the middle of a patch.
import {runController} from '../../../source/daemon/run-controller.ts';

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
await runController({
  home: process.env['SLIPWAY_HOME'] ?? '',
  version: '0.1.0',
  node: process.execPath,
  lifecycleBundle: '/nowhere',
  examples: '/nowhere',
  signal: stopping.signal,
  log: (line) => void process.stdout.write(`${line}\n`),
});

// A process that runs an embedded executor for a test: as another user, or to be killed. Job in, events and log bytes out, a line each.
import {createInterface} from 'node:readline';
import type {SandboxStatement} from '../../source/domain/event.ts';
import {createSandbox} from '../../source/executors/create-sandbox.ts';
import type {BuildJob} from '../../source/ports/executor.ts';
import {embeddedAt} from './build-site.ts';

const [, , home = '', lifecycle = '', statement = ''] = process.argv;
const executor = embeddedAt(home, createSandbox(JSON.parse(statement) as SandboxStatement), lifecycle);
const cancel = new AbortController();
const say = (message: unknown) => void process.stdout.write(`${JSON.stringify(message)}\n`);

createInterface({input: process.stdin}).on('line', (line) => {
  if (line === 'cancel') cancel.abort();
  else void runAndSay(JSON.parse(line) as BuildJob);
});

async function runAndSay(job: BuildJob): Promise<void> {
  const outcome = await executor.run(
    job,
    {
      event: (event) => say({event}),
      log: (phase, stream, bytes) => say({log: {phase, stream, bytes: Buffer.from(bytes).toString('base64')}}),
    },
    cancel.signal,
  );
  say({outcome});
  process.stdin.destroy();
}

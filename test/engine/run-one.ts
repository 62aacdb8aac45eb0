// One build in a process of its own, so that a test can kill the controller's process in the middle. Reads `{at, job, published, owner}` as JSON
// from standard input, prints the log.
import {createEngineCli} from '../../source/executors/container/engine-cli.ts';
import type {Engine} from '../../source/executors/container/engine.ts';
import type {BuildJob} from '../../source/ports/executor.ts';
import {composingExecutor} from './composed-builder.ts';

export type RunOne = {
  readonly engine: Engine;
  readonly base: string;
  readonly job: BuildJob;
  readonly published: string;
  readonly owner: string;
};

let text = '';
for await (const piece of process.stdin) text += String(piece);
const {engine, base, job, published, owner} = JSON.parse(text) as RunOne;
const executor = composingExecutor({engine, base, cli: createEngineCli(engine)}, published, owner);
const report = {
  event: () => undefined,
  log: (_phase: string, _stream: string, bytes: Uint8Array) => void process.stdout.write(bytes),
};
await executor.run(job, report, new AbortController().signal);

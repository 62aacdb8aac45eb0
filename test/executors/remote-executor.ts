// An embedded executor in a process of its own, so that a test can run it as an ordinary user, or kill it.
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {embeddedPhases, type PhaseName} from '../../source/domain/phase.ts';
import type {SandboxStatement} from '../../source/domain/event.ts';
import {sweepRuns} from '../../source/executors/run-record.ts';
import type {Executor, ExecutorEvent, LogStream, RunOutcome} from '../../source/ports/executor.ts';

export type RemoteOptions = {
  readonly home: string;
  readonly lifecycle: string;
  readonly statement: SandboxStatement;
  /** Run as this user; needs root. */
  readonly uid?: number;
  readonly onStart?: (child: ChildProcess) => void;
};

type Message =
  | {readonly event: ExecutorEvent}
  | {readonly log: {readonly phase: PhaseName; readonly stream: LogStream; readonly bytes: string}}
  | {readonly outcome: RunOutcome};

export function remoteExecutor(options: RemoteOptions): Executor {
  return {
    kind: 'embedded',
    phases: embeddedPhases,
    run: async (job, report, signal) => {
      const child = start(options);
      options.onStart?.(child);
      child.stdin?.write(`${JSON.stringify(job)}\n`);
      const cancel = () => void child.stdin?.write('cancel\n');
      if (signal.aborted) child.stdin?.write('cancel\n');
      signal.addEventListener('abort', cancel);
      let outcome: RunOutcome | undefined;
      for await (const line of createInterface({input: child.stdout as NodeJS.ReadableStream})) {
        const message = JSON.parse(line) as Message;
        if ('event' in message) report.event(message.event);
        else if ('log' in message)
          report.log(message.log.phase, message.log.stream, Buffer.from(message.log.bytes, 'base64'));
        else outcome = message.outcome;
      }
      if (!outcome) throw new Error('the process ended without an outcome');
      return outcome;
    },
    sweep: sweepRuns,
  };
}

/** Why no process can be started as this user here (it may not be allowed to read the checkout), or undefined. */
export function remoteProblem(uid: number): string | undefined {
  if (process.getuid?.() !== 0) return 'the tests are not run by root';
  const imports = JSON.stringify(path.resolve('test/executors/build-site.ts'));
  const [program = '', ...args] = as(uid, ['--input-type=module', '-e', `await import(${imports})`]);
  const trial = spawnSync(program, args, {env: {PATH: process.env['PATH'] ?? ''}, encoding: 'utf8'});
  return trial.status === 0
    ? undefined
    : `user ${uid} cannot run Node on this checkout: ${trial.stderr.trim().slice(0, 200)}`;
}

const hostFile = path.resolve('test/executors/executor-host.ts');

function start({home, lifecycle, statement, uid}: RemoteOptions): ChildProcess {
  const words = [hostFile, home, lifecycle, JSON.stringify(statement)];
  const [program = '', ...args] = uid === undefined ? [process.execPath, ...words] : as(uid, words);
  return spawn(program, args, {stdio: ['pipe', 'pipe', 'inherit'], env: {PATH: process.env['PATH'] ?? ''}});
}

function as(uid: number, words: readonly string[]): readonly string[] {
  return ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', process.execPath, ...words];
}

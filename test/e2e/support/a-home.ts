// A state directory of a test's own, the commands run on it, and its end: the controller stopped, no process left, removed.
import {mkdir, mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {eventually, expectNoProcesses} from './processes.ts';
import {type Printed, type RunOptions, runSlipway, startSlipway} from './program.ts';

/** One line of `slipway events`. */
export type SeenEvent = {readonly sequence: number; readonly kind: string; readonly at: number} & Readonly<
  Record<string, unknown>
>;

export type TestHome = {
  /** The state directory. */
  readonly path: string;
  /** A directory for everything else of the test: sources, buildpacks, base images. */
  readonly files: string;
  run(argv: readonly string[], options?: RunOptions): Promise<Printed>;
  /** The same for a command that must succeed; gives what it wrote to stdout. */
  ok(...argv: readonly string[]): Promise<string>;
  /** `ok` for a command with `-o json`. */
  json<Shape>(...argv: readonly string[]): Promise<Shape>;
  events(since?: string): Promise<readonly SeenEvent[]>;
  /** Resolves with the first event for which `isMeant` is true, among those there are and those to come. */
  event(what: string, isMeant: (event: SeenEvent) => boolean): Promise<SeenEvent>;
  /** The process id of the controller that holds the home, or undefined. */
  controllerPid(): Promise<number | undefined>;
  /** Kills the controller as a power cut would, and resolves when it is gone. */
  killController(): Promise<void>;
  /** Stops the controller, checks that nothing is left running, removes all. */
  remove(): Promise<void>;
};

/** A new one; nothing runs yet. `parent` is where to make it (default: the temporary directory). */
export async function aHome(
  options: {readonly parent?: string} & Pick<RunOptions, 'program' | 'env'> = {},
): Promise<TestHome> {
  const {parent = tmpdir(), ...always} = options;
  const root = await mkdtemp(join(parent, 'slipway-e2e-'));
  const path = join(root, 'home');
  const files = join(root, 'files');
  await mkdir(files);
  const run: TestHome['run'] = (argv, given) => runSlipway(path, argv, {...always, ...given});

  const ok = async (...argv: readonly string[]): Promise<string> => {
    const {code, stdout, stderr} = await run(argv);
    if (code !== 0) throw new Error(`slipway ${argv.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  };

  const controllerPid = async (): Promise<number | undefined> => {
    const text = await readFile(join(path, 'controller.lock'), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as {pid: number}).pid;
  };

  const endWith = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = await controllerPid();
    if (pid === undefined || !isAlive(pid)) return;
    process.kill(pid, signal);
    await eventually(`controller ${pid} is gone`, () => !isAlive(pid));
  };

  return {
    path,
    files,
    run,
    ok,
    json: async <Shape>(...argv: readonly string[]) => JSON.parse(await ok(...argv, '-o', 'json')) as Shape,
    events: async (since) => parsedEvents(await ok('events', ...(since === undefined ? [] : ['--since', since]))),
    event: (what, isMeant) => firstEvent(path, always, what, isMeant),
    controllerPid,
    killController: () => endWith('SIGKILL'),
    async remove() {
      try {
        await endWith('SIGTERM');
        await expectNoProcesses(root);
      } finally {
        await endWith('SIGKILL');
        await rm(root, {recursive: true, force: true});
      }
    },
  };
}

async function firstEvent(
  home: string,
  options: RunOptions,
  what: string,
  isMeant: (event: SeenEvent) => boolean,
): Promise<SeenEvent> {
  const follower = startSlipway(home, ['events', '--follow'], {...options, timeout: 60_000});
  const seen: string[] = [];
  try {
    for await (const line of createInterface({input: follower.stdout})) {
      const event = JSON.parse(line) as SeenEvent;
      seen.push(event.kind);
      if (isMeant(event)) return event;
    }
  } finally {
    follower.kill('SIGKILL');
    await follower;
  }
  throw new Error(`expected an event: ${what}; got ${seen.slice(-20).join(', ')}`);
}

function parsedEvents(text: string): readonly SeenEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SeenEvent);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

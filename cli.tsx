// The program's entry: reads the command line, wires the rooms together and hands over. The only file that sees the process.
import {access, constants, mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline/promises';
import type {Client} from './source/client/client.ts';
import {CommandError} from './source/commands/command-error.ts';
import type {CommandContext, DemoWorld, Probe, TextStream} from './source/commands/command-context.ts';
import {readGlobalOptions, type GlobalOptions} from './source/commands/global-options.ts';
import {readPreferences} from './source/preferences/read-preferences.ts';
import {userDirectories} from './source/preferences/user-directories.ts';

declare const __SLIPWAY_VERSION__: string;

/** How long a controller that was started on demand stays with nothing to do. */
const idleMilliseconds = 300_000;
/** How long a command may take to end after Ctrl-C before it is ended. */
const graceMilliseconds = 3_000;

const isBundle = path.basename(import.meta.filename) === 'cli.js';
const root = isBundle ? path.dirname(import.meta.dirname) : import.meta.dirname;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endWhenNobodyReads);
  if (argv[0] === 'lifecycle' && argv[1] !== 'patch') {
    const {runLifecycle} = await import('./source/lifecycle/run-lifecycle.ts');
    return runLifecycle(argv.slice(1), process.env, process);
  }
  const signal = interruption();
  try {
    const options = readGlobalOptions(argv, process.env);
    if (isForegroundController(options.rest)) return await serve(options, signal);
    signal.addEventListener('abort', () => setTimeout(() => process.exit(130), graceMilliseconds).unref());
    const context = await makeContext(options, signal);
    if (options.rest.length === 0) return await dashboard(context);
    const {runCli} = await import('./source/commands/run-cli.ts');
    return await runCli(options.rest, context);
  } catch (error) {
    return report(error);
  }
}

/** Aborted by the first Ctrl-C or request to end; the second ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}

/** `slipway … | head` is no error. */
function endWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

/** What went wrong before a command could report it. */
function report(error: unknown): number {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  if (!(error instanceof CommandError && error.kind === 'usage')) return 1;
  process.stderr.write('\nUsage: slipway [options] [command]\n');
  return 2;
}

async function makeContext(options: GlobalOptions, signal: AbortSignal): Promise<CommandContext> {
  const {state, preferences} = userDirectories(options.home, process.platform);
  const mendsPreferences = ['config', 'cfg', 'version', 'doctor'].includes(options.rest[0] ?? '');
  const {localFiles} = await import('./source/commands/machine/local-files.ts');
  const version = await ownVersion();
  const shared = {
    version,
    stdout: textStream(process.stdout),
    stderr: textStream(process.stderr),
    ask: process.stdin.isTTY ? ask : undefined,
    color: options.color && process.env['TERM'] !== 'dumb',
    ui: options.ui ?? (mendsPreferences ? undefined : readPreferences(preferences).ui) ?? 'auto',
    now: Date.now,
    signal,
    files: localFiles(process.cwd(), process.stdin),
    async preferences() {
      const {openPreferences} = await import('./source/preferences/preferences.ts');
      return openPreferences(preferences);
    },
  };
  const at = (home: string): CommandContext => ({
    ...shared,
    home,
    connect: (given) => connect(home, version, given?.start ?? true),
    probes: () => probes(home),
    openDashboard: () => openDashboard(home, version, preferences),
    demo,
  });
  const demo = demoWorld(options.homeFrom === 'flag' ? state : `${state}-demo`, at);
  return at(state);
}

function textStream(stream: NodeJS.WriteStream): TextStream {
  return {isTTY: stream.isTTY, write: (text) => void stream.write(text)};
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({input: process.stdin, output: process.stderr});
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

async function ownVersion(): Promise<string> {
  if (isBundle) return __SLIPWAY_VERSION__;
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {readonly version: string};
  return manifest.version;
}

async function connect(home: string, version: string, mayStart: boolean): Promise<Client> {
  const {connectToController} = await import('./source/client/connect.ts');
  const start = {command: [...thisProgram(), 'controller', 'start', '--foreground', '--on-demand']};
  return connectToController({home, version, ...(mayStart ? {start} : {})});
}

/** How this program is run again. */
function thisProgram(): readonly string[] {
  if (isBundle) return [process.execPath, path.join(root, 'dist/slipway.js')];
  return [process.execPath, '--import', path.join(root, 'scripts/tsx-loader.ts'), import.meta.filename];
}

/** `--on-demand` is how this program starts a controller: it ends by itself when it has nothing to do. */
function isForegroundController([group, verb, ...flags]: readonly string[]): boolean {
  return group === 'controller' && verb === 'start' && flags.includes('--foreground');
}

async function serve({home, rest}: GlobalOptions, signal: AbortSignal): Promise<number> {
  const unknown = rest.slice(2).find((flag) => flag !== '--foreground' && flag !== '--on-demand');
  if (unknown !== undefined) throw new CommandError('usage', `unknown option '${unknown}'`);
  const {runController} = await import('./source/daemon/run-controller.ts');
  await runController({
    home: userDirectories(home, process.platform).state,
    version: await ownVersion(),
    node: process.execPath,
    lifecycleBundle: path.join(root, 'dist/lifecycle.js'),
    examples: path.join(root, 'examples'),
    ...(rest.includes('--on-demand') ? {idleAfter: idleMilliseconds} : {}),
    signal,
    log: (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`),
  });
  return 0;
}

async function dashboard(context: CommandContext): Promise<number> {
  const isWanted = context.ui === 'tty' || (context.ui === 'auto' && context.stdout.isTTY);
  if (isWanted && process.stdin.isTTY) return context.openDashboard();
  throw new CommandError(
    'usage',
    'expected a terminal for the dashboard, got none; `slipway --help` lists the commands',
  );
}

async function openDashboard(home: string, version: string, preferences: string): Promise<number> {
  const {theme, ascii} = readPreferences(preferences);
  const client = await connect(home, version, true);
  try {
    const {runDashboard} = await import('./source/ui/run-dashboard.tsx');
    const {stdin, stdout} = process;
    const {lines} = await runDashboard({
      client,
      stdin,
      stdout,
      now: Date.now,
      preferences: {theme, ascii},
      title: home,
    });
    for (const line of lines) stdout.write(`${line}\n`);
    return 0;
  } finally {
    client.close();
  }
}

function demoWorld(home: string, at: (home: string) => CommandContext): DemoWorld {
  const stop = async () => {
    const {stopController} = await import('./source/commands/machine/stop-controller.ts');
    await stopController(at(home));
  };
  return {
    async open() {
      const {freshDemoHome} = await import('./source/commands/machine/demo-home.ts');
      await freshDemoHome(home, stop);
      return at(home);
    },
    async editSample(repository) {
      const {editSample} = await import('./source/commands/machine/edit-sample.ts');
      return editSample(repository);
    },
    close: stop,
  };
}

async function probes(home: string): Promise<readonly Probe[]> {
  const {machineProbes} = await import('./source/commands/machine/machine-probes.ts');
  const {probeSandbox} = await import('./source/executors/probe-sandbox.ts');
  const {isTTY, columns, rows} = process.stdout;
  return machineProbes({
    nodeVersion: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    terminal: {isTTY, columns, rows, colorDepth: isTTY ? process.stdout.getColorDepth() : 1},
    home,
    probeSandbox: () => probeSandbox(process.execPath),
    async tryHome() {
      await mkdir(home, {recursive: true, mode: 0o700});
      await access(home, constants.W_OK | constants.X_OK);
    },
  });
}

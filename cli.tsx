// The program's entry: reads the command line, wires the rooms together and hands over. The only file that sees the process.
import {access, constants, mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline/promises';
import type {Client} from './source/client/client.ts';
import {CommandError} from './source/commands/command-error.ts';
import type {CommandContext, DemoWorld, Probe, TextStream} from './source/commands/command-context.ts';
import {harmlessLine, harmlessText} from './source/commands/harmless-text.ts';
import {readGlobalOptions, type GlobalOptions} from './source/commands/global-options.ts';
import {readPreferences} from './source/preferences/read-preferences.ts';
import type {PlainData} from './source/domain/plain-yaml.ts';
import type {DashboardPorts} from './source/ui/ports.ts';
import type {Guide} from './source/ui/view-models/guide-lines.ts';
import {userDirectories} from './source/preferences/user-directories.ts';

declare const __SLIPWAY_VERSION__: string;

/** How long a controller that was started on demand stays with nothing to do. */
const idleMilliseconds = 300_000;
/** How long a command may take to end after Ctrl-C before it is ended. */
const graceMilliseconds = 3_000;
/** How long the dashboard may take to give the terminal back when it is gone or somebody ends it. */
const dashboardGraceMilliseconds = 1_500;

const isBundle = path.basename(import.meta.filename) === 'cli.js';
const root = isBundle ? path.dirname(import.meta.dirname) : import.meta.dirname;
/** A terminal that can do nothing but show lines: for every command it is a file that somebody reads. */
const isDumb = process.env['TERM'] === 'dumb';

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
    if (isForegroundController(options.rest)) {
      await becomeController();
      return await serve(options, signal);
    }
    signal.addEventListener('abort', () => setTimeout(() => process.exit(130), graceMilliseconds).unref());
    const context = await makeContext(options, signal);
    if (options.rest.length === 0) return await dashboard(context, options);
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
  // The terminal is gone: nobody can be told.
  if (error.code === 'EIO') process.exit(129);
  throw error;
}

/** What went wrong before a command could report it. */
function report(error: unknown): number {
  process.stderr.write(harmlessText(`Error: ${error instanceof Error ? error.message : String(error)}\n`));
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
    stdout: textStream(process.stdout, process.stdout.isTTY),
    stderr: textStream(process.stderr, true),
    ask: process.stdin.isTTY ? ask : undefined,
    color: options.color && !isDumb,
    ui: options.ui ?? (mendsPreferences ? undefined : readPreferences(preferences).ui) ?? (isDumb ? 'plain' : 'auto'),
    now: Date.now,
    signal,
    files: localFiles(process.cwd(), process.stdin),
    async preferences() {
      const {openPreferences} = await import('./source/preferences/preferences.ts');
      return openPreferences(preferences);
    },
  };
  const demoHome = options.homeFrom === 'flag' && options.rest[0] === 'demo' ? state : `${state}-demo`;
  const at = (home: string): CommandContext => ({
    ...shared,
    home,
    connect: (given) => connect(home, version, given?.start ?? true),
    probes: () => probes(home),
    openDashboard: (guide) =>
      openDashboard({home, version, preferences, signal, isDemo: home === demoHome, ...options, ...(guide && {guide})}),
    demo,
  });
  const demo = demoWorld(demoHome, at);
  return at(state);
}

/** Data goes on as it is; what a person reads cannot steer the terminal. */
function textStream(stream: NodeJS.WriteStream, isForPeople: boolean): TextStream {
  const write = (text: string) => void stream.write(isForPeople ? harmlessLine(text) : text);
  return {isTTY: stream.isTTY && !isDumb, write};
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
  const {controllerNodeFlags} = await import('./source/daemon/controller-node-flags.ts');
  const [node = process.execPath, ...program] = thisProgram();
  const start = {
    command: [node, ...controllerNodeFlags, ...program, 'controller', 'start', '--foreground', '--on-demand'],
  };
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

/**
 * Puts a process with a controller's memory settings in this one's place: the same pid, the same streams, so that whoever started it notices
 * nothing. Somebody's own setting stays; where a process cannot be replaced the controller runs as it is.
 */
async function becomeController(): Promise<void> {
  const {controllerNodeFlags} = await import('./source/daemon/controller-node-flags.ts');
  const given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  if (given.includes('--max-semi-space-size') || process.execve === undefined) return;
  const words = [...process.execArgv, ...controllerNodeFlags, ...process.argv.slice(1)];
  process.execve(process.execPath, [process.execPath, ...words], process.env);
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

/** What `openDashboard` needs to know; the options are those of the command line. */
type DashboardWish = Pick<GlobalOptions, 'readOnly' | 'accessible' | 'color'> & {
  readonly home: string;
  readonly version: string;
  readonly preferences: string;
  readonly signal: AbortSignal;
  readonly isDemo: boolean;
  readonly guide?: Guide;
};

async function dashboard(context: CommandContext, options: GlobalOptions): Promise<number> {
  const isWanted = options.accessible || context.ui === 'tty' || (context.ui === 'auto' && context.stdout.isTTY);
  if (isWanted && process.stdin.isTTY) return context.openDashboard();
  if (context.ui !== 'auto' || context.stdout.isTTY) return stream(context);
  throw new CommandError(
    'usage',
    'expected a terminal for the dashboard, got none; `slipway --ui plain` prints events, `slipway --help` lists the commands',
  );
}

/** The same events without a screen, until Ctrl-C. */
async function stream(context: CommandContext): Promise<number> {
  const face = context.ui === 'json' || context.ui === 'quiet' ? context.ui : 'plain';
  const client = await context.connect();
  try {
    const {runStream} = await import('./source/ui/run-stream.ts');
    const write = (text: string) => context.stdout.write(text);
    const {failed} = await runStream({client, face, write, now: Date.now, signal: context.signal});
    return failed ? 1 : 0;
  } finally {
    client.close();
  }
}

async function openDashboard(wish: DashboardWish): Promise<number> {
  const {home, version, preferences: directory, isDemo} = wish;
  const preferences = readPreferences(directory);
  const {checkPreferences} = await import('./source/ui/check-preferences.ts');
  const [problem] = checkPreferences(preferences);
  if (problem) {
    const {preferenceError} = await import('./source/preferences/preference-place.ts');
    throw preferenceError(directory, problem.path, problem.message);
  }
  const client = await connect(home, version, true);
  try {
    const {lines, failed} = await runFace(client, wish, preferences, isDemo ? 'demo' : path.basename(home));
    for (const line of lines) process.stdout.write(`${line}\n`);
    return failed ? 1 : 0;
  } finally {
    client.close();
  }
}

async function runFace(
  client: Client,
  {home, signal, readOnly, accessible, color, guide}: DashboardWish,
  preferences: ReturnType<typeof readPreferences>,
  title: string,
) {
  const {stdin, stdout} = process;
  const ports = await dashboardPorts(home);
  const common = {client, now: Date.now, title, readOnly, ports, ...(guide && {guide})};
  if (accessible) {
    const {runAccessible} = await import('./source/ui/run-accessible.ts');
    const lines = createInterface({input: stdin, signal});
    return runAccessible({...common, lines, write: (text) => void stdout.write(text)});
  }
  const {runDashboard} = await import('./source/ui/run-dashboard.tsx');
  // Where nothing else gives the terminal back, the end of the process does.
  let giveBack: () => void = () => undefined;
  const last = () => giveBack();
  process.on('exit', last);
  process.on('uncaughtException', endBroken);
  process.on('unhandledRejection', endBroken);
  signal.addEventListener('abort', () => setTimeout(() => process.exit(130), dashboardGraceMilliseconds).unref());
  stdin.once('close', () => setTimeout(() => process.exit(129), dashboardGraceMilliseconds).unref());
  try {
    return await runDashboard({
      ...common,
      stdin,
      stdout,
      signal,
      preferences: color ? preferences : {...preferences, theme: 'none'},
      guard: (work) => {
        giveBack = work;
      },
    });
  } finally {
    process.off('exit', last);
    process.off('uncaughtException', endBroken);
    process.off('unhandledRejection', endBroken);
  }
}

/** The terminal is given back on the way out; what broke is said on the ordinary screen. */
function endBroken(error: unknown): void {
  process.once('exit', () =>
    process.stderr.write(`Error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
  );
  process.exit(1);
}

async function dashboardPorts(home: string): Promise<DashboardPorts> {
  const {dashboardMachine} = await import('./source/commands/machine/dashboard-machine.ts');
  const {plainYaml} = await import('./source/domain/plain-yaml.ts');
  const {imageManifest, imageResource} = await import('./source/commands/resources/image-resource.ts');
  const {stackResource} = await import('./source/commands/resources/stack-resource.ts');
  const {builderResource} = await import('./source/commands/resources/builder-resource.ts');
  const resourceOf: (...given: Parameters<NonNullable<DashboardPorts['yaml']>>) => PlainData = (
    subject,
    state,
    status,
  ) => {
    switch (subject.kind) {
      case 'image':
        return status ? imageResource(subject.record, state) : imageManifest(subject.record.image);
      case 'stack':
        return stackResource(subject.stack);
      case 'builder':
        return builderResource(subject.builder, state);
      default:
        return subject satisfies never;
    }
  };
  return {
    ...dashboardMachine(path.join(home, 'saved'), process.env, process.platform),
    yaml: (subject, state, status) => plainYaml(resourceOf(subject, state, status)),
  };
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
  const {detectEngines} = await import('./source/executors/container/detect-engines.ts');
  const {engineStatement} = await import('./source/executors/container/engine-statement.ts');
  const {isTTY, columns, rows} = process.stdout;
  return machineProbes({
    nodeVersion: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    terminal: {isTTY, columns, rows, colorDepth: isTTY ? process.stdout.getColorDepth() : 1},
    home,
    probeSandbox: () => probeSandbox(process.execPath),
    findEngines: async () => (await detectEngines()).map(engineStatement),
    async tryHome() {
      await mkdir(home, {recursive: true, mode: 0o700});
      await access(home, constants.W_OK | constants.X_OK);
    },
  });
}

// The grammar: every command in its group, and how commander's own errors become ours.
import {Command, type CommanderError} from 'commander';
import {buildCommands} from './build/build-commands.ts';
import {builderCommands} from './builder/builder-commands.ts';
import {clusterLifecycleCommands, lifecycleCommands} from './clusterlifecycle/clusterlifecycle-commands.ts';
import {clusterStackCommands} from './clusterstack/clusterstack-commands.ts';
import {clusterStoreCommands} from './clusterstore/clusterstore-commands.ts';
import {CommandError} from './command-error.ts';
import type {CommandContext} from './command-context.ts';
import {configCommands} from './config/config-commands.ts';
import {controllerCommands} from './controller/controller-commands.ts';
import {demoCommand} from './demo/demo.ts';
import type {RunCommand} from './demo/run-command.ts';
import {doctorCommand} from './doctor.ts';
import {eventsCommand} from './events.ts';
import {exitCode, type ExitCode} from './exit-code.ts';
import {imageCommands} from './image/image-commands.ts';
import {laterCommands} from './later.ts';
import {applyCommand} from './manifest/apply.ts';
import {exportCommand} from './manifest/export.ts';
import {importCommand} from './manifest/import.ts';
import {patchCommands} from './patch/patch-commands.ts';
import {pruneCommand} from './prune.ts';
import type {Run} from './run.ts';
import {UsageError} from './usage-error.ts';
import {versionCommand} from './version.ts';

/** The whole program for one command line; `code` gives the exit code once it was parsed. `runCommand` is how the demo runs others. */
export function makeProgram(
  context: CommandContext,
  runCommand: RunCommand,
): {readonly program: Command; readonly code: () => ExitCode} {
  let code: ExitCode = exitCode.done;
  const run: Run =
    (action) =>
    async (...args) => {
      code = await withUsage(args.at(-1), () => action(...args));
    };
  const program = new Command('slipway').description(description).addHelpText('after', globalHelp);
  for (const command of commands(context, run, runCommand)) program.addCommand(command);
  prepare(program, context);
  return {program, code: () => code};
}

const description = `A local controller and dashboard for Cloud Native Buildpacks builds. The grammar is kp's.
Without a command the dashboard opens.`;

const globalHelp = `
Every command:
  --home DIR   where the state lies (SLIPWAY_HOME; default: the platform's state directory)
  --ui MODE    auto, tty, plain, json or quiet, where something is watched
  --no-color   no colours (NO_COLOR)
  --read-only  the dashboard changes nothing
  --accessible for screen readers: lines instead of a screen (ACCESSIBLE=1)

Exit codes: 0 done, 1 the operation or the build failed, 2 wrong usage, 3 no controller, 130 interrupted.`;

function commands(context: CommandContext, run: Run, runCommand: RunCommand): readonly Command[] {
  return [
    imageCommands(context, run),
    buildCommands(context, run),
    clusterStackCommands(context, run),
    builderCommands('ClusterBuilder', context, run),
    builderCommands('Builder', context, run),
    clusterStoreCommands(context, run),
    clusterLifecycleCommands(context, run),
    lifecycleCommands(context, run),
    patchCommands(context, run),
    importCommand(context, run),
    applyCommand(context, run),
    exportCommand(context, run),
    pruneCommand(context, run),
    configCommands(context, run),
    controllerCommands(context, run),
    eventsCommand(context, run),
    doctorCommand(context, run),
    versionCommand(context, run),
    demoCommand(context, run, runCommand),
    ...laterCommands(run),
  ];
}

/** A wrong command line found by an action is reported with that command's usage, as commander's findings are. */
async function withUsage(command: unknown, action: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await action();
  } catch (error) {
    const isWrongUsage = error instanceof CommandError && error.kind === 'usage' && command instanceof Command;
    throw isWrongUsage ? new UsageError(error.message, command, {cause: error}) : error;
  }
}

/** Every command of the tree writes to the context and throws instead of ending the process. */
function prepare(command: Command, context: CommandContext): void {
  command
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : new UsageError(wordsOf(error, command), command, {cause: error});
    })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHasColors: () => context.color,
      getErrHasColors: () => context.color,
    });
  for (const child of command.commands) prepare(child, context);
}

/** kp's words where kp has some (kpack-cli `pkg/commands/args.go`), else commander's. */
function wordsOf(error: CommanderError, command: Command): string {
  switch (error.code) {
    case 'commander.missingArgument':
    case 'commander.excessArguments':
      return `accepts ${argumentCount(command)} arg(s), received ${command.args.length}`;
    case 'commander.help':
      return `expected a command, got none; see '${command.name()} --help'`;
    default:
      return error.message.replace(/^error: /, '');
  }
}

function argumentCount(command: Command): string {
  const all = command.registeredArguments;
  const required = all.filter((argument) => argument.required).length;
  return required === all.length ? String(required) : `${required} or ${all.length}`;
}

// An error as the user sees it: `Error: …` on stderr, the usage line when the command line was wrong, and the exit code.
import {CommanderError} from 'commander';
import {ClientError} from '../client/client.ts';
import {CommandError, type CommandErrorKind} from './command-error.ts';
import type {CommandContext} from './command-context.ts';
import {exitCode, type ExitCode} from './exit-code.ts';
import {UsageError} from './usage-error.ts';

/** Says what went wrong; gives the exit code for it. */
export function reportError(error: unknown, context: CommandContext): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done;
  if (context.signal.aborted) return exitCode.interrupted;
  const message = messageOf(error);
  context.stderr.write(`Error: ${message}\n${nextStep(message)}`);
  if (error instanceof UsageError) context.stderr.write(`\nUsage: ${error.usage}\n`);
  return codeOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** kp's words for an unknown name say nothing of what to do; a line of its own does. */
function nextStep(message: string): string {
  const [, group] =
    /^(image|build|builder|clusterbuilder|clusterstack|clusterstore)s?(?:\.kpack\.io)? "[^"]*" not found$/.exec(
      message,
    ) ?? [];
  return group === undefined ? '' : `Next: slipway ${group} list shows what there is\n`;
}

const codes: Readonly<Record<CommandErrorKind, ExitCode>> = {
  usage: exitCode.usage,
  failed: exitCode.failed,
  'no-controller': exitCode.noController,
  interrupted: exitCode.interrupted,
};

function codeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCode.usage;
  if (error instanceof CommandError) return codes[error.kind];
  if (error instanceof ClientError && error.kind === 'disconnected') return exitCode.noController;
  return exitCode.failed;
}

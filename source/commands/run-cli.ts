// Runs one command line in this process: parse, act, report. Nothing here ends the process.
import type {CommandContext} from './command-context.ts';
import type {ExitCode} from './exit-code.ts';
import {makeProgram} from './program.ts';
import {reportError} from './report-error.ts';

/** The exit code of the command; its output went to the context's streams. */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  const {program, code} = makeProgram(context, runCli);
  try {
    await program.parseAsync(argv, {from: 'user'});
    return code();
  } catch (error) {
    return reportError(error, context);
  }
}

// How the demo runs the program's own commands.
import type {CommandContext} from '../command-context.ts';
import type {ExitCode} from '../exit-code.ts';

/** Runs a command line in this process; resolves to its exit code. */
export type RunCommand = (argv: readonly string[], context: CommandContext) => Promise<ExitCode>;

// How a command's action is carried out: its exit code is kept for the program.
import type {Command} from 'commander';
import type {ExitCode} from './exit-code.ts';

/** Wraps an action for commander. The last argument an action gets is its command. */
export type Run = <A extends readonly [...unknown[], Command]>(
  action: (...args: A) => Promise<ExitCode>,
) => (...args: A) => Promise<void>;

// A command line that is wrong, with the usage of the command it was meant for.
import type {Command} from 'commander';

export class UsageError extends Error {
  /** `slipway image create [options] <name>` */
  readonly usage: string;
  constructor(message: string, command: Command, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.name = 'UsageError';
    this.usage = `${commandPath(command)} ${command.usage()}`;
  }
}

function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name();
}

// Reaches the controller for as long as an action takes.
import type {Client} from '../client/client.ts';
import {CommandError} from './command-error.ts';
import type {CommandContext} from './command-context.ts';

/** Runs the action with a client and closes it afterwards. No controller at all is an error of its own (exit code 3). */
export async function withClient<T>(
  context: Pick<CommandContext, 'connect'>,
  action: (client: Client) => Promise<T>,
  options?: {readonly start?: boolean},
): Promise<T> {
  const client = await reach(context, options);
  try {
    return await action(client);
  } finally {
    client.close();
  }
}

async function reach(context: Pick<CommandContext, 'connect'>, options?: {readonly start?: boolean}): Promise<Client> {
  try {
    return await context.connect(options);
  } catch (cause) {
    throw new CommandError('no-controller', cause instanceof Error ? cause.message : String(cause), {cause});
  }
}

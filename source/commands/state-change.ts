// Waits for the client's state to become another one: no polling, no missed change.
import {type Client, ClientError} from '../client/client.ts';
import type {State} from '../state/state.ts';
import {interruption} from './command-error.ts';

/**
 * Resolves when the state is no longer `seen` (at once when it already is not). Rejects when the user interrupts or the
 * connection is closed for good.
 */
export function stateChange(client: Client, seen: State, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    const settle = (action: () => void) => {
      for (const stop of stops) stop();
      action();
    };
    const look = () => {
      const connection = client.connection.read();
      if (signal.aborted) settle(() => reject(interruption()));
      else if (client.state.read() !== seen) settle(resolve);
      else if (connection.kind === 'closed') settle(() => reject(closedError(connection.why)));
    };
    signal.addEventListener('abort', look);
    stops.push(client.state.subscribe(look), client.connection.subscribe(look));
    stops.push(() => signal.removeEventListener('abort', look));
    look();
  });
}

/** Calls `test` with every new state until it gives something. */
export async function waitForState<T>(
  client: Client,
  signal: AbortSignal,
  test: (state: State) => T | undefined,
): Promise<T> {
  for (;;) {
    const state = client.state.read();
    const found = test(state);
    if (found !== undefined) return found;
    await stateChange(client, state, signal);
  }
}

function closedError(why: string): ClientError {
  return new ClientError('disconnected', `the controller went away (${why}); run the command again to start one`);
}

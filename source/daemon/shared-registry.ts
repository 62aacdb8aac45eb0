// One registry client for everything that is delivered at about the same time: connections, tokens and what a fleet has brought already are
// shared. It goes when nobody has used it for a while, and when a registry turned it away: a login counts at the next try.
import {createNeighbours, type RegistryNeighbours} from '../oci/registry-neighbours.ts';
import type {RegistryClient} from '../oci/registry-client.ts';
import {RegistryError} from '../oci/registry-error.ts';

export type SharedRegistry = {
  /** Gives what `act` gives; the client is its for that long. */
  use<T>(act: (client: RegistryClient, neighbours: RegistryNeighbours) => Promise<T>): Promise<T>;
};

/** `open` makes a client; it is closed here. */
export function shareRegistry(open: () => RegistryClient): SharedRegistry {
  let current: Shared | undefined;

  const release = (shared: Shared): void => {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (shared !== current) {
      shared.client.close();
      return;
    }
    shared.idle = setTimeout(() => {
      current = undefined;
      shared.client.close();
    }, idleAfter).unref();
  };

  return {
    async use(act) {
      const shared = (current ??= {client: open(), neighbours: createNeighbours(), users: 0, idle: undefined});
      clearTimeout(shared.idle);
      shared.users += 1;
      try {
        return await act(shared.client, shared.neighbours);
      } catch (error) {
        if (wasTurnedAway(error) && current === shared) current = undefined;
        throw error;
      } finally {
        release(shared);
      }
    },
  };
}

type Shared = {
  readonly client: RegistryClient;
  readonly neighbours: RegistryNeighbours;
  users: number;
  idle: NodeJS.Timeout | undefined;
};

/** Milliseconds. */
const idleAfter = 15_000;

function wasTurnedAway(error: unknown): boolean {
  return error instanceof RegistryError && (error.kind === 'unauthorized' || error.kind === 'denied');
}

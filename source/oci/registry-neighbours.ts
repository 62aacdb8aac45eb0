// Which repository of a registry has a blob that a fleet needs everywhere: the first that has it brings it, the others wait and mount it.
import type {Digest} from './digest.ts';
import type {Repository} from './registry-client.ts';

/** Keep one for as long as the client lives: what it remembers is only ever a hint. */
export type RegistryNeighbours = {
  /**
   * Runs `work` with a repository of the same registry that has the blob, as far as is known; gives what `work` gives. After it the target has
   * it too. Who asks while the first is at work waits for it; when that one fails, the next is the first.
   */
  bring<T>(target: Repository, digest: Digest, work: (neighbour: Repository | undefined) => Promise<T>): Promise<T>;
  /** Remembers that a repository was given an image: when it is to be given it again, it may have it still. */
  gave(target: Repository, digest: Digest): void;
  hasGiven(target: Repository, digest: Digest): boolean;
};

export function createNeighbours(): RegistryNeighbours {
  const known = new Map<string, Promise<Repository | undefined>>();
  const given = new Set<string>();
  return {
    async bring(target, digest, work) {
      const key = `${target.host} ${digest}`;
      for (;;) {
        const there = known.get(key);
        if (!there) break;
        const neighbour = await there;
        if (neighbour) return work(neighbour);
      }
      if (known.size >= mostKnown) known.clear();
      const done = work(undefined);
      // Nobody waits for ever, and nobody else's failure is theirs.
      const {host, repository} = target;
      known.set(
        key,
        done.then(
          () => ({host, repository}),
          () => {
            known.delete(key);
            return undefined;
          },
        ),
      );
      return done;
    },
    gave({host, repository}, digest) {
      if (given.size >= mostKnown) given.clear();
      given.add(`${host}/${repository}@${digest}`);
    },
    hasGiven: ({host, repository}, digest) => given.has(`${host}/${repository}@${digest}`),
  };
}

/** Blobs of bases, of which few are in use, and images. */
const mostKnown = 10_000;

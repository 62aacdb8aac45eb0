// A container engine on this machine, as its command line was found to be.

import type {EngineKind} from '../../domain/engine.ts';

export type {EngineKind};

export type Engine = {
  readonly kind: EngineKind;
  /** The command line program: a name on the PATH or an absolute path. */
  readonly program: string;
  /** Of the engine itself, not of its command line. */
  readonly version: string;
  /** Runs as an ordinary user: its root is nobody on this machine. */
  readonly rootless: boolean;
  /** What the command line needs in its environment beside ours, to find this engine (DOCKER_HOST, CONTAINERS_CONF). */
  readonly environment: Readonly<Record<string, string>>;
  /** What it cannot do for a build, each a sentence. */
  readonly limits: readonly string[];
};

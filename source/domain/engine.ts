// Container engines as builders name them and as the controller found them.

export type EngineKind = 'docker' | 'podman';

/** What was found of an engine of this machine when it was last looked for. */
export type EngineStatement =
  | {
      readonly kind: EngineKind;
      readonly state: 'ready';
      /** Of the engine itself, not of its command line. */
      readonly version: string;
      readonly rootless: boolean;
      /** What it cannot do for a build, each a sentence. */
      readonly limits: readonly string[];
    }
  | {
      readonly kind: EngineKind;
      /** `absent`: no such program. `silent`: the program is there, the engine does not answer. */
      readonly state: 'absent' | 'silent';
      readonly problem: string;
      /** The command that helps. */
      readonly next: string;
    };

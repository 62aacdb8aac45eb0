// Finds out what a source is now, and puts it into a directory.
import type {ImageSource, ResolvedSource} from '../domain/source.ts';

export type SourceResolver = {
  /**
   * What the source is at this moment. Rejects with an `Error` whose message says what was expected, what came and the
   * next step; never with credentials in it.
   */
  resolve(source: ImageSource, signal: AbortSignal, options?: ResolveOptions): Promise<ResolvedSource>;
  /**
   * Writes the source at exactly this revision into `directory` (which exists and is empty), excludes applied, `subPath`
   * made the root. Rejects when the revision cannot be had any more or, for a local directory, when its content no
   * longer has that digest.
   */
  fetch(
    source: ImageSource,
    revision: ResolvedSource,
    directory: string,
    options: FetchOptions,
  ): Promise<FetchedSource>;
};

export type ResolveOptions = {
  /**
   * As for `fetch`: the descriptor says which files of a local directory belong to it, so both must be given the same for
   * the digest to be that of what is fetched.
   */
  readonly projectDescriptorPath?: string;
};

export type FetchOptions = {
  readonly signal: AbortSignal;
  /** Receives the lines of the prepare phase. */
  readonly log: (line: string) => void;
  /** Path of the project descriptor below the source root; default `project.toml`. */
  readonly projectDescriptorPath?: string;
};

export type FetchedSource = {
  /** Build-time environment the project descriptor asks for (`[[io.buildpacks.build.env]]`). */
  readonly env: readonly {readonly name: string; readonly value: string}[];
  /** What project-metadata.toml records (specification: platform, project-metadata.toml), as plain data. */
  readonly metadata: {
    readonly type: string;
    readonly version: Readonly<Record<string, unknown>>;
    readonly metadata: Readonly<Record<string, unknown>>;
  };
};

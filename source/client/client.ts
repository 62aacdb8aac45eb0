// What every client of the controller can do. The UI cannot tell whether a socket or the same process is behind it.
import type {BaseDifference} from '../domain/base-difference.ts';
import type {BuildRef} from '../domain/build.ts';
import type {RecordedEvent} from '../domain/event.ts';
import type {Intent, IntentResult} from '../protocol/intent.ts';
import type {
  BaseDifferenceQuery,
  ControllerStatus,
  ImageCache,
  ImageCachesQuery,
  ImageExport,
  ImageExportQuery,
  ImageInspection,
  ImageSbom,
  ImageSbomQuery,
  LogSearchPage,
  ProtocolLogLine,
  ProtocolLogSection,
  ReadLog,
  WireErrorKind,
} from '../protocol/message.ts';
import type {State} from '../state/state.ts';

export type Connection =
  | {readonly kind: 'connected'}
  | {readonly kind: 'reconnecting'; readonly why: string}
  | {readonly kind: 'closed'; readonly why: string};

export type Client = {
  /** The state as of the newest event received. The same object until something changes. */
  readonly state: {
    read(): State;
    /** Called after every change of the state; returns the way to stop. */
    subscribe(changed: () => void): () => void;
  };
  readonly connection: {read(): Connection; subscribe(changed: () => void): () => void};
  /** Every event as it arrives; returns the way to stop. */
  onEvent(listener: (event: RecordedEvent) => void): () => void;
  /** Asks; resolves when the controller has recorded it and this client's state contains it. Rejects with ClientError. */
  send(intent: Intent, options?: {readonly dryRun?: boolean}): Promise<IntentResult>;
  readLog(build: BuildRef, from: number, count: number): Promise<ReadLog>;
  /** The log's bytes as they came: one piece from an offset on, and how many there are now. */
  readLogBytes(build: BuildRef, from: number): Promise<{readonly bytes: Uint8Array; readonly size: number}>;
  logSections(build: BuildRef): Promise<readonly ProtocolLogSection[]>;
  /** One page of a search: ask again from `searched` until that is `total`. An empty pattern makes the search ready. */
  searchLog(
    build: BuildRef,
    query: {readonly pattern: string; readonly regex?: boolean},
    from: number,
    limit: number,
  ): Promise<LogSearchPage>;
  /** The first line that came at or after a time (milliseconds since the epoch); the total when there is none. */
  logLineAt(build: BuildRef, at: number): Promise<number>;
  /** Resolves when the log is complete or the signal aborts; lines come in order, without a gap. */
  followLog(
    build: BuildRef,
    from: number,
    onLines: (
      lines: readonly ProtocolLogLine[],
      total: number,
      /** All of them, whenever some were added. */
      sections?: readonly ProtocolLogSection[],
    ) => void,
    signal: AbortSignal,
  ): Promise<void>;
  readEvents(query: {
    readonly since?: number;
    readonly afterSequence?: number;
    readonly limit: number;
  }): Promise<readonly RecordedEvent[]>;
  inspectImage(namespace: string, name: string, digest?: string): Promise<ImageInspection>;
  /** Copies a built image elsewhere; resolves when it is there, complete. */
  exportImage(query: ImageExportQuery): Promise<ImageExport>;
  /** Writes the SBOMs of a built image below a directory of the controller's machine. */
  writeSbom(query: ImageSbomQuery): Promise<ImageSbom>;
  /** The caches of all images or of one; with `purge` those of one are removed and given back. */
  imageCaches(query: ImageCachesQuery): Promise<{readonly caches: readonly ImageCache[]}>;
  /** What differs between the run image of a stack (or another image) and the one that `to` names. */
  baseDifference(query: BaseDifferenceQuery): Promise<BaseDifference>;
  status(): Promise<ControllerStatus>;
  stop(options?: {readonly cancelBuilds?: boolean}): Promise<void>;
  close(): void;
};

/** A refusal or a broken connection, for a person (`message`) and for code (`kind`). */
export class ClientError extends Error {
  readonly kind: WireErrorKind | 'disconnected';
  constructor(kind: WireErrorKind | 'disconnected', message: string, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.name = 'ClientError';
    this.kind = kind;
  }
}

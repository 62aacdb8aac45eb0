// The messages between controller and clients: newline-delimited JSON, requests answered by id, notifications without.
import type {BaseDifference} from '../domain/base-difference.ts';
import type {BuildRef} from '../domain/build.ts';
import type {EngineKind} from '../domain/engine.ts';
import type {RecordedEvent} from '../domain/event.ts';
import type {PhaseName} from '../domain/phase.ts';
import type {State} from '../state/state.ts';
import type {Intent, IntentResult} from './intent.ts';

/** Raised whenever a message changes its shape; both sides say theirs in the handshake. */
export const protocolVersion = 3;

type Nothing = Readonly<Record<string, never>>;

/** What each method takes and gives. */
export type Methods = {
  /** The first request of every connection; refused with `version-skew` when the protocols differ. */
  readonly hello: {params: {readonly protocol: number; readonly version: string}; result: ControllerStatus};
  /** From here on every recorded event arrives as an `event` notification, starting with `sequence + 1`. */
  readonly subscribe: {params: Nothing; result: {readonly sequence: number; readonly state: State}};
  readonly intent: {params: {readonly intent: Intent; readonly dryRun?: boolean}; result: IntentResult};
  readonly readLog: {
    params: {readonly build: BuildRef; readonly from: number; readonly count: number};
    result: ReadLog;
  };
  /** The log as it is on disk, from a byte on: one piece in base64, and how many bytes there are. */
  readonly readLogBytes: {
    params: {readonly build: BuildRef; readonly from: number};
    result: {readonly base64: string; readonly size: number};
  };
  readonly logSections: {
    params: {readonly build: BuildRef};
    result: {readonly sections: readonly ProtocolLogSection[]};
  };
  /**
   * Lines that hold the pattern (any case unless it has a capital letter), from line `from` on. It answers soon, with at most
   * `limit` lines: ask again from `searched` until that is the total. An empty pattern only makes the search ready.
   */
  readonly searchLog: {
    params: {
      readonly build: BuildRef;
      readonly pattern: string;
      readonly regex?: boolean;
      readonly from: number;
      readonly limit: number;
    };
    result: LogSearchPage;
  };
  /** The first line that came at or after a time; the total when there is none. */
  readonly logLineAt: {params: {readonly build: BuildRef; readonly at: number}; result: {readonly line: number}};
  /** `log` notifications that carry the answered `follow` arrive until the log is complete or `unfollow`. */
  readonly followLog: {params: {readonly build: BuildRef; readonly from: number}; result: {readonly follow: number}};
  readonly unfollow: {params: {readonly follow: number}; result: Nothing};
  readonly readEvents: {
    params: {readonly since?: number; readonly afterSequence?: number; readonly limit: number};
    result: {readonly events: readonly RecordedEvent[]};
  };
  readonly inspectImage: {
    params: {readonly namespace: string; readonly name: string; readonly digest?: string};
    result: {readonly inspection: ImageInspection};
  };
  /** Copies a built image to `oci:DIR[:TAG]`, `docker-archive:FILE`, `registry:REF` or `engine`; ends when the client is gone. */
  readonly exportImage: {params: ImageExportQuery; result: ImageExport};
  /** Writes the files of a built image's SBOM layer below an absolute directory. */
  readonly writeSbom: {params: ImageSbomQuery; result: ImageSbom};
  /** The caches of all images, or of one; with `purge` they are removed, and what was removed is answered. */
  readonly imageCaches: {params: ImageCachesQuery; result: {readonly caches: readonly ImageCache[]}};
  /** Reads both images, and asks a vulnerability scanner if one is installed: may take a while the first time. */
  readonly baseDifference: {params: BaseDifferenceQuery; result: {readonly difference: BaseDifference}};
  readonly status: {params: Nothing; result: ControllerStatus};
  /** Answers, then stops; running builds are interrupted and run again at the next start, or are cancelled if asked. */
  readonly stop: {params: {readonly cancelBuilds?: boolean}; result: Nothing};
};

export type MethodName = keyof Methods;

/** From the run image of a stack, or any image, to the image that `to` names. `scan: false` asks no scanner. */
export type BaseDifferenceQuery = {
  readonly from: {readonly kind: 'stack'; readonly name: string} | {readonly kind: 'image'; readonly reference: string};
  readonly to: string;
  readonly scan?: boolean;
};

/** `purge` needs both names. */
export type ImageCachesQuery = {readonly namespace?: string; readonly name?: string; readonly purge?: boolean};

/** What builds of an image keep for the next: a directory, or a volume of an engine. Bytes where they can be had. */
export type ImageCache = {
  readonly namespace: string;
  readonly name: string;
  readonly kept: 'directory' | EngineKind;
  readonly place: string;
  readonly size?: number;
};

type BuiltImage = {readonly namespace: string; readonly name: string; readonly digest?: string};

/** The newest image unless a digest is given; what is there already stays unless `force` is. */
export type ImageExportQuery = BuiltImage & {readonly to: string; readonly force?: boolean};
/** Where the image is now, and lines about the work. */
export type ImageExport = {readonly digest: string; readonly to: string; readonly notes: readonly string[]};
export type ImageSbomQuery = BuiltImage & {readonly directory: string; readonly force?: boolean};
/** The files that were written, below the directory. */
export type ImageSbom = {readonly digest: string; readonly files: readonly string[]};

export type ControllerStatus = {
  readonly pid: number;
  readonly version: string;
  readonly protocol: number;
  readonly home: string;
  readonly startedAt: number;
  readonly clients: number;
  readonly runningBuilds: number;
  readonly logFile: string;
};

/** A line of a build's log as it travels. */
export type ProtocolLogLine = {
  readonly line: number;
  readonly phase: PhaseName;
  readonly stream: 'stdout' | 'stderr' | 'slipway';
  readonly at: number;
  readonly attempt: number;
  readonly text: string;
  /** How many bytes of the line are not in `text`. */
  readonly cut?: number;
};
export type ProtocolLogSection = {
  readonly phase: PhaseName;
  readonly attempt: number;
  readonly line: number;
  /** The buildpack that begins here; absent where the phase itself begins. */
  readonly buildpack?: string;
  readonly at?: number;
};
/** Matching lines, ascending; every line before `searched` was looked at. */
export type LogSearchPage = {readonly lines: readonly number[]; readonly searched: number; readonly total: number};
export type ReadLog = {
  readonly lines: readonly ProtocolLogLine[];
  readonly total: number;
  readonly complete: boolean;
  /** All sections: in the first notification of a follow, and in each after one was added. */
  readonly sections?: readonly ProtocolLogSection[];
};

/** What `image inspect` shows of a built image (as pack's). */
export type ImageInspection = {
  readonly digest: string;
  readonly reference: string;
  readonly layout: string;
  readonly size: number;
  readonly created: string;
  readonly stackId?: string;
  readonly runImage: {readonly name: string; readonly digest: string; readonly topLayer: string};
  readonly buildpacks: readonly {readonly id: string; readonly version: string; readonly homepage?: string}[];
  readonly processes: readonly {
    readonly type: string;
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly default: boolean;
    readonly workingDirectory?: string;
  }[];
  readonly layers: readonly {
    readonly digest: string;
    readonly diffId: string;
    readonly size: number;
    readonly createdBy: string;
  }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly env: readonly string[];
};

export type Request<M extends MethodName = MethodName> = {
  readonly id: number;
  readonly method: M;
  readonly params: Methods[M]['params'];
};

export type Response =
  | {readonly id: number; readonly result: unknown}
  | {readonly id: number; readonly error: WireError};

/** `kind` is a field to branch on; `message` says expected, got and next step. */
export type WireError = {readonly kind: WireErrorKind; readonly message: string};
export type WireErrorKind =
  | 'not-found'
  | 'already-exists'
  | 'invalid'
  | 'conflict'
  | 'version-skew'
  | 'unavailable'
  | 'disk'
  | 'internal';

export type Notification =
  | {readonly method: 'event'; readonly params: RecordedEvent}
  | {readonly method: 'log'; readonly params: {readonly follow: number} & ReadLog}
  | {readonly method: 'stopping'; readonly params: {readonly reason: string}};

export type Message = Request | Response | Notification;

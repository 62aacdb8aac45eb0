/**
 * What the lifecycle reports to whoever started it: one JSON object a line on a descriptor of its own. A log line is for people;
 * nothing is ever read back from it.
 */
import {writeSync} from 'node:fs';

export type LifecycleEvent =
  | {
      readonly kind: 'detect.group';
      /** 1 for the first group that was tried. */
      readonly group: number;
      readonly passed: boolean;
      /** Those that take part when it passed, those that were tried when it did not. */
      readonly buildpacks: readonly ReportedBuildpack[];
      /** Why the group failed. */
      readonly why?: string;
    }
  | {
      readonly kind: 'detect.buildpack';
      readonly group: number;
      readonly id: string;
      readonly version: string;
      readonly code: number;
      readonly outcome: DetectOutcome;
      readonly why: string;
    }
  | {
      readonly kind: 'buildpack.started';
      readonly id: string;
      readonly version: string;
      /** From 1. */
      readonly index: number;
      readonly of: number;
    }
  | {
      readonly kind: 'buildpack.finished';
      readonly id: string;
      readonly version: string;
      readonly index: number;
      readonly of: number;
      readonly exitCode: number;
    }
  | {
      readonly kind: 'layer.restored';
      readonly id: string;
      readonly layer: string;
      readonly from: 'app' | 'cache';
      /** True when the contents came back, false when only the metadata did. */
      readonly data: boolean;
    }
  | {
      readonly kind: 'layer.reused' | 'layer.added' | 'layer.cached';
      readonly name: string;
      readonly diffId: string;
      /** Bytes of the uncompressed tar, where they were counted. */
      readonly size?: number;
    }
  | {
      readonly kind: 'image.exported';
      readonly digest: string;
      readonly manifestSize: number;
      readonly tags: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'failure';
      readonly code: number;
      readonly phase: string;
      readonly buildpack?: string;
      readonly message: string;
    };

export type DetectOutcome = 'pass' | 'fail' | 'error' | 'skipped';

export type ReportedBuildpack = {
  readonly id: string;
  readonly version: string;
  readonly api: string;
  readonly homepage: string;
};

export type Report = (event: LifecycleEvent) => void;

/**
 * Reports to the descriptor that SLIPWAY_EVENTS_FD names; to nobody when it is unset. Node marks inherited descriptors close-on-exec,
 * so no buildpack gets it. A reader that has gone away must not fail a build: reporting stops then.
 */
export function createReport(descriptor: number | undefined): Report {
  if (descriptor === undefined) return () => {};
  let broken = false;
  return (event) => {
    if (broken) return;
    try {
      writeAll(descriptor, Buffer.from(`${JSON.stringify(event)}\n`));
    } catch {
      broken = true;
    }
  };
}

function writeAll(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(pause, 0, 0, 1); // a full pipe: the reader is slower than we are
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

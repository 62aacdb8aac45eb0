// What the lifecycle reports on its own descriptor, checked: a buildpack may have forged it, so only the kinds that fit the phase
// pass, in the sizes that make sense, and anything else is dropped without a word.
import {z} from 'zod';
import type {PhaseName} from '../domain/phase.ts';

const text = z.string().max(1000);
const size = z.int().nonnegative().optional();
const position = z.int().min(1).max(10_000);
const buildpack = {id: text, version: text};

const detectGroup = z.object({
  kind: z.literal('detect.group'),
  passed: z.boolean(),
  buildpacks: z.array(z.object(buildpack)).max(1000),
});
const buildpackStarted = z.object({kind: z.literal('buildpack.started'), ...buildpack, index: position, of: position});
const buildpackFinished = z.object({kind: z.literal('buildpack.finished'), ...buildpack});
const layerRestored = z.object({kind: z.literal('layer.restored'), id: text, layer: text, size});
const layerRecorded = z.object({kind: z.enum(['layer.reused', 'layer.added', 'layer.cached']), name: text, size});
const imageExported = z.object({kind: z.literal('image.exported'), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/)});
const failure = z.object({
  kind: z.literal('failure'),
  buildpack: text.optional(),
  message: z.string().max(100_000),
});

const schemas = {
  prepare: failure,
  rebase: failure,
  detect: z.discriminatedUnion('kind', [detectGroup, failure]),
  analyze: failure,
  restore: z.discriminatedUnion('kind', [layerRestored, failure]),
  build: z.discriminatedUnion('kind', [buildpackStarted, buildpackFinished, failure]),
  export: z.discriminatedUnion('kind', [layerRecorded, imageExported, failure]),
} satisfies Record<PhaseName, z.ZodType>;

/** An event of the lifecycle that passed the checks. */
export type PhaseEvent = z.infer<(typeof schemas)[PhaseName]>;

/** Longest line taken, in bytes: an exported image's labels are part of its event. */
const longestLine = 4 * 1024 * 1024;
/** More events than any honest phase has; what comes after is dropped. */
const mostEvents = 20_000;

/** Takes the bytes as they come and hands on every event that passes. Never throws. */
export function createEventReader(phase: PhaseName, onEvent: (event: PhaseEvent) => void): (bytes: Buffer) => void {
  let pieces: Buffer[] = [];
  let length = 0;
  let isTooLong = false;
  let count = 0;

  const endLine = () => {
    const line = isTooLong ? undefined : Buffer.concat(pieces);
    pieces = [];
    length = 0;
    isTooLong = false;
    count += 1;
    const event = line === undefined || count > mostEvents ? undefined : parseEvent(phase, line.toString('utf8'));
    if (event) onEvent(event);
  };

  const append = (piece: Buffer) => {
    length += piece.length;
    isTooLong ||= length > longestLine;
    if (isTooLong) pieces = [];
    else pieces.push(piece);
  };

  return (bytes) => {
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      append(bytes.subarray(start, end));
      endLine();
      start = end + 1;
    }
    if (start < bytes.length) append(bytes.subarray(start));
  };
}

function parseEvent(phase: PhaseName, line: string): PhaseEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // not the lifecycle's: it writes whole lines of JSON
  }
  const result = schemas[phase].safeParse(value);
  return result.success ? result.data : undefined;
}

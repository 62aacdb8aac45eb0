// Follows a build's log to the end of the build, attempt after attempt, as lines, NDJSON or nothing.
import type {Client} from '../client/client.ts';
import {buildIsOpen, type Build, type BuildRef} from '../domain/build.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {State} from '../state/state.ts';
import {failure, interruption} from './command-error.ts';
import type {LogLine} from './client-types.ts';
import {stateChange} from './state-change.ts';

/** Where the lines go; called in order, without gaps. */
export type LogSink = (lines: readonly LogLine[]) => void;

/**
 * Resolves to the build as it ended, after its last line went to the sink. What exists comes first, what is written
 * meanwhile follows; when an attempt is interrupted the next one's lines follow too.
 */
export async function followBuildLog(
  client: Client,
  ref: BuildRef,
  sink: LogSink,
  signal: AbortSignal,
): Promise<Build> {
  let next = 0;
  for (;;) {
    const before = client.state.read();
    const build = buildOf(before, ref);
    await client.followLog(
      ref,
      next,
      (lines) => {
        next = (lines.at(-1)?.line ?? next - 1) + 1;
        sink(lines);
      },
      signal,
    );
    if (signal.aborted) throw interruption();
    if (!buildIsOpen(build)) return build;
    if (buildIsOpen(buildOf(client.state.read(), ref))) await stateChange(client, before, signal);
  }
}

function buildOf(state: State, {namespace, image, number}: BuildRef): Build {
  const build = state.images[resourceKey(namespace, image)]?.builds.find((each) => each.number === number);
  if (build) return build;
  throw failure(`build "${number}" of image "${image}" is no longer kept`);
}

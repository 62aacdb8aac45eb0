// Shows a build until it ends, in the way the user wants to see it, and gives the exit code it deserves.
import type {Client} from '../client/client.ts';
import type {Build, BuildRef} from '../domain/build.ts';
import type {PhaseName} from '../domain/phase.ts';
import type {CommandContext, TextStream} from './command-context.ts';
import {exitCode, type ExitCode} from './exit-code.ts';
import {followBuildLog, type LogSink} from './follow-build-log.ts';
import {logText, type LogStyle} from './log-lines.ts';
import {findImage} from './lookup.ts';
import {failureText} from './resources/build-condition.ts';

export type WatchOptions = {
  readonly timestamps?: boolean;
  /** Where the log goes: stdout, or stderr when stdout carries a resource. */
  readonly stream?: TextStream;
};

/** Resolves when the build has ended: 0 when it succeeded, 1 when not. */
export async function watchBuild(
  client: Client,
  context: CommandContext,
  ref: BuildRef,
  options: WatchOptions = {},
): Promise<{readonly build: Build; readonly code: ExitCode}> {
  const stream = options.stream ?? context.stdout;
  const build = await followBuildLog(
    client,
    ref,
    sinkFor(context, stream, options, endedPhases(client, ref)),
    context.signal,
  );
  if (context.ui === 'json') stream.write(`${JSON.stringify(endRecord(build))}\n`);
  if (build.state === 'succeeded') return {build, code: exitCode.done};
  context.stderr.write(`Error: ${endWords(build)}\n`);
  return {build, code: exitCode.failed};
}

/** A rebase has no step before it that kp would name; of earlier attempts the state keeps no phases. */
function endedPhases(client: Client, {namespace, image, number}: BuildRef): (attempt: number) => readonly PhaseName[] {
  return (attempt) => {
    const {builds} = findImage(client.state.read(), namespace, image);
    const build = builds.find((each) => each.number === number);
    if (build?.strategy !== 'build' || attempt !== build.attempts.length) return [];
    return build.phases.filter(({state}) => state !== 'pending' && state !== 'skipped').map(({name}) => name);
  };
}

function sinkFor(
  context: CommandContext,
  stream: TextStream,
  {timestamps = false}: WatchOptions,
  ended: LogStyle['ended'],
): LogSink {
  switch (context.ui) {
    case 'quiet':
      return () => undefined;
    case 'json':
      return (lines) => stream.write(lines.map((line) => `${JSON.stringify({kind: 'log.line', ...line})}\n`).join(''));
    case 'auto':
    case 'tty':
    case 'plain': {
      const text = logText({color: context.color && stream.isTTY, terminal: stream.isTTY, timestamps, ended});
      return (lines) => stream.write(text(lines));
    }
    default:
      return context.ui satisfies never;
  }
}

function endRecord(build: Build): object {
  const {namespace, image, number, state, failure, finishedAt} = build;
  return {kind: 'build.ended', namespace, image, number, state, finishedAt, failure};
}

/** kpack's words for a failed build (`pkg/logs/wait_for_image.go`). */
function endWords(build: Build): string {
  if (build.failure) return `build failed: ${failureText(build.failure)}`;
  return `build ${build.number} of image "${build.image}" was ${build.state}`;
}

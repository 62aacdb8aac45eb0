// The embedded executor: prepare here, then every phase of the lifecycle as a process in a private root of its own. What a phase's
// state is comes from its process; what a buildpack can write or say is checked or only shown.
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {BuildpackRef} from '../domain/buildpack.ts';
import type {BuildResult} from '../domain/build.ts';
import {embeddedPhases} from '../domain/phase.ts';
import {lifecycleVersion} from '../lifecycle/lifecycle-version.ts';
import type {Clock} from '../ports/clock.ts';
import type {BuildJob, CheckPublish, Executor, PublishImage, RunOutcome, RunReport} from '../ports/executor.ts';
import type {SourceResolver} from '../ports/source-resolver.ts';
import {describeFailure} from './describe-failure.ts';
import {type LifecyclePhaseName, lifecyclePhases, phaseCommand} from './lifecycle-phase.ts';
import type {PhaseEvent} from './phase-events.ts';
import {runPhaseProcess} from './phase-process.ts';
import {count, inPhase, PhaseFailed, type PhaseOutput, type PhaseRun, runToItsEnd, say} from './phase-run.ts';
import {type PreparedRun, prepareRun} from './prepare-run.ts';
import {removeTree} from './remove-tree.ts';
import {recordRun, sweepRuns} from './run-record.ts';
import type {Sandbox} from './sandbox.ts';
import {checkStagedImage} from './staged-image.ts';

export type EmbeddedExecutorOptions = {
  /** Absolute path of the Node binary the phases run with. */
  readonly node: string;
  /** Absolute path of the lifecycle bundle: one file that runs alone. */
  readonly lifecycleBundle: string;
  readonly sources: SourceResolver;
  readonly publish: PublishImage;
  /** Absent: whatever was built can be published. */
  readonly checkPublish?: CheckPublish;
  /** Layers that are stored already, by diffID: `{digest, size, mediaType}`; export need not compress them again. */
  readonly knownLayers?: () => Promise<Readonly<Record<string, KnownLayer>>>;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
};

export type KnownLayer = {readonly digest: string; readonly size: number; readonly mediaType: string};

/** Builds without a container engine. See `Executor` for the contract. */
export function createEmbeddedExecutor(options: EmbeddedExecutorOptions): Executor {
  return {
    kind: 'embedded',
    phases: embeddedPhases,
    run: (job, report, signal) => runJob(options, job, report, signal),
    sweep: (worksRoot) => sweepRuns(worksRoot),
  };
}

type Run = PhaseRun & {readonly options: EmbeddedExecutorOptions};

function runJob(
  options: EmbeddedExecutorOptions,
  job: BuildJob,
  report: RunReport,
  cancelled: AbortSignal,
): Promise<RunOutcome> {
  return runToItsEnd({
    job,
    report,
    cancelled,
    clock: options.clock,
    phases: async (run) => {
      await mkdir(job.workDirectory, {recursive: true, mode: 0o700});
      await recordRun(job.workDirectory);
      return runPhases({...run, options});
    },
    cleanUp: () => removeTree(job.workDirectory),
  });
}

async function runPhases(run: Run): Promise<BuildResult> {
  const prepared = await inPhase(run, 'prepare', () => prepare(run));
  let buildpacks: readonly BuildpackRef[] = [];
  for (const name of lifecyclePhases.slice(0, -1)) {
    const seen = await inPhase(run, name, () => runLifecyclePhase(run, prepared, name));
    if (name === 'detect') buildpacks = seen.detected;
  }
  return inPhase(run, 'export', () => exportImage(run, prepared, buildpacks));
}

async function prepare(run: Run): Promise<PhaseOutput<PreparedRun>> {
  const {options, job, report} = run;
  const log = (line: string) => report.log('prepare', 'stdout', Buffer.from(`${line}\n`));
  await options.checkPublish?.(job, {signal: run.stopped, log});
  const prepared = await prepareRun(
    job,
    {
      sandbox: options.sandbox,
      sources: options.sources,
      knownLayers: options.knownLayers,
      log,
      remark: (remark) => {
        report.event({kind: 'run.remarked', remark});
        say(run, 'prepare', remark);
      },
    },
    run.stopped,
  );
  return {value: prepared};
}

/** What a phase's events came to, as far as they were believed. */
type Seen = {
  detected: readonly BuildpackRef[];
  readonly layers: Record<'restored' | 'reused' | 'added' | 'cached', number>;
  readonly started: Map<string, BuildpackRef>;
  readonly finished: Set<string>;
  exported?: string;
  failure?: {readonly message: string; readonly buildpack?: BuildpackRef};
};

async function runLifecyclePhase(
  run: Run,
  prepared: PreparedRun,
  phase: LifecyclePhaseName,
): Promise<PhaseOutput<Seen>> {
  const seen: Seen = {
    detected: [],
    layers: {restored: 0, reused: 0, added: 0, cached: 0},
    started: new Map(),
    finished: new Set(),
  };
  const end = await runPhaseProcess(
    {
      phase,
      room: prepared.room,
      pipes: prepared.pipes,
      command: phaseCommand(phase, prepared, run.options),
      onOutput: (stream, bytes) => run.report.log(phase, stream, bytes),
      onEvent: (event) => take(run.report, prepared, seen, event),
      onStarted: (pid) => recordRun(run.job.workDirectory, pid),
    },
    run.stopped,
  );
  run.stopped.throwIfAborted();
  if (end.exitCode !== 0) {
    const buildpack = seen.failure?.buildpack ?? unfinished(seen);
    const reported = seen.failure?.message;
    throw new PhaseFailed(describeFailure(phase, {...end, reported, buildpack}));
  }
  if (phase === 'detect') run.report.event({kind: 'buildpacks.detected', buildpacks: seen.detected});
  const note = noteOf(phase, prepared, seen);
  return {value: seen, exitCode: 0, note};
}

function unfinished(seen: Seen): BuildpackRef | undefined {
  return [...seen.started].find(([key]) => !seen.finished.has(key))?.[1];
}

/** Hands on what an event says, in the words of the run: only buildpacks of this build, each of them once. */
function take(report: RunReport, prepared: PreparedRun, seen: Seen, event: PhaseEvent): void {
  const find = (id: string, version: string) => findBuildpack(prepared, id, version);
  switch (event.kind) {
    case 'detect.group':
      if (event.passed) seen.detected = event.buildpacks.flatMap(({id, version}) => find(id, version) ?? []);
      break;
    case 'buildpack.started': {
      const buildpack = find(event.id, event.version);
      const key = `${event.id}@${event.version}`;
      if (!buildpack || seen.started.has(key) || event.index > event.of) break;
      seen.started.set(key, buildpack);
      report.event({kind: 'buildpack.started', buildpack, index: event.index, of: event.of});
      break;
    }
    case 'buildpack.finished': {
      const key = `${event.id}@${event.version}`;
      const buildpack = seen.started.get(key);
      if (!buildpack || seen.finished.has(key)) break;
      seen.finished.add(key);
      report.event({kind: 'buildpack.finished', buildpack});
      break;
    }
    case 'layer.restored':
      recordLayer(report, seen, 'restored', `${event.id}:${event.layer}`, event.size);
      break;
    case 'layer.reused':
      recordLayer(report, seen, 'reused', event.name, event.size);
      break;
    case 'layer.added':
      recordLayer(report, seen, 'added', event.name, event.size);
      break;
    case 'layer.cached':
      recordLayer(report, seen, 'cached', event.name, event.size);
      break;
    case 'image.exported':
      seen.exported = event.digest;
      break;
    case 'failure': {
      const [id = '', version = ''] = (event.buildpack ?? '').split('@');
      const buildpack = find(id, version);
      seen.failure = {message: event.message, buildpack};
      break;
    }
    default:
      event satisfies never;
  }
}

/** Name and homepage are the buildpack store's, never the event's. */
function findBuildpack(prepared: PreparedRun, id: string, version: string): BuildpackRef | undefined {
  const stored = prepared.buildpacks.find((buildpack) => buildpack.id === id && buildpack.version === version);
  return stored && {id, version, ...(stored.homepage ? {homepage: stored.homepage} : {})};
}

function recordLayer(report: RunReport, seen: Seen, what: keyof Seen['layers'], layer: string, size?: number): void {
  seen.layers[what] += 1;
  report.event({kind: 'layer.recorded', what, layer, size});
}

function noteOf(phase: LifecyclePhaseName, prepared: PreparedRun, seen: Seen): string | undefined {
  const {restored, reused, added} = seen.layers;
  switch (phase) {
    case 'detect':
      return count(seen.detected.length, 'buildpack');
    case 'restore':
      return prepared.hasSomethingToRestore ? `${count(restored, 'layer')} restored` : 'nothing to restore yet';
    case 'export':
      return `${count(added, 'layer')} added, ${reused} reused`;
    case 'analyze':
      return prepared.job.previous ? undefined : 'no previous image';
    case 'build':
      return undefined;
    default:
      return phase satisfies never;
  }
}

/** The export phase: the lifecycle writes the image into the run's own directory, then it gets its names. */
async function exportImage(
  run: Run,
  prepared: PreparedRun,
  buildpacks: readonly BuildpackRef[],
): Promise<PhaseOutput<BuildResult>> {
  const output = await runLifecyclePhase(run, prepared, 'export');
  const {job, options} = run;
  const layout = path.join(job.workDirectory, 'out');
  const digest = await stagedDigest(run, layout, output.value.exported);
  const published = await options.publish(
    job,
    {layout, digest, tags: job.tags},
    {signal: run.stopped, log: (line) => say(run, 'export', line)},
  );
  const {runImage, stackId} = job.builder;
  return {
    ...output,
    value: {
      digest: published.digest,
      tags: job.tags,
      runImage: {name: runImage.name, digest: runImage.digest},
      stackId,
      lifecycleVersion,
      buildpacks,
      size: published.size,
    },
  };
}

async function stagedDigest(run: Run, layout: string, reported: string | undefined): Promise<string> {
  const {statement} = run.options.sandbox;
  const ranAsBuildUser = statement.kind === 'private-root' && statement.as === 'root';
  try {
    const owner = ranAsBuildUser ? run.job.builder.userId : (process.getuid?.() ?? 0);
    const digest = await checkStagedImage(layout, owner, ranAsBuildUser ? {uid: 0, gid: 0} : undefined);
    if (reported !== undefined && reported !== digest) {
      throw new Error(`expected the exported image ${reported}, got ${digest} in its index`);
    }
    return digest;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    say(run, 'export', `Error: ${message}`);
    throw new PhaseFailed(
      {phase: 'export', exitCode: 0, meaning: 'the exported image cannot be accepted', message},
      {cause},
    );
  }
}

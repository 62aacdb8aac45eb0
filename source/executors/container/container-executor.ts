// The container executor: the lifecycle that a builder image brings, in containers of an engine on this machine. An untrusted builder gets one
// container per phase, as pack runs it (buildpacks/pack internal/build/lifecycle_execution.go), a trusted one a single `creator`.
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {BuildpackRef} from '../../domain/buildpack.ts';
import type {BuildResult} from '../../domain/build.ts';
import {containerPhases, type PhaseName} from '../../domain/phase.ts';
import type {Clock} from '../../ports/clock.ts';
import type {CheckPublish, Executor, PublishImage} from '../../ports/executor.ts';
import type {SourceResolver} from '../../ports/source-resolver.ts';
import {describeFailure} from '../describe-failure.ts';
import {
  count,
  inPhase,
  PhaseFailed,
  type PhaseOutput,
  type PhaseRun,
  runToItsEnd,
  say,
  stopPhase,
} from '../phase-run.ts';
import {removeTree} from '../remove-tree.ts';
import {type ComposedBuilders, createComposedBuilders} from './compose-builder.ts';
import {type ContainerPhase, type ContainerRun, lifecycleContainer} from './lifecycle-container.ts';
import {createEngineCli, type EngineCli} from './engine-cli.ts';
import {copyOut} from './engine-commands.ts';
import type {Engine} from './engine.ts';
import {layoutPathOf, takeOutLayout} from './exported-layout.ts';
import {errorSaidIn} from './lifecycle-lines.ts';
import {prepareContainers} from './prepare-containers.ts';
import {findKnown, readGroup} from './read-group.ts';
import {
  asPhaseFailure,
  type ContainerEnd,
  createAhead,
  type LifecycleContainer,
  type OnOutput,
  runContainer,
} from './run-container.ts';
import {
  nameResources,
  removeResources,
  retireAll,
  retireContainer,
  type RunResources,
  sweepResources,
} from './run-resources.ts';
import {recordContainerRun, sweepDirectories} from './run-directories.ts';
import {watchCreator} from './watch-creator.ts';
import {nothingWatched, unfinishedBuildpack, type Watched, watchPhase} from './watch-output.ts';

export type ContainerExecutorOptions = {
  readonly engine: Engine;
  /**
   * Stands for the state directory on the labels of everything made in the engine: what it made is swept, what others made is left
   * alone. Letters and digits.
   */
  readonly owner: string;
  readonly sources: SourceResolver;
  readonly publish: PublishImage;
  /** Absent: whatever was built can be published. */
  readonly checkPublish?: CheckPublish;
  readonly clock: Clock;
};

/** Builds with the lifecycle of the job's `builder.image`. See `Executor` for the contract. */
export function createContainerExecutor(options: ContainerExecutorOptions): Executor {
  const cli = createEngineCli(options.engine);
  const underWay = new Set<string>();
  const composed = createComposedBuilders(cli, options.owner);
  return {
    kind: 'container',
    phases: containerPhases,
    run: (job, report, cancelled) => {
      const resources = nameResources(options.owner, job);
      underWay.add(resources.prefix);
      return runToItsEnd({
        job,
        report,
        cancelled,
        clock: options.clock,
        phases: async (run) => {
          await mkdir(job.workDirectory, {recursive: true, mode: 0o700});
          await recordContainerRun(job.workDirectory);
          return runPhases({...run, options, cli, resources, composed, ahead: new Map()});
        },
        cleanUp: async () => {
          const [removed, emptied] = await Promise.allSettled([
            removeResources(cli, resources),
            removeTree(job.workDirectory),
          ]);
          underWay.delete(resources.prefix);
          composed.release(job);
          if (emptied.status === 'rejected') throw emptied.reason;
          if (removed.status === 'fulfilled') return;
          const why = removed.reason instanceof Error ? removed.reason.message : String(removed.reason);
          report.event({
            kind: 'run.remarked',
            remark: `Not everything of the run could be removed from ${options.engine.kind} (${why}); the next start of the controller tries again`,
          });
        },
      });
    },
    sweep: async (worksRoot) => {
      await sweepDirectories(worksRoot);
      await sweepResources(cli, options.owner, underWay);
    },
  };
}

type Run = PhaseRun & {
  readonly options: ContainerExecutorOptions;
  readonly cli: EngineCli;
  readonly resources: RunResources;
  readonly composed: ComposedBuilders;
  /** Containers of phases that are yet to come. */
  readonly ahead: Map<ContainerPhase, Opened>;
};

async function runPhases(run: Run): Promise<BuildResult> {
  const prepared = await inPhase(run, 'prepare', () => prepare(run));
  const watched = nothingWatched();
  if (run.job.builder.trusted) return createInOne(run, prepared, watched);
  run.ahead.set('analyze', openContainer(run, prepared, 'analyze'));
  const retire = (program: string) => retireContainer(run.cli, run.resources, run.resources.container(program));
  await inPhase(run, 'analyze', () => runPhase(run, prepared, 'analyze', watched, []));
  retire('analyzer');
  const group = await inPhase(run, 'detect', () => detect(run, prepared, watched));
  retire('detector');
  await inPhase(run, 'restore', () => runPhase(run, prepared, 'restore', watched, group));
  retire('restorer');
  await inPhase(run, 'build', () => runPhase(run, prepared, 'build', watched, group));
  retire('builder');
  return inPhase(run, 'export', async () => {
    await runPhase(run, prepared, 'export', watched, group);
    return publishExported(run, prepared, watched, group);
  });
}

async function prepare(run: Run): Promise<PhaseOutput<ContainerRun>> {
  const {cli, job, options, resources, composed, report, stopped} = run;
  try {
    await options.checkPublish?.(job, {signal: stopped});
    const value = await prepareContainers(
      {cli, job, resources, owner: options.owner, sources: options.sources, composed},
      (line) => report.log('prepare', 'stdout', Buffer.from(`${line}\n`)),
      stopped,
    );
    return {value};
  } catch (error) {
    throw asPhaseFailure(cli, 'prepare', error);
  }
}

/** A container that is being created, and what goes into it. */
type Opened = {readonly container: LifecycleContainer; readonly created: Promise<void>};

function openContainer(
  {cli, resources, stopped}: Run,
  prepared: ContainerRun,
  phase: ContainerPhase | 'create',
): Opened {
  const container = lifecycleContainer(prepared, phase);
  return {container, created: createAhead(cli, container, resources, stopped)};
}

/** One phase in a container of its own. Meanwhile the next phase's is created, and the one before goes. */
async function runPhase(
  run: Run,
  prepared: ContainerRun,
  phase: ContainerPhase,
  watched: Watched,
  group: readonly BuildpackRef[],
): Promise<PhaseOutput<undefined>> {
  const {report, ahead} = run;
  const opened = ahead.get(phase) ?? openContainer(run, prepared, phase);
  const next = phases[phases.indexOf(phase) + 1];
  const sieve = watchPhase(phase, watched, group, report);
  const end = await runProgram(
    run,
    phase,
    opened,
    (stream, bytes) => {
      if (stream === 'stdout') sieve.write(bytes);
      else report.log(phase, 'stderr', bytes);
    },
    () => next && ahead.set(next, openContainer(run, prepared, next)),
  );
  sieve.end();
  if (end.exitCode !== 0) throw failed(phase, end, watched, group);
  return {value: undefined, exitCode: 0, note: noteOf(phase, prepared, watched)};
}

const phases: readonly ContainerPhase[] = ['analyze', 'detect', 'restore', 'build', 'export'];

async function runProgram(
  {cli, resources, stopped}: Run,
  phase: PhaseName,
  {container, created}: Opened,
  onOutput: OnOutput,
  whenCreated: () => void = () => undefined,
): Promise<ContainerEnd> {
  try {
    await created;
    whenCreated();
    return await runContainer(cli, container, resources, onOutput, stopped);
  } catch (error) {
    throw asPhaseFailure(cli, phase, error);
  }
}

function failed(phase: PhaseName, end: ContainerEnd, watched: Watched, group: readonly BuildpackRef[]): PhaseFailed {
  const [only, ...others] = group;
  const buildpack =
    phase === 'build' ? (unfinishedBuildpack(watched) ?? (others.length === 0 ? only : undefined)) : undefined;
  const reported = errorSaidIn(end.stdout);
  const isNews = (line: string) => !line.startsWith('ERROR: ') && !line.startsWith('Timer: ');
  const stdout = end.stdout.filter(isNews);
  return new PhaseFailed(describeFailure(phase, {...end, stdout, reported, buildpack}));
}

async function detect(
  run: Run,
  prepared: ContainerRun,
  watched: Watched,
): Promise<PhaseOutput<readonly BuildpackRef[]>> {
  await runPhase(run, prepared, 'detect', watched, []);
  const value = await groupOf(run, prepared, 'detect', 'detector');
  run.report.event({kind: 'buildpacks.detected', buildpacks: value});
  return {value, exitCode: 0, note: count(value.length, 'buildpack')};
}

async function groupOf(
  run: Run,
  prepared: ContainerRun,
  phase: PhaseName,
  program: string,
): Promise<readonly BuildpackRef[]> {
  try {
    return await readGroup(run.cli, run.resources.container(program), prepared.buildpacks);
  } catch (error) {
    throw asPhaseFailure(run.cli, phase, error);
  }
}

function noteOf(phase: PhaseName, prepared: ContainerRun, watched: Watched): string | undefined {
  switch (phase) {
    case 'analyze':
      return prepared.job.previous ? undefined : 'no previous image';
    case 'restore':
      return prepared.hasSomethingToRestore ? `${count(watched.restored, 'layer')} restored` : 'nothing to restore yet';
    default:
      return undefined;
  }
}

/** A trusted builder's phases: one container, told apart by its headings. The group is read from its file in the end. */
async function createInOne(run: Run, prepared: ContainerRun, watched: Watched): Promise<BuildResult> {
  const {report} = run;
  const watch = watchCreator(
    run,
    watched,
    (phase) => noteOf(phase, prepared, watched),
    (line) => detectedBy(line, prepared.buildpacks),
  );
  try {
    run.stopped.throwIfAborted();
    const end = await runProgram(run, 'analyze', openContainer(run, prepared, 'create'), watch.onOutput);
    watch.end();
    const phase = watch.phase();
    if (end.exitCode !== 0) {
      const group = phase === 'build' ? await groupOf(run, prepared, phase, 'creator') : [];
      throw failed(phase, end, watched, group);
    }
    const {value, note} = await publishExported(run, prepared, watched, groupOf(run, prepared, phase, 'creator'));
    report.event({kind: 'phase.finished', phase: watch.phase(), state: 'succeeded', exitCode: 0, note});
    return value;
  } catch (error) {
    throw stopPhase(run, watch.phase(), error);
  }
}

/** `acme/node-engine 1.2.3`: what the lifecycle says of a group that passed, for buildpacks that the builder lists. */
function detectedBy(line: string, known: readonly BuildpackRef[]): BuildpackRef | undefined {
  const [, id, version] = /^(\S{1,300}) +(\S{1,300})$/.exec(line) ?? [];
  return id === undefined || version === undefined ? undefined : findKnown(known, {id, version});
}

/** Takes the image out of the layout volume and gives it its names. */
async function publishExported(
  run: Run,
  prepared: ContainerRun,
  watched: Watched,
  group: readonly BuildpackRef[] | Promise<readonly BuildpackRef[]>,
): Promise<PhaseOutput<BuildResult>> {
  const {cli, job, options, resources, report} = run;
  const program = job.builder.trusted ? 'creator' : 'exporter';
  const place = copyOut(resources.container(program), layoutPathOf(job.tags[0] ?? job.image));
  const [taken, buildpacks] = await Promise.all([takeOut(run, place), group]);
  retireAll(cli, resources);
  for (const {what, layer} of watched.exported) {
    report.event({kind: 'layer.recorded', what, layer, size: taken.sizes.get(layer)});
  }
  const {layout, digest} = taken;
  const published = await options.publish(
    job,
    {layout, digest, tags: job.tags},
    {signal: run.stopped, log: (line) => say(run, 'export', line)},
  );
  const {runImage, stackId} = job.builder;
  const added = watched.exported.filter(({what}) => what === 'added').length;
  return {
    exitCode: 0,
    note: `${count(added, 'layer')} added, ${watched.exported.length - added} reused`,
    value: {
      digest: published.digest,
      tags: job.tags,
      runImage: {name: runImage.name, digest: runImage.digest},
      stackId,
      lifecycleVersion: prepared.lifecycleVersion,
      buildpacks,
      size: published.size,
    },
  };

  async function takeOut({stopped}: Run, args: readonly string[]) {
    try {
      return await cli.read(args, (archive) => takeOutLayout(archive, path.join(job.workDirectory, 'out')), {
        signal: stopped,
      });
    } catch (cause) {
      stopped.throwIfAborted();
      const failure = asPhaseFailure(cli, 'export', cause);
      if (failure instanceof PhaseFailed) throw failure;
      const message = cause instanceof Error ? cause.message : String(cause);
      say(run, 'export', `Error: ${message}`);
      throw new PhaseFailed(
        {phase: 'export', exitCode: 0, meaning: 'the exported image cannot be accepted', message},
        {cause},
      );
    }
  }
}

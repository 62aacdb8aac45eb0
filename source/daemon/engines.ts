// The container engines of this machine as the controller knows them: looked for when a builder wants one, watched while it does not answer,
// and swept of what a predecessor left before anything new is started in them.
import {createHash} from 'node:crypto';
import type {Controller} from '../controller/controller.ts';
import type {EngineKind, EngineStatement} from '../domain/engine.ts';
import {containerPhases} from '../domain/phase.ts';
import {createContainerExecutor} from '../executors/container/container-executor.ts';
import {detectEngines, type EngineCandidate, type EngineFinding} from '../executors/container/detect-engines.ts';
import {createEngineCli, type EngineCli} from '../executors/container/engine-cli.ts';
import {inspectImage} from '../executors/container/engine-commands.ts';
import {engineStatement} from '../executors/container/engine-statement.ts';
import type {Engine} from '../executors/container/engine.ts';
import {sweepDirectories} from '../executors/container/run-directories.ts';
import type {Clock} from '../ports/clock.ts';
import type {CheckPublish, Executor, PublishImage} from '../ports/executor.ts';
import type {SourceResolver} from '../ports/source-resolver.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

export type Engines = {
  /** The container executor: each job runs on its builder's engine. */
  readonly executor: Executor;
  /**
   * Which engine answers: one that has the image already, when one is named, else docker before podman. Refused in words when none does.
   */
  choose(image?: string): Promise<EngineKind>;
  /** Whether any engine answers, without a refusal. */
  anyone(): Promise<EngineKind | undefined>;
  /** The command line of an engine that answers. Refused in words when it does not. */
  cli(kind: EngineKind): Promise<EngineCli>;
  /** The command lines of the engines that answered when they were last looked for. */
  inUse(): readonly EngineCli[];
  /** An engine went away under a run: looks again, records what is found, and goes on looking until it is back. */
  lost(): Promise<void>;
  /** Begins to look for what the builders of the state want. */
  watch(controller: Controller): () => void;
};

type Reached = {readonly executor: Executor; readonly cli: EngineCli};

export type EnginesParts = {
  readonly paths: StatePaths;
  readonly sources: SourceResolver;
  readonly publish: PublishImage;
  readonly checkPublish?: CheckPublish;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Where to look, when not in the usual places. */
  readonly candidates?: readonly EngineCandidate[];
};

/** Milliseconds between two looks for an engine that does not answer. */
const pause = 3_000;

/** Nothing is started before somebody wants an engine: who builds with the embedded executor alone never pays for one. */
export function createEngines(parts: EnginesParts): Engines {
  const owner = ownerOf(parts.paths);
  /** One for each engine that ever answered: it knows which runs are under way. */
  const executors = new Map<EngineKind, Reached>();
  const answering = new Map<EngineKind, Reached>();
  let controller: Controller | undefined;
  let looking: Promise<readonly EngineFinding[]> | undefined;
  let stopTimer: (() => void) | undefined;
  let isStopped = false;

  const look = (): Promise<readonly EngineFinding[]> => {
    looking ??= lookNow().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  async function lookNow(): Promise<readonly EngineFinding[]> {
    const findings = await detectEngines(parts.candidates);
    for (const finding of findings) await take(finding);
    if (controller && !isStopped) tell(controller, findings);
    return findings;
  }

  /** An engine that answers again is swept first: what runs left in it that could not be removed goes now. */
  async function take(finding: EngineFinding): Promise<void> {
    if (finding.state !== 'ready') {
      answering.delete(finding.kind);
      return;
    }
    if (answering.has(finding.kind)) return;
    const reached = executors.get(finding.kind) ?? reach(finding.engine);
    try {
      await reached.executor.sweep(parts.paths.worksRoot);
      answering.set(finding.kind, reached);
    } catch (error) {
      parts.log(`${finding.kind} could not be swept: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function reach(engine: Engine): Reached {
    const {sources, publish, checkPublish, clock} = parts;
    const executor = createContainerExecutor({engine, owner, sources, publish, checkPublish, clock});
    const reached = {executor, cli: createEngineCli(engine)};
    executors.set(engine.kind, reached);
    return reached;
  }

  function tell(to: Controller, findings: readonly EngineFinding[]): void {
    const engines = findings.map((finding) => statementOf(finding, answering.has(finding.kind)));
    if (JSON.stringify(engines) === JSON.stringify(to.state.read().controller?.engines)) return;
    to.record([{kind: 'engines.found', at: parts.clock.now(), engines}]);
  }

  function keepLooking(): void {
    if (isStopped || stopTimer || !controller) return;
    if (wantedBy(controller).every((kind) => answering.has(kind))) return;
    const again = () => {
      stopTimer = undefined;
      keepLooking();
    };
    const isFirst = controller.state.read().controller?.engines === undefined;
    stopTimer = parts.clock.after(isFirst ? 0 : pause, () => {
      look().then(again, (error: unknown) => {
        parts.log(`looking for engines failed: ${error instanceof Error ? error.message : String(error)}`);
        again();
      });
    });
  }

  async function ready(kind: EngineKind): Promise<Reached> {
    const known = answering.get(kind);
    if (known) return known;
    const finding = (await look()).find((one) => one.kind === kind);
    const found = answering.get(kind);
    if (found) return found;
    throw noEngine(finding ? [finding] : []);
  }

  return {
    executor: {
      kind: 'container',
      phases: containerPhases,
      run: async (job, report, signal) => {
        const {executor} = await ready(job.builder.engine ?? 'docker');
        return executor.run(job, report, signal);
      },
      sweep: (worksRoot) => sweepDirectories(worksRoot),
    },
    async choose(image) {
      const findings = await look();
      const found = findings.flatMap(({kind}) => answering.get(kind) ?? []);
      const has = image === undefined ? [] : await Promise.all(found.map(({cli}) => hasImage(cli, image)));
      const chosen = found.find((_, index) => has[index]) ?? found[0];
      if (chosen) return chosen.cli.engine.kind;
      throw noEngine(findings);
    },
    async anyone() {
      return (await look()).find(({kind}) => answering.has(kind))?.kind;
    },
    cli: async (kind) => (await ready(kind)).cli,
    inUse: () => [...answering.values()].map(({cli}) => cli),
    async lost() {
      answering.clear();
      await look();
      keepLooking();
    },
    watch(of) {
      controller = of;
      const stopListening = of.onEvents((events) => {
        if (events.some(({event}) => event.kind === 'builder.saved' || event.kind === 'engines.found')) keepLooking();
      });
      keepLooking();
      return () => {
        isStopped = true;
        stopListening();
        stopTimer?.();
      };
    },
  };
}

/** Stands for the state directory on labels: another directory's controller leaves what carries it alone. */
export function ownerOf({home}: Pick<StatePaths, 'home'>): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 24);
}

async function hasImage(cli: EngineCli, image: string): Promise<boolean> {
  return cli.call(inspectImage(image), {timeout: 30_000}).then(
    () => true,
    () => false,
  );
}

function wantedBy({state}: Controller): readonly EngineKind[] {
  const builders = Object.values(state.read().builders);
  return builders.flatMap(({spec}) => (spec.executor === 'container' ? [spec.engine ?? 'docker'] : []));
}

function statementOf(finding: EngineFinding, isUsable: boolean): EngineStatement {
  if (isUsable || finding.state !== 'ready') return engineStatement(finding);
  const {kind, version} = finding.engine;
  const problem = `${kind} ${version} answers, but what an earlier controller left in it cannot be removed`;
  return {kind, state: 'silent', problem, next: 'See the controller log (slipway controller logs).'};
}

function noEngine(findings: readonly EngineFinding[]): Refusal {
  const why = findings.flatMap((one) => (one.state === 'ready' ? [] : [`${one.kind}: ${one.problem}. ${one.next}`]));
  const what = findings.length === 1 ? findings[0]?.kind : 'a container engine';
  return new Refusal('unavailable', `expected ${what ?? 'a container engine'} to answer, got ${why.join(' ')}`);
}

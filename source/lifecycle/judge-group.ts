/**
 * Decides whether a group whose bin/detects have run passes, and says why not in upstream's log lines and in events.
 * Pure. Follows Resolve of upstream's phase/detector.go.
 */
import type {DetectResult, RanElement} from './detect-order.ts';
import {describeElement, type GroupElement} from './group-element.ts';
import type {DetectOutcome, LifecycleEvent, ReportedBuildpack} from './lifecycle-events.ts';
import {type PlanProblem, type PlanResolution, resolvePlan} from './resolve-plan.ts';
import type {DetectRun} from './run-detect.ts';

export type LogEntry = {readonly level: 'debug' | 'info'; readonly message: string};

export type Judgement = {
  readonly result: DetectResult;
  readonly log: readonly LogEntry[];
  /** `group` counts the groups tried, from 1. */
  readonly events: (group: number) => readonly LifecycleEvent[];
};

/** The verdict on one group. */
export function judgeGroup(group: readonly RanElement[]): Judgement {
  const log = [...outputEntries(group), debug('======== Results ========'), ...group.map(verdictEntry)];
  const blocked = group.filter(({element, run}) => run.code !== 0 && element.optional !== true);
  if (blocked.length > 0) {
    const errored = group.some(({run}) => isError(run));
    const why = blocked.map(({element, run}) => `${describeElement(element)}: ${whyOf(element, run)}`).join('; ');
    return failed(group, errored ? {kind: 'errored'} : {kind: 'failed'}, log, why);
  }
  const passing = group.filter(({run}) => run.code === 0);
  if (passing.length === 0) {
    const message = 'no viable buildpacks in group';
    return failed(group, {kind: 'failed'}, [...log, debug(`fail: ${message}`)], message);
  }
  return judgePlans(group, passing, log);
}

function judgePlans(
  group: readonly RanElement[],
  passing: readonly RanElement[],
  before: readonly LogEntry[],
): Judgement {
  const log = [...before];
  const candidates = passing.map(({element, run}) => ({element, plan: run.plan}));
  const resolution = resolvePlan(candidates, (trial, problems) => {
    log.push(debug(`Resolving plan... (try #${trial})`), ...problems.map(problemEntry));
  });
  switch (resolution.kind) {
    case 'resolved':
      return passed(group, resolution, log);
    case 'unresolved': {
      const sinking = resolution.problems.filter((problem) => problem.consequence === 'fail');
      const why = sinking.length > 0 ? sinking.map(describeProblem).join('; ') : 'no viable buildpacks in group';
      if (sinking.length === 0) log.push(debug('fail: no viable buildpacks in group'));
      return failed(group, {kind: 'failed'}, log, why, resolution.problems);
    }
    case 'too-many-alternatives': {
      const why = `the build plans have more than ${resolution.trials} combinations of alternatives`;
      return failed(group, {kind: 'failed'}, [...log, debug(`fail: ${why}`)], why);
    }
    default: {
      const unreachable: never = resolution;
      return unreachable;
    }
  }
}

function passed(
  group: readonly RanElement[],
  resolution: Extract<PlanResolution, {kind: 'resolved'}>,
  before: readonly LogEntry[],
): Judgement {
  const {elements, entries, problems} = resolution;
  const width = Math.max(...elements.map((element) => element.id.length));
  const participating =
    elements.length === group.length ? [] : [info(`${elements.length} of ${group.length} buildpacks participating`)];
  const lines = elements.map((element) => info(`${element.id.padEnd(width)} ${element.version}`));
  return {
    result: {kind: 'passed', elements, plan: entries},
    log: [...before, ...participating, ...lines],
    events: (index) => [
      ...buildpackEvents(group, index, problems),
      {kind: 'detect.group', group: index, passed: true, buildpacks: elements.map(reported)},
    ],
  };
}

function failed(
  group: readonly RanElement[],
  result: DetectResult,
  log: readonly LogEntry[],
  why: string,
  problems: readonly PlanProblem[] = [],
): Judgement {
  return {
    result,
    log,
    events: (index) => [
      ...buildpackEvents(group, index, problems),
      {kind: 'detect.group', group: index, passed: false, buildpacks: group.map(({element}) => reported(element)), why},
    ],
  };
}

function buildpackEvents(
  group: readonly RanElement[],
  index: number,
  problems: readonly PlanProblem[],
): LifecycleEvent[] {
  return group.map(({element, run}) => {
    const problem = problems.find((candidate) => describeElement(candidate.element) === describeElement(element));
    return {
      kind: 'detect.buildpack',
      group: index,
      id: element.id,
      version: element.version,
      code: run.code,
      outcome: run.code === 0 && problem !== undefined ? planOutcome(problem) : outcomeOf(element, run),
      why: run.code === 0 && problem !== undefined ? describeProblem(problem) : whyOf(element, run),
    };
  });
}

function planOutcome(problem: PlanProblem): DetectOutcome {
  return problem.consequence === 'skip' ? 'skipped' : 'fail';
}

function outcomeOf(element: GroupElement, run: DetectRun): DetectOutcome {
  if (run.code === 0) return 'pass';
  if (isError(run)) return 'error';
  return element.optional === true ? 'skipped' : 'fail';
}

function isError(run: DetectRun): boolean {
  return run.code !== 0 && run.code !== 100;
}

/** One sentence for a person: the code's meaning and the last line the buildpack printed. */
function whyOf(element: GroupElement, run: DetectRun): string {
  if (run.code === 0) return 'bin/detect passed';
  if (run.problem !== undefined) return run.problem;
  const lastLine = run.output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const said = lastLine === '' ? '' : `: ${lastLine.slice(0, 300)}`;
  if (run.code === -1) return `bin/detect was ended by a signal${said}`;
  if (run.code !== 100) return `bin/detect exited with ${run.code}${said}`;
  return `bin/detect did not want this app (exit 100)${element.optional === true ? ', and it is optional' : ''}${said}`;
}

function describeProblem(problem: PlanProblem): string {
  const name = describeElement(problem.element);
  switch (problem.kind) {
    case 'requires':
      return `${name} requires ${problem.name}, which no buildpack before it provides`;
    case 'provides-unused':
      return `${name} provides ${problem.name}, which no buildpack after it requires`;
    default: {
      const unreachable: never = problem.kind;
      return unreachable;
    }
  }
}

function outputEntries(group: readonly RanElement[]): readonly LogEntry[] {
  return group.flatMap(({element, run}) => {
    const level = isError(run) ? 'info' : 'debug';
    const name = describeElement(element);
    const output = run.output === '' ? [] : [`======== Output: ${name} ========`, run.output];
    const problem = run.problem === undefined ? [] : [`======== Error: ${name} ========`, run.problem];
    return [...output, ...problem].map((message) => ({level, message}) as const);
  });
}

function verdictEntry({element, run}: RanElement): LogEntry {
  const name = describeElement(element);
  if (run.code === 0) return debug(`pass: ${name}`);
  if (run.code === 100) return debug(element.optional === true ? `skip: ${name}` : `fail: ${name}`);
  return info(run.code === -1 ? `err:  ${name}` : `err:  ${name} (${run.code})`);
}

function problemEntry(problem: PlanProblem): LogEntry {
  const verb = problem.kind === 'requires' ? 'requires' : 'provides unused';
  return debug(`${problem.consequence}: ${describeElement(problem.element)} ${verb} ${problem.name}`);
}

function reported({id, version, api, homepage}: GroupElement): ReportedBuildpack {
  return {id, version, api: api ?? '', homepage: homepage ?? ''};
}

function debug(message: string): LogEntry {
  return {level: 'debug', message};
}

function info(message: string): LogEntry {
  return {level: 'info', message};
}

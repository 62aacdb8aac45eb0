/**
 * Chooses, out of what every bin/detect of a group offered and asked for, a set of buildpacks whose plans fit together.
 * Pure. Follows upstream's runTrials and runTrial (phase/detector.go); where upstream iterates a Go map, names go in sorted order.
 */
import type {BuildPlanEntry, DetectedPlan, PlanSection, Require} from './build-plan.ts';
import {compareBytes} from './compare-bytes.ts';
import type {GroupElement} from './group-element.ts';

export type Candidate = {readonly element: GroupElement; readonly plan: DetectedPlan};

/** Why an element cannot take part: it requires what nobody before it provides, or provides what nobody after it requires. */
export type PlanProblem = {
  readonly element: GroupElement;
  readonly kind: 'requires' | 'provides-unused';
  readonly name: string;
  /** A required element sinks the trial, an optional one drops out of it. */
  readonly consequence: 'fail' | 'skip';
};

export type PlanResolution =
  | {
      readonly kind: 'resolved';
      readonly elements: readonly GroupElement[];
      readonly entries: readonly BuildPlanEntry[];
      readonly problems: readonly PlanProblem[];
    }
  | {readonly kind: 'unresolved'; readonly problems: readonly PlanProblem[]}
  | {readonly kind: 'too-many-alternatives'; readonly trials: number};

export type TrialListener = (trial: number, problems: readonly PlanProblem[]) => void;

const maximumTrials = 100_000;

/** The first combination of alternatives, in order, whose requirements and provisions fit. `onTrial` hears of every one tried. */
export function resolvePlan(candidates: readonly Candidate[], onTrial: TrialListener = () => {}): PlanResolution {
  let trials = 0;
  let problems: readonly PlanProblem[] = [];
  for (const trial of combinations(candidates.map(optionsOf))) {
    trials += 1;
    if (trials > maximumTrials) return {kind: 'too-many-alternatives', trials: maximumTrials};
    const outcome = runTrial(trial);
    onTrial(trials, outcome.problems);
    if (outcome.kind === 'resolved') return outcome;
    problems = outcome.problems;
  }
  return {kind: 'unresolved', problems};
}

type Option = {readonly element: GroupElement; readonly section: PlanSection};

/** The plan and its alternatives; only the last of them is as optional as the element is. */
function optionsOf(candidate: Candidate): readonly Option[] {
  const sections = [candidate.plan, ...candidate.plan.or];
  return sections.map((section, index) => ({
    element: {...candidate.element, optional: candidate.element.optional === true && index === sections.length - 1},
    section,
  }));
}

function* combinations(choices: readonly (readonly Option[])[]): Generator<readonly Option[]> {
  const [first, ...rest] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const option of first) for (const tail of combinations(rest)) yield [option, ...tail];
}

type Dependency = {
  providers: readonly GroupElement[];
  requires: readonly Require[];
  earlyRequires: readonly GroupElement[];
  extraProvides: readonly GroupElement[];
};

function runTrial(options: readonly Option[]): Exclude<PlanResolution, {kind: 'too-many-alternatives'}> {
  const problems: PlanProblem[] = [];
  let remaining = options;
  for (;;) {
    const dependencies = dependenciesOf(remaining);
    const found = problemsIn(dependencies);
    const sinking = found.findIndex((problem) => problem.consequence === 'fail');
    problems.push(...(sinking === -1 ? found : found.slice(0, sinking + 1)));
    if (sinking !== -1) return {kind: 'unresolved', problems};
    if (found.length === 0) {
      if (remaining.length === 0) return {kind: 'unresolved', problems};
      return resolved(remaining, dependencies, problems);
    }
    remaining = remaining.filter((option) => !found.some((problem) => isSame(problem.element, option.element)));
  }
}

function isSame(a: GroupElement, b: GroupElement): boolean {
  return a.id === b.id && a.version === b.version && a.optional === b.optional;
}

function dependenciesOf(options: readonly Option[]): ReadonlyMap<string, Dependency> {
  const dependencies = new Map<string, Dependency>();
  const at = (name: string): Dependency => {
    const known = dependencies.get(name) ?? {providers: [], requires: [], earlyRequires: [], extraProvides: []};
    dependencies.set(name, known);
    return known;
  };
  for (const {element, section} of options) {
    for (const name of section.provides) {
      const entry = at(name);
      entry.extraProvides = [...entry.extraProvides, element];
    }
    for (const require of section.requires) addRequire(at(require.name), element, require);
  }
  return dependencies;
}

function addRequire(entry: Dependency, element: GroupElement, require: Require): void {
  entry.providers = [...entry.providers, ...entry.extraProvides];
  entry.extraProvides = [];
  if (entry.providers.length === 0) entry.earlyRequires = [...entry.earlyRequires, element];
  else entry.requires = [...entry.requires, require];
}

/** All unmet requirements first, then all unused provisions: the order in which upstream looks. */
function problemsIn(dependencies: ReadonlyMap<string, Dependency>): readonly PlanProblem[] {
  const named = [...dependencies].toSorted((a, b) => compareBytes(a[0], b[0]));
  const problem = (kind: PlanProblem['kind'], name: string, element: GroupElement): PlanProblem => ({
    element,
    kind,
    name,
    consequence: element.optional === true ? 'skip' : 'fail',
  });
  return [
    ...named.flatMap(([name, entry]) => entry.earlyRequires.map((element) => problem('requires', name, element))),
    ...named.flatMap(([name, entry]) =>
      entry.extraProvides.map((element) => problem('provides-unused', name, element)),
    ),
  ];
}

function resolved(
  options: readonly Option[],
  dependencies: ReadonlyMap<string, Dependency>,
  problems: readonly PlanProblem[],
): Extract<PlanResolution, {kind: 'resolved'}> {
  const entries = [...dependencies]
    .toSorted((a, b) => compareBytes(a[0], b[0]))
    .map(([name, {providers, requires}]) => ({name, providers, requires}));
  return {kind: 'resolved', elements: options.map((option) => option.element), entries, problems};
}

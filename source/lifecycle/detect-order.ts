/**
 * Walks the groups of an order until one passes: opens composite buildpacks, checks targets and execution environments, runs bin/detect
 * of a group's buildpacks at the same time. Follows detectOrder and detectGroup of upstream's phase/detector.go.
 */
import {type ApiVersion, atLeast, parseApiVersion} from './api-version.ts';
import type {BuildPlan} from './build-plan.ts';
import {emptyPlan} from './build-plan.ts';
import type {BuildpackDescriptor, LookUpBuildpack, Target} from './buildpack-descriptor.ts';
import {exitCodes} from './exit-codes.ts';
import {describeElement, type GroupElement} from './group-element.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import type {Order} from './order.ts';
import type {DetectRun} from './run-detect.ts';
import {describeTarget, satisfiesForBuild, type TargetMetadata} from './target.ts';

export type DetectedGroup = {readonly elements: readonly GroupElement[]; readonly plan: BuildPlan};

/** `failed`: no buildpack wanted it. `errored`: at least one bin/detect of a failed group broke. */
export type DetectResult =
  | ({readonly kind: 'passed'} & DetectedGroup)
  | {readonly kind: 'failed'}
  | {readonly kind: 'errored'};

export type RanElement = {readonly element: GroupElement; readonly run: DetectRun};

export type DetectContext = {
  readonly platformApi: ApiVersion;
  readonly target: TargetMetadata;
  readonly execEnv: string;
  readonly lookUp: LookUpBuildpack;
  readonly run: (descriptor: BuildpackDescriptor) => Promise<DetectRun>;
  /** Decides about a group all of whose buildpacks have run. */
  readonly resolve: (group: readonly RanElement[]) => DetectResult;
  readonly debug: (message: string) => void;
};

/** The first group that passes. Throws when a buildpack is missing or a composite contains itself. */
export function detectOrder(order: Order, context: DetectContext): Promise<DetectResult> {
  const walk: Walk = {context, runs: new Map()};
  return walkOrder(
    walk,
    order.map((group) => group.map((element) => ({element, within: []}))),
    [],
    [],
    false,
  );
}

type Walk = {readonly context: DetectContext; readonly runs: Map<string, Promise<DetectRun>>};

/** An element and the composite buildpacks it was found in, outermost first. */
type Step = {readonly element: GroupElement; readonly within: readonly string[]};

async function walkOrder(
  walk: Walk,
  order: readonly (readonly Step[])[],
  done: readonly GroupElement[],
  next: readonly Step[],
  optional: boolean,
): Promise<DetectResult> {
  let errored = false;
  for (const group of order) {
    const result = await walkGroup(walk, [...group, ...next], done);
    if (result.kind === 'passed') return result;
    errored ||= result.kind === 'errored';
  }
  if (optional) return walkGroup(walk, next, done);
  return {kind: errored ? 'errored' : 'failed'};
}

async function walkGroup(walk: Walk, group: readonly Step[], before: readonly GroupElement[]): Promise<DetectResult> {
  const done = [...before];
  for (const [index, step] of group.entries()) {
    const {element} = step;
    if (done.some((other) => other.id === element.id)) continue;
    const descriptor = await walk.context.lookUp(element);
    if (descriptor.order.length > 0) {
      return walkOrder(walk, openComposite(step, descriptor), done, group.slice(index + 1), element.optional === true);
    }
    const fate = fateOf(element, descriptor, walk.context);
    if (fate.kind === 'skip') continue;
    done.push({...element, api: descriptor.api, homepage: descriptor.homepage});
    start(walk, element, descriptor, fate);
  }
  return walk.context.resolve(await Promise.all(done.map((element) => ranElement(walk, element))));
}

function openComposite(step: Step, descriptor: BuildpackDescriptor): readonly (readonly Step[])[] {
  const name = describeElement(step.element);
  if (step.within.includes(name)) {
    throw new LifecycleFailure(`composite buildpack ${name} contains itself: ${[...step.within, name].join(' -> ')}`, {
      action: 'detect',
      code: exitCodes.detectError,
      buildpack: name,
    });
  }
  const within = [...step.within, name];
  return descriptor.order.map((group) => group.map((element) => ({element, within})));
}

type Fate = {readonly kind: 'run'} | {readonly kind: 'skip'} | {readonly kind: 'mismatch'; readonly problem: string};

function fateOf(element: GroupElement, descriptor: BuildpackDescriptor, context: DetectContext): Fate {
  if (atLeast(context.platformApi, '0.12') && element.optional !== true && !targetFits(descriptor, context.target)) {
    const wanted = JSON.stringify(descriptor.targets.map(targetJson));
    const problem = `unable to satisfy target os/arch constraints; run image: ${describeTarget(context.target)}, buildpack: ${wanted}`;
    return {kind: 'mismatch', problem};
  }
  if (atLeast(context.platformApi, '0.15') && !execEnvFits(descriptor, context.execEnv)) {
    context.debug(
      `Skipping ${describeElement(element)} due to execution environment mismatch; current: ${context.execEnv}, buildpack supports: [${descriptor.execEnv.join(' ')}]`,
    );
    return {kind: 'skip'};
  }
  return {kind: 'run'};
}

function targetFits(descriptor: BuildpackDescriptor, target: TargetMetadata): boolean {
  return descriptor.targets.length === 0 || descriptor.targets.some((wanted) => satisfiesForBuild(target, wanted));
}

/** In upstream's field names and order, empty ones left out. */
function targetJson({os, arch, archVariant, distros}: Target): object {
  return {
    os,
    arch,
    ...(archVariant === '' ? {} : {'arch-variant': archVariant}),
    ...(distros.length === 0 ? {} : {distros: distros.map(({name, version}) => ({name, version}))}),
  };
}

function execEnvFits(descriptor: BuildpackDescriptor, execEnv: string): boolean {
  const api = parseApiVersion(descriptor.api);
  if (execEnv === '' || api === undefined || !atLeast(api, '0.12') || descriptor.execEnv.length === 0) return true;
  return descriptor.execEnv.includes('*') || descriptor.execEnv.includes(execEnv);
}

/** Starts bin/detect unless this very version has run already for an earlier group. A mismatch replaces what an earlier group found. */
function start(
  walk: Walk,
  element: GroupElement,
  descriptor: BuildpackDescriptor,
  fate: Exclude<Fate, {kind: 'skip'}>,
): void {
  const key = describeElement(element);
  if (fate.kind === 'mismatch') {
    walk.runs.set(key, Promise.resolve({plan: emptyPlan, code: -1, output: '', problem: fate.problem}));
  } else if (!walk.runs.has(key)) {
    walk.runs.set(key, walk.context.run(descriptor));
  }
}

async function ranElement(walk: Walk, element: GroupElement): Promise<RanElement> {
  const run = await walk.runs.get(describeElement(element));
  if (run === undefined) throw new Error(`missing detection of '${describeElement(element)}'`);
  return {element, run};
}

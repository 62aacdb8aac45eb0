/** The detect phase: reads the order, finds a group of buildpacks that fits, writes group.toml and plan.toml (spec/platform.md#detector). */
import {atLeast} from './api-version.ts';
import {allowedEnvironment} from './build-env.ts';
import {readAnalyzedFile} from './analyzed-file.ts';
import {planTable} from './build-plan.ts';
import {createBuildpackLookup} from './buildpack-descriptor.ts';
import {type DetectResult, detectOrder} from './detect-order.ts';
import {exitCodes} from './exit-codes.ts';
import {type Group, groupTable} from './group-element.ts';
import {judgeGroup, type LogEntry} from './judge-group.ts';
import {asFailure, LifecycleFailure} from './lifecycle-failure.ts';
import {isShown, type Log} from './log.ts';
import {mergeSystemBuildpacks, type Order, readOrderFile, readSystemFile, verifyOrder} from './order.ts';
import type {PhaseContext} from './phase-context.ts';
import {type BuildpackInputs, runDetect} from './run-detect.ts';
import {completeTarget, targetVariables} from './target.ts';
import {writeTomlFile} from './write-file.ts';

/** Gives the group that passed. Throws exit 20, 21 or 22 as upstream does; what every bin/detect printed is then in the log. */
export async function detect(context: PhaseContext): Promise<Group> {
  const {inputs, log} = context;
  const lookUp = createBuildpackLookup(inputs.buildpacksDir);
  const analyzed = await readAnalyzedFile(inputs.analyzedPath, log);
  const order = await readOrder(context, lookUp);
  const target = completeTarget(analyzed.runImage?.target, log);
  const buildpackInputs: BuildpackInputs = {
    appDir: inputs.appDir,
    platformDir: inputs.platformDir,
    buildConfigDir: inputs.buildConfigDir,
    environment: allowedEnvironment(context.env),
    targetVariables: targetVariables(target),
    execEnv: inputs.execEnv,
  };
  const entries: LogEntry[] = [];
  let groups = 0;
  const result = await walk(order, {
    platformApi: inputs.platformApi,
    target,
    execEnv: inputs.execEnv,
    lookUp,
    run: (descriptor) => runDetect(descriptor, buildpackInputs),
    resolve: (group) => {
      groups += 1;
      const judgement = judgeGroup(group);
      entries.push(...judgement.log);
      for (const event of judgement.events(groups)) context.report(event);
      return judgement.result;
    },
    debug: log.debug,
  });
  printEntries(log, entries, result.kind === 'passed');
  if (result.kind !== 'passed') throw undetected(result, log);
  await writeTomlFile(inputs.groupPath, groupTable(result.elements));
  await writeTomlFile(inputs.planPath, planTable(result.plan));
  return {buildpacks: result.elements, extensions: []};
}

async function readOrder(context: PhaseContext, lookUp: ReturnType<typeof createBuildpackLookup>): Promise<Order> {
  const {inputs} = context;
  try {
    const order = await readOrderFile(inputs.orderPath);
    const withSystem = atLeast(inputs.platformApi, '0.15')
      ? mergeSystemBuildpacks(order, await readSystemFile(inputs.systemPath))
      : order;
    await verifyOrder(withSystem, lookUp);
    return withSystem;
  } catch (error) {
    throw asFailure(error, {action: 'initialize detector', code: exitCodes.failed});
  }
}

async function walk(...[order, context]: Parameters<typeof detectOrder>): Promise<DetectResult> {
  try {
    return await detectOrder(order, context);
  } catch (error) {
    throw asFailure(error, {action: 'detect', code: exitCodes.detectError});
  }
}

/** What was held back while groups were tried: all of it when none passed, else what the level shows. */
function printEntries(log: Log, entries: readonly LogEntry[], passed: boolean): void {
  for (const {level, message} of entries) if (!passed || isShown(level, log.level)) log.print(message);
}

function undetected(result: Exclude<DetectResult, {kind: 'passed'}>, log: Log): LifecycleFailure {
  log.error('No buildpack groups passed detection.');
  switch (result.kind) {
    case 'failed':
      log.error('Please check that you are running against the correct path.');
      return new LifecycleFailure('no buildpacks participating', {action: 'detect', code: exitCodes.failedDetect});
    case 'errored':
      return new LifecycleFailure('buildpack(s) failed with err', {
        action: 'detect',
        code: exitCodes.failedDetectWithErrors,
      });
    default: {
      const unreachable: never = result;
      return unreachable;
    }
  }
}

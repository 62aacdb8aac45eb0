/** Runs one buildpack's bin/detect and reads the plan it wrote (spec/buildpack.md#detection, upstream's buildpack/detect.go). */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type ApiVersion, atLeast, parseApiVersion} from './api-version.ts';
import {type Environment, withOverrides} from './build-env.ts';
import type {DetectedPlan} from './build-plan.ts';
import {emptyPlan, readDetectedPlan} from './build-plan.ts';
import type {BuildpackDescriptor} from './buildpack-descriptor.ts';
import {runCapturing} from './exec-program.ts';
import {parseTomlBytes} from './read-toml.ts';
import {readRegularFile} from './read-regular-file.ts';

export type BuildpackInputs = {
  readonly appDir: string;
  readonly platformDir: string;
  readonly buildConfigDir: string;
  readonly environment: Environment;
  readonly targetVariables: Readonly<Record<string, string>>;
  readonly execEnv: string;
};

export type DetectRun = {
  readonly plan: DetectedPlan;
  /** 0 passed, 100 did not, anything else is an error; -1 when there is no exit code. */
  readonly code: number;
  readonly output: string;
  /** Why the code is -1. */
  readonly problem?: string;
};

/** Never throws: whatever goes wrong is a run with code -1 and a problem. */
export async function runDetect(descriptor: BuildpackDescriptor, inputs: BuildpackInputs): Promise<DetectRun> {
  const scratch = await mkdtemp(join(tmpdir(), 'plan.'));
  try {
    return await detectIn(scratch, descriptor, inputs);
  } catch (error) {
    return {plan: emptyPlan, code: -1, output: '', problem: error instanceof Error ? error.message : String(error)};
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
}

async function detectIn(scratch: string, descriptor: BuildpackDescriptor, inputs: BuildpackInputs): Promise<DetectRun> {
  const planPath = join(scratch, 'plan.toml');
  await writeFile(planPath, '', {mode: 0o600, flag: 'wx'});
  const api = parseApiVersion(descriptor.api) ?? {major: 0, minor: 0};
  const program = {
    path: join(descriptor.root, 'bin', 'detect'),
    args: [inputs.platformDir, planPath],
    cwd: inputs.appDir,
    env: await detectEnvironment(descriptor, api, inputs, planPath),
  };
  const {code, output} = await runCapturing(program, scratch);
  if (code !== 0) return {plan: emptyPlan, code, output};
  return readPlan(planPath, descriptor.id, output);
}

async function detectEnvironment(
  descriptor: BuildpackDescriptor,
  api: ApiVersion,
  inputs: BuildpackInputs,
  planPath: string,
): Promise<Environment> {
  const environment = new Map(await buildpackEnvironment(descriptor, api, inputs));
  if (atLeast(api, '0.8')) {
    environment.set('CNB_PLATFORM_DIR', inputs.platformDir);
    environment.set('CNB_BUILD_PLAN_PATH', planPath);
  }
  return environment;
}

/** What bin/detect and bin/build have in common: overrides, CNB_BUILDPACK_DIR, the target and the execution environment. */
export async function buildpackEnvironment(
  descriptor: BuildpackDescriptor,
  api: ApiVersion,
  inputs: BuildpackInputs,
): Promise<Environment> {
  const {buildConfigDir} = inputs;
  const directories = descriptor.clearEnv ? {buildConfigDir} : {platformDir: inputs.platformDir, buildConfigDir};
  const environment = new Map(await withOverrides(inputs.environment, directories));
  environment.set('CNB_BUILDPACK_DIR', descriptor.root);
  if (atLeast(api, '0.10'))
    for (const [name, value] of Object.entries(inputs.targetVariables)) environment.set(name, value);
  if (atLeast(api, '0.12') && inputs.execEnv !== '') environment.set('CNB_EXEC_ENV', inputs.execEnv);
  return environment;
}

async function readPlan(planPath: string, buildpackId: string, output: string): Promise<DetectRun> {
  try {
    const bytes = await readRegularFile(planPath);
    if (bytes === undefined) throw new Error(`open ${planPath}: no such file or directory`);
    const plan = readDetectedPlan(parseTomlBytes(bytes, 'build plan'));
    const problem = versionProblem(plan, buildpackId);
    return problem === undefined ? {plan, code: 0, output} : {plan, code: -1, output, problem};
  } catch (error) {
    return {plan: emptyPlan, code: -1, output, problem: error instanceof Error ? error.message : String(error)};
  }
}

/** A top-level version has had no meaning since Buildpack API 0.3; upstream refuses it for every API it still has. */
function versionProblem(plan: DetectedPlan, buildpackId: string): string | undefined {
  const requires = [plan, ...plan.or].flatMap((section) => section.requires);
  if (!requires.some((require) => require.version !== undefined)) return undefined;
  return `buildpack ${buildpackId} has a "version" key which is not supported. "metadata.version" should be used instead`;
}

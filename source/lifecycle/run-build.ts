/** Runs one buildpack's bin/build and reads what it left behind (spec/buildpack.md#build, upstream's buildpack/build.go). */
import {mkdir, mkdtemp, rename, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Writable} from 'node:stream';
import type {Slice} from '../oci/layer-entries.ts';
import {type ApiVersion, atLeast, parseApiVersion} from './api-version.ts';
import {type BomEntry, readBom} from './bill-of-materials.ts';
import {type Environment, withBuildLayer} from './build-env.ts';
import type {Label} from './build-metadata.ts';
import {buildpackPlanTable, type Require} from './build-plan.ts';
import type {BuildpackDescriptor} from './buildpack-descriptor.ts';
import {runStreaming} from './exec-program.ts';
import {exitCodes} from './exit-codes.ts';
import {describeElement, escapeId} from './group-element.ts';
import {type LayerFile, readLayerFile} from './layer-file.ts';
import {buildpackDirectory, listTomlNames} from './layers-directory.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import type {Log} from './log.ts';
import {type Process, readLaunchProcess} from './process.ts';
import {errorCode} from './read-regular-file.ts';
import {readTomlFile, type TomlReader, tableList, textField, textListField} from './read-toml.ts';
import {type BuildpackInputs, buildpackEnvironment} from './run-detect.ts';
import {findSbomFiles, type SbomFile} from './sbom.ts';
import {writeTomlFile} from './write-file.ts';

export type BuildInputs = BuildpackInputs & {
  readonly layersDir: string;
  /** What this buildpack is asked to provide. */
  readonly plan: readonly Require[];
  readonly output: Writable;
  readonly log: Log;
};

export type BuildOutput = {
  /** The environment for the buildpacks after this one. */
  readonly environment: Environment;
  readonly sbomFiles: readonly SbomFile[];
  readonly buildBom: readonly BomEntry[];
  readonly launchBom: readonly BomEntry[];
  /** Names of the requirements this buildpack has met; later ones are not asked for them. */
  readonly met: readonly string[];
  readonly labels: readonly Label[];
  readonly processes: readonly Process[];
  readonly slices: readonly Slice[];
};

/** Throws exit 51 when bin/build fails (its exit code in the message), another error when what it wrote cannot be used. */
export async function runBuild(
  descriptor: BuildpackDescriptor,
  inputs: BuildInputs,
  onExit: (code: number) => void,
): Promise<BuildOutput> {
  const scratch = await mkdtemp(join(tmpdir(), `${escapeId(descriptor.id)}-`));
  try {
    const directory = buildpackDirectory(inputs.layersDir, descriptor.id);
    await mkdir(directory, {recursive: true});
    const planPath = join(scratch, escapeId(descriptor.id), 'plan.toml');
    await writeTomlFile(planPath, buildpackPlanTable(inputs.plan));
    await execute(descriptor, inputs, directory, planPath, onExit);
    return await readOutput(descriptor, inputs, directory);
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
}

async function execute(
  descriptor: BuildpackDescriptor,
  inputs: BuildInputs,
  directory: string,
  planPath: string,
  onExit: (code: number) => void,
): Promise<void> {
  const environment = new Map(await buildpackEnvironment(descriptor, apiOf(descriptor), inputs));
  if (atLeast(apiOf(descriptor), '0.8')) {
    environment.set('CNB_PLATFORM_DIR', inputs.platformDir);
    environment.set('CNB_BP_PLAN_PATH', planPath);
    environment.set('CNB_LAYERS_DIR', directory);
  }
  const program = {
    path: join(descriptor.root, 'bin', 'build'),
    args: [directory, inputs.platformDir, planPath],
    cwd: inputs.appDir,
    env: environment,
  };
  const failure = (reason: string, cause?: unknown) =>
    new LifecycleFailure(reason, {
      action: 'build',
      code: exitCodes.failedBuildWithErrors,
      buildpack: describeElement(descriptor),
      cause,
    });
  const {code, signal} = await runStreaming(program, inputs.output).catch((error: unknown) => {
    onExit(-1);
    throw failure(error instanceof Error ? error.message : String(error), error);
  });
  onExit(code);
  if (signal !== null) throw failure(`signal: ${signal}`);
  if (code !== 0) throw failure(`exit status ${code}`);
}

function apiOf(descriptor: BuildpackDescriptor): ApiVersion {
  return parseApiVersion(descriptor.api) ?? {major: 0, minor: 0};
}

async function readOutput(
  descriptor: BuildpackDescriptor,
  inputs: BuildInputs,
  directory: string,
): Promise<BuildOutput> {
  const layers = await readLayerFiles(directory);
  await setAsideUnusedLayers(directory, layers);
  const environment = await withBuildLayers(inputs.environment, directory, layers);
  const buildFile = await readTomlFile(join(directory, 'build.toml'));
  const launchFile = await readTomlFile(join(directory, 'launch.toml'));
  const output: BuildOutput = {
    environment,
    buildBom: buildFile === undefined ? [] : readBom(buildFile, descriptor),
    met: metRequirements(buildFile, inputs.plan),
    sbomFiles: await findSbomFiles(directory, descriptor, layers),
    launchBom: [],
    labels: [],
    processes: [],
    slices: [],
  };
  return launchFile === undefined ? output : {...output, ...readLaunchFile(launchFile, descriptor, inputs.log)};
}

/** Every `*.toml` is a layer's, launch.toml, build.toml and store.toml among them: that is what upstream does. */
async function readLayerFiles(directory: string): Promise<ReadonlyMap<string, LayerFile>> {
  const layers = new Map<string, LayerFile>();
  for (const name of await listTomlNames(directory)) {
    try {
      layers.set(name, await readLayerFile(join(directory, `${name}.toml`)));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new Error(`failed to process buildpack layer: failed to decode layer metadata file: ${problem}`, {
        cause: error,
      });
    }
  }
  return layers;
}

/** A layer that is for nothing gets out of the way: its directory becomes `<layer>.ignore`. */
async function setAsideUnusedLayers(directory: string, layers: ReadonlyMap<string, LayerFile>): Promise<void> {
  for (const [name, file] of layers) {
    if (file.build || file.launch || file.cache) continue;
    const path = join(directory, name);
    try {
      await rename(path, `${path}.ignore`);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') continue;
      throw new Error(`failed to process buildpack layer: failed to rename layer directory: ${String(error)}`, {
        cause: error,
      });
    }
  }
}

async function withBuildLayers(
  environment: Environment,
  directory: string,
  layers: ReadonlyMap<string, LayerFile>,
): Promise<Environment> {
  let next = environment;
  for (const [name, file] of layers) if (file.build) next = await withBuildLayer(next, join(directory, name));
  return next;
}

function metRequirements(buildFile: TomlReader | undefined, plan: readonly Require[]): readonly string[] {
  const entries = buildFile === undefined ? [] : tableList(buildFile, 'unmet');
  const unmet = entries.map((entry) => {
    const name = textField(entry, 'name') ?? '';
    const place = `(${entry.file}: ${entry.path}.name)`;
    if (name === '') throw new Error(`unmet.name is required ${place}`);
    if (!plan.some((require) => require.name === name))
      throw new Error(`unmet.name '${name}' must match a requested dependency ${place}`);
    return name;
  });
  return plan.map((require) => require.name).filter((name) => !unmet.includes(name));
}

function readLaunchFile(
  reader: TomlReader,
  descriptor: BuildpackDescriptor,
  log: Log,
): Pick<BuildOutput, 'launchBom' | 'labels' | 'processes' | 'slices'> {
  const api = apiOf(descriptor);
  const processes = tableList(reader, 'processes').map((process) => readLaunchProcess(process, api, descriptor.id));
  if (processes.filter((process) => process.isDefault).length > 1) {
    throw new Error("multiple default process types aren't allowed");
  }
  return {
    launchBom: readBom(reader, descriptor),
    labels: tableList(reader, 'labels').map((label) => ({
      key: textField(label, 'key') ?? '',
      value: textField(label, 'value') ?? '',
    })),
    processes: atLeast(api, '0.8') ? processes : processes.map((process) => withoutWorkingDirectory(process, log)),
    slices: tableList(reader, 'slices').map((slice) => ({paths: textListField(slice, 'paths')})),
  };
}

function withoutWorkingDirectory(process: Process, log: Log): Process {
  if (process.workingDirectory === undefined) return process;
  log.warn(
    `Warning: process working directory isn't supported in this buildpack api version. Ignoring working directory for process '${process.type}'`,
  );
  return {...process, workingDirectory: undefined};
}

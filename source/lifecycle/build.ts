/** The build phase: runs bin/build of every buildpack of the group, one after another, and writes metadata.toml (spec/platform.md#builder). */
import {join} from 'node:path';
import {readAnalyzedFile} from './analyzed-file.ts';
import {atLeast} from './api-version.ts';
import {type BomEntry, legacyBomText} from './bill-of-materials.ts';
import {allowedEnvironment} from './build-env.ts';
import {type BuildMetadata, buildMetadataPath, buildMetadataTable} from './build-metadata.ts';
import {type BuildPlan, readPlanFile, requirementsFor, withoutMet} from './build-plan.ts';
import {createBuildpackLookup} from './buildpack-descriptor.ts';
import {exitCodes} from './exit-codes.ts';
import {describeElement, type Group, type GroupElement, readGroupFile} from './group-element.ts';
import {asFailure, failingAs} from './lifecycle-failure.ts';
import {extensionsUnsupported, verifyBuildpackApi} from './order.ts';
import type {PhaseContext} from './phase-context.ts';
import {mergeProcesses, noProcesses, sortedProcesses} from './process.ts';
import {type BuildOutput, runBuild} from './run-build.ts';
import {clearSbomDirectory, copySbomFiles} from './sbom.ts';
import {completeTarget, targetVariables} from './target.ts';
import {writeTomlFile, writeWholeFile} from './write-file.ts';

/** Throws exit 51 when a bin/build fails, 52 for everything else that goes wrong. */
export async function build(context: PhaseContext): Promise<void> {
  const {inputs, log} = context;
  const group = await readVerifiedGroup(inputs.groupPath);
  const plan = await readPlanFile(inputs.planPath);
  const analyzed = await failingAs({action: 'reading analyzed.toml', code: exitCodes.failed}, () =>
    readAnalyzedFile(inputs.analyzedPath, log),
  );
  await failingAs({action: 'build', code: exitCodes.buildError}, async () => {
    await clearSbomDirectory(inputs.layersDir);
    const target = targetVariables(completeTarget(analyzed.runImage?.target, log));
    const outputs = await buildAll(context, group.buildpacks, plan, target);
    const metadata = await collect(context, group.buildpacks, outputs);
    await writeTomlFile(buildMetadataPath(inputs.layersDir), buildMetadataTable(metadata, inputs.platformApi));
  });
}

/** group.toml, with the APIs of its buildpacks checked; image extensions are refused. */
export async function readVerifiedGroup(path: string): Promise<Group> {
  const group = await readGroupFile(path);
  if (group.extensions.length > 0) throw extensionsUnsupported(path);
  for (const buildpack of group.buildpacks) verifyBuildpackApi(buildpack, buildpack.api ?? '', path);
  return group;
}

async function buildAll(
  context: PhaseContext,
  buildpacks: readonly GroupElement[],
  plan: BuildPlan,
  target: Readonly<Record<string, string>>,
): Promise<readonly BuildOutput[]> {
  const {inputs, log, report} = context;
  const lookUp = createBuildpackLookup(inputs.buildpacksDir);
  const outputs: BuildOutput[] = [];
  let environment = allowedEnvironment(context.env);
  let remaining = plan;
  for (const [position, buildpack] of buildpacks.entries()) {
    const name = describeElement(buildpack);
    const progress = {id: buildpack.id, version: buildpack.version, index: position + 1, of: buildpacks.length};
    log.debug(`Running build for buildpack ${name}`);
    report({kind: 'buildpack.started', ...progress});
    try {
      const descriptor = await lookUp(buildpack);
      const output = await runBuild(
        descriptor,
        {
          appDir: inputs.appDir,
          platformDir: inputs.platformDir,
          buildConfigDir: inputs.buildConfigDir,
          layersDir: inputs.layersDir,
          environment,
          targetVariables: target,
          execEnv: inputs.execEnv,
          plan: requirementsFor(remaining, buildpack.id),
          output: context.output,
          log,
        },
        (exitCode) => report({kind: 'buildpack.finished', ...progress, exitCode}),
      );
      environment = output.environment;
      remaining = withoutMet(remaining, output.met);
      outputs.push(output);
    } catch (error) {
      throw asFailure(error, {action: 'build', code: exitCodes.buildError, buildpack: name});
    }
    log.debug(`Finished running build for buildpack ${name}`);
  }
  return outputs;
}

async function collect(
  context: PhaseContext,
  buildpacks: readonly GroupElement[],
  outputs: readonly BuildOutput[],
): Promise<BuildMetadata> {
  const {layersDir, platformApi} = context.inputs;
  let processes = noProcesses;
  for (const output of outputs) {
    const merged = mergeProcesses(processes, output.processes);
    if (merged.warning !== undefined) context.log.warn(merged.warning);
    processes = merged;
  }
  const launchBom = outputs.flatMap((output) => output.launchBom);
  if (atLeast(platformApi, '0.8'))
    await copySbomFiles(
      layersDir,
      outputs.flatMap((output) => output.sbomFiles),
    );
  if (atLeast(platformApi, '0.9'))
    await writeLegacyBoms(
      layersDir,
      launchBom,
      outputs.flatMap((output) => output.buildBom),
    );
  return {
    bom: atLeast(platformApi, '0.9') ? [] : launchBom,
    buildpacks,
    labels: outputs.flatMap((output) => output.labels),
    processes: sortedProcesses(processes, platformApi),
    slices: outputs.flatMap((output) => output.slices),
    defaultProcessType: processes.defaultType,
  };
}

/** Written even when there is nothing to say, so that an SBOM layer always exists. */
async function writeLegacyBoms(
  layersDir: string,
  launch: readonly BomEntry[],
  build: readonly BomEntry[],
): Promise<void> {
  await writeWholeFile(join(layersDir, 'sbom', 'launch', 'sbom.legacy.json'), legacyBomText(launch));
  await writeWholeFile(join(layersDir, 'sbom', 'build', 'sbom.legacy.json'), legacyBomText(build));
}

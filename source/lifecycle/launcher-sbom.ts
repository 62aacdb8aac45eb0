/** SBOM files of the lifecycle and of a launcher that came from elsewhere go beside those of the buildpacks (Platform API 0.11). */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {atLeast} from './api-version.ts';
import type {PhaseContext} from './phase-context.ts';
import {readRegularFile} from './read-regular-file.ts';
import {writeWholeFile} from './write-file.ts';

const suffixes = ['sbom.cdx.json', 'sbom.spdx.json', 'sbom.syft.json'] as const;
const usualDirectory = '/cnb/lifecycle';

/**
 * Copies `lifecycle.sbom.*` and `launcher.sbom.*` of /cnb/lifecycle; instead of the launcher's everything that looks like an SBOM in the directory
 * -launcher-sbom names. Those that stand there are not the embedded launcher's, so without -launcher none is copied.
 */
export async function copyLauncherSboms(context: PhaseContext): Promise<void> {
  const {inputs} = context;
  if (!atLeast(inputs.platformApi, '0.11')) return;
  const launcher = join(inputs.layersDir, 'sbom', 'launch', 'buildpacksio_lifecycle', 'launcher');
  if (inputs.launcherPath !== '')
    await copyComponent(context, 'lifecycle', join(inputs.layersDir, 'sbom', 'build', 'buildpacksio_lifecycle'));
  if (inputs.launcherSbomDir !== '' && inputs.launcherSbomDir !== usualDirectory)
    await copyAll(context, inputs.launcherSbomDir, launcher);
  else if (inputs.launcherPath !== '') await copyComponent(context, 'launcher', launcher);
}

async function copyAll({log}: PhaseContext, from: string, to: string): Promise<void> {
  const names = await readdir(from).catch((error: unknown) => {
    log.warn(`Failed to list contents of directory ${from}`);
    throw new Error(`failed to copy buildpacksio SBOMs: open ${from}: no such file or directory`, {cause: error});
  });
  for (const name of names.filter((candidate) => suffixes.some((suffix) => candidate.endsWith(suffix))))
    await copy(join(from, name), join(to, name));
}

/** A missing one is worth a warning upstream; the controller's people are spared it. */
async function copyComponent({inputs, log}: PhaseContext, component: string, to: string): Promise<void> {
  const say = inputs.own.outputLayout === undefined ? log.warn : log.debug;
  for (const suffix of suffixes) {
    const name = `${component}.${suffix}`;
    if (!(await copy(join(usualDirectory, name), join(to, suffix))))
      say(`Did not find SBOM ${name} in ${usualDirectory}`);
  }
}

async function copy(from: string, to: string): Promise<boolean> {
  const content = await readRegularFile(from);
  if (content === undefined) return false;
  await writeWholeFile(to, content);
  return true;
}

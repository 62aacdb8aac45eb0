/** SBOM files of the lifecycle and of a launcher that came from elsewhere go into the image beside those of the buildpacks (Platform API 0.11). */
import {join} from 'node:path';
import {atLeast} from './api-version.ts';
import {listDirectory} from './layers-directory.ts';
import type {PhaseContext} from './phase-context.ts';
import {readRegularFile} from './read-regular-file.ts';
import {writeWholeFile} from './write-file.ts';

const suffixes = ['sbom.cdx.json', 'sbom.spdx.json', 'sbom.syft.json'] as const;

/**
 * Copies `launcher.sbom.*` of /cnb/lifecycle, or everything that looks like an SBOM out of the directory -launcher-sbom names. The embedded
 * launcher has none, so a missing one is worth a debug line only (upstream warns six times).
 */
export async function copyLauncherSboms({inputs, log}: PhaseContext): Promise<void> {
  if (!atLeast(inputs.platformApi, '0.11')) return;
  const destination = join(inputs.layersDir, 'sbom', 'launch', 'buildpacksio_lifecycle', 'launcher');
  if (inputs.launcherSbomDir !== '/cnb/lifecycle') {
    for (const entry of await listDirectory(inputs.launcherSbomDir)) {
      if (suffixes.some((suffix) => entry.name.endsWith(suffix)))
        await copy(join(inputs.launcherSbomDir, entry.name), join(destination, entry.name));
    }
    return;
  }
  if (inputs.launcherPath === '') return;
  for (const suffix of suffixes) {
    const copied = await copy(join(inputs.launcherSbomDir, `launcher.${suffix}`), join(destination, suffix));
    if (!copied) log.debug(`Did not find SBOM launcher.${suffix} in ${inputs.launcherSbomDir}`);
  }
}

async function copy(from: string, to: string): Promise<boolean> {
  const content = await readRegularFile(from);
  if (content === undefined) return false;
  await writeWholeFile(to, content);
  return true;
}

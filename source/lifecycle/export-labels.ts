/** The labels of an app image (spec/platform.md#labels). Values are JSON with Go's bytes. */
import {goJson, type JsonValue} from '../oci/go-json.ts';
import {type ApiVersion, atLeast} from './api-version.ts';
import {bomJson} from './bill-of-materials.ts';
import type {BuildMetadata} from './build-metadata.ts';
import type {GroupElement} from './group-element.ts';
import {processJson} from './process.ts';
import {readTomlFile, subTable, tableField, textField} from './read-toml.ts';
import {tomlToJson} from './layers-metadata.ts';

export const buildMetadataLabel = 'io.buildpacks.build.metadata';
export const projectMetadataLabel = 'io.buildpacks.project.metadata';
export const execEnvLabel = 'io.buildpacks.exec-env';

export type LauncherMetadata = {readonly version: string; readonly repository: string; readonly commit: string};

/** What buildpacks built the image and how it starts. */
export function buildLabel(metadata: BuildMetadata, launcher: LauncherMetadata, platformApi: ApiVersion): string {
  return goJson({
    bom: atLeast(platformApi, '0.9') ? undefined : bomJson(metadata.bom),
    buildpacks: metadata.buildpacks.length === 0 ? null : metadata.buildpacks.map(buildpackJson),
    launcher: {
      version: launcher.version,
      source: {git: {repository: launcher.repository, commit: launcher.commit}},
    },
    processes: metadata.processes.map((process) => processJson(process, platformApi)),
    'buildpack-default-process-type': metadata.defaultProcessType === '' ? undefined : metadata.defaultProcessType,
  });
}

function buildpackJson({id, version, homepage}: GroupElement): JsonValue {
  return {id, version, homepage: homepage === '' ? undefined : homepage};
}

/** project-metadata.toml as the label has it; `{}` when there is no such file. */
export async function projectLabel(path: string): Promise<string> {
  const reader = await readTomlFile(path);
  const source = reader === undefined ? undefined : subTable(reader, 'source');
  if (source === undefined) return '{}';
  const json = (key: string) => {
    const table = tableField(source, key);
    return table === undefined || Object.keys(table).length === 0 ? undefined : tomlToJson(table);
  };
  return goJson({
    source: {type: textField(source, 'type') || undefined, version: json('version'), metadata: json('metadata')},
  });
}

/** `<layers>/config/metadata.toml`: what the build tells the exporter and the launcher (spec/platform.md#metadatatoml-toml). */
import type {Slice} from '../oci/layer-entries.ts';
import {type ApiVersion, atLeast} from './api-version.ts';
import {type BomEntry, bomTable, readMetadataBom} from './bill-of-materials.ts';
import {elementTable, type GroupElement, readGroupElement} from './group-element.ts';
import {type Process, processTable, readMetadataProcess, withPlatformApi} from './process.ts';
import {readTomlFile, tableList, textField, textListField} from './read-toml.ts';
import {OrderedTable} from './toml-encode.ts';

export type Label = {readonly key: string; readonly value: string};

export type BuildMetadata = {
  /** Only below Platform API 0.9. */
  readonly bom: readonly BomEntry[];
  readonly buildpacks: readonly GroupElement[];
  readonly labels: readonly Label[];
  readonly processes: readonly Process[];
  readonly slices: readonly Slice[];
  /** Empty when no buildpack chose one. */
  readonly defaultProcessType: string;
};

/** `<layers>/config/metadata.toml` */
export function buildMetadataPath(layersDir: string): string {
  return `${layersDir}/config/metadata.toml`;
}

/** The file's content; its bytes are those of the config layer. */
export function buildMetadataTable(metadata: BuildMetadata, platformApi: ApiVersion): OrderedTable {
  const processes = metadata.processes.map((process) => processTable(process, platformApi));
  return new OrderedTable([
    ['bom', nonEmpty(metadata.bom.map(bomTable))],
    ['buildpacks', nonEmpty(metadata.buildpacks.map(elementTable))],
    ['labels', nonEmpty(metadata.labels.map(({key, value}) => labelTable(key, value)))],
    ['processes', processes],
    ['slices', nonEmpty(metadata.slices.map(({paths}) => new OrderedTable([['paths', paths]])))],
    ['buildpack-default-process-type', metadata.defaultProcessType === '' ? undefined : metadata.defaultProcessType],
  ]);
}

function labelTable(key: string, value: string): OrderedTable {
  return new OrderedTable([
    ['key', key],
    ['value', value],
  ]);
}

function nonEmpty(list: readonly OrderedTable[]): readonly OrderedTable[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Reads the file back. Throws when it is absent: nothing was built. */
export async function readBuildMetadata(path: string, platformApi: ApiVersion): Promise<BuildMetadata> {
  const reader = await readTomlFile(path);
  if (reader === undefined) throw new Error(`open ${path}: no such file or directory`);
  return {
    bom: atLeast(platformApi, '0.9') ? [] : readMetadataBom(reader),
    buildpacks: tableList(reader, 'buildpacks').map(readGroupElement),
    labels: tableList(reader, 'labels').map((label) => ({
      key: textField(label, 'key') ?? '',
      value: textField(label, 'value') ?? '',
    })),
    processes: tableList(reader, 'processes').map((process) =>
      withPlatformApi(readMetadataProcess(process), platformApi),
    ),
    slices: tableList(reader, 'slices').map((slice) => ({paths: textListField(slice, 'paths')})),
    defaultProcessType: textField(reader, 'buildpack-default-process-type') ?? '',
  };
}

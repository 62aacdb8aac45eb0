/** The unstructured bill of materials that SBOM files replaced; some buildpacks still write it into launch.toml and build.toml. */
import {join} from 'node:path';
import {goJson, type JsonValue} from '../oci/go-json.ts';
import {atLeast} from './api-version.ts';
import type {Require} from './build-plan.ts';
import {describeElement, elementTable, type Group, type GroupElement} from './group-element.ts';
import {buildpackDirectory} from './layers-directory.ts';
import {tomlToJson} from './layers-metadata.ts';
import type {PhaseContext} from './phase-context.ts';
import {fieldError, readTomlFile, subTable, type TomlReader, tableField, tableList, textField} from './read-toml.ts';
import {OrderedTable} from './toml-encode.ts';

export type BomEntry = Require & {readonly buildpack: GroupElement};

/** The [[bom]] of every buildpack's build.toml, for report.toml; from Platform API 0.9 on nobody asks for it. */
export async function readBuildBom({inputs}: PhaseContext, group: Group): Promise<readonly BomEntry[]> {
  if (atLeast(inputs.platformApi, '0.9')) return [];
  const entries: BomEntry[] = [];
  for (const buildpack of group.buildpacks) {
    const reader = await readTomlFile(join(buildpackDirectory(inputs.layersDir, buildpack.id), 'build.toml'));
    if (reader !== undefined) entries.push(...readBom(reader, buildpack));
  }
  return entries;
}

/** The [[bom]] of a file. Throws on a top-level version, which has moved to metadata.version. */
export function readBom(reader: TomlReader, buildpack: GroupElement): readonly BomEntry[] {
  return tableList(reader, 'bom').map((entry) => {
    const name = textField(entry, 'name') ?? '';
    if ((textField(entry, 'version') ?? '') !== '') {
      throw fieldError(
        entry,
        'version',
        `bom entry '${name}' of ${describeElement(buildpack)} has a top level version which is not allowed. The buildpack should instead set metadata.version`,
      );
    }
    return {name, metadata: tableField(entry, 'metadata'), buildpack: {id: buildpack.id, version: buildpack.version}};
  });
}

/** sbom.legacy.json: `null` and a line end when no buildpack wrote any. */
export function legacyBomText(entries: readonly BomEntry[]): string {
  return `${goJson(bomJson(entries))}\n`;
}

/** The entries as labels and SBOM files have them. */
export function bomJson(entries: readonly BomEntry[]): JsonValue {
  return entries.length === 0 ? null : entries.map(entryJson);
}

/** The [[bom]] of metadata.toml, where every entry says whose it is. */
export function readMetadataBom(reader: TomlReader): readonly BomEntry[] {
  return tableList(reader, 'bom').map((entry) => {
    const buildpack = subTable(entry, 'buildpack');
    return {
      name: textField(entry, 'name') ?? '',
      metadata: tableField(entry, 'metadata'),
      buildpack: {
        id: (buildpack && textField(buildpack, 'id')) ?? '',
        version: (buildpack && textField(buildpack, 'version')) ?? '',
      },
    };
  });
}

function entryJson(entry: BomEntry): JsonValue {
  return {
    name: entry.name,
    metadata: entry.metadata === undefined ? null : tomlToJson(entry.metadata),
    buildpack: {id: entry.buildpack.id, version: entry.buildpack.version},
  };
}

/** A [[bom]] of metadata.toml or report.toml (Platform API below 0.9). */
export function bomTable(entry: BomEntry): OrderedTable {
  return new OrderedTable([
    ['name', entry.name],
    ['metadata', entry.metadata],
    ['buildpack', elementTable(entry.buildpack)],
  ]);
}

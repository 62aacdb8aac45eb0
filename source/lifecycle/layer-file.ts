/** `<layer>.toml`: what a layer is for and what its buildpack wants to remember (spec/buildpack.md#layer-content-metadata-toml). */
import {booleanField, field, parseTomlBytes, subTable} from './read-toml.ts';
import {readRegularFile} from './read-regular-file.ts';
import {OrderedTable} from './toml-encode.ts';
import type {TomlValue} from './toml-value.ts';

export type LayerFile = {
  readonly data?: TomlValue;
  readonly build: boolean;
  readonly launch: boolean;
  readonly cache: boolean;
};

const noTypes: LayerFile = {build: false, launch: false, cache: false};

/** Reads the file; one that is absent says nothing. Throws when it is no TOML or has its flags outside [types]. */
export async function readLayerFile(path: string): Promise<LayerFile> {
  const bytes = await readRegularFile(path);
  if (bytes === undefined) return noTypes;
  const reader = parseTomlBytes(bytes, path);
  if (['build', 'launch', 'cache'].some((flag) => field(reader, flag) !== undefined)) {
    throw new Error(`the launch, cache and build flags should be in the types table of ${path}`);
  }
  const types = subTable(reader, 'types') ?? {table: {}, file: path, path: 'types'};
  return {
    data: field(reader, 'metadata'),
    build: booleanField(types, 'build') ?? false,
    launch: booleanField(types, 'launch') ?? false,
    cache: booleanField(types, 'cache') ?? false,
  };
}

/** What the restorer writes back: metadata only, because a buildpack must say anew what a layer is for. */
export function restoredLayerTable(data: TomlValue | undefined): OrderedTable {
  return new OrderedTable([['metadata', data]]);
}

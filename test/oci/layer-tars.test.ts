// Every case of layer-tars.json: what upstream's own layer writer gave for a tree, ours must give to the byte.
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {finishDigest, startDigest} from '../../source/oci/digest.ts';
import {
  directoryLayerEntries,
  launcherLayerEntries,
  processTypesLayerEntries,
  sliceLayerEntries,
} from '../../source/oci/layer-entries.ts';
import {type TarEntry, writeTar} from '../../source/oci/tar-writer.ts';
import {aTemporaryDirectory, type CaseEntry, isRoot, writeCaseTree} from './a-tree.ts';

type CaseOperation = {
  readonly Op: 'dir' | 'slices' | 'launcher' | 'process-types';
  readonly ID: string;
  readonly Dir: string;
  readonly Path: string;
  readonly CreatedBy: string;
  readonly Slices: readonly (readonly string[])[] | null;
  readonly Types: readonly string[] | null;
};

type LayerCase = {
  readonly name: string;
  readonly note: string;
  readonly uid: number;
  readonly gid: number;
  readonly entries: readonly CaseEntry[];
  readonly ops: readonly CaseOperation[];
  readonly layers: readonly {
    readonly id: string;
    readonly diffID: string;
    readonly tarSize: number;
    readonly createdBy: string;
  }[];
};

const cases = JSON.parse(
  readFileSync(new URL('../fixtures/conformance/layer-tars.json', import.meta.url), 'utf8'),
) as readonly LayerCase[];

// The parents of a layer keep the owner they have on disk, and only root can give a directory away. Without root the owner is passed in, which
// serves where all parents have the case's own ids.
test.for(cases)("gives upstream's bytes: $name ($note)", async (layerCase, {skip}) => {
  const {uid, gid, entries} = layerCase;
  const hasOtherOwners = entries.some((entry) => entry.Type === 'dir' && (entry.UID !== uid || entry.GID !== gid));
  skip(!isRoot && hasOtherOwners, 'the owners of the parent directories can only be set by root');
  const root = aTemporaryDirectory();
  writeCaseTree(root, layerCase.entries);
  const layers = layerCase.ops.flatMap((operation) => layersOf(root, layerCase, operation));
  expect(await Promise.all(layers.map(summary))).toEqual(
    layerCase.layers.map(({id, diffID, tarSize, createdBy}) => ({id, diffID, tarSize, createdBy})),
  );
});

test('the file of cases has cases', () => {
  expect(cases.length).toBeGreaterThan(15);
});

type Layer = {readonly id: string; readonly createdBy: string; readonly entries: Iterable<TarEntry>};

function layersOf(root: string, {uid, gid}: LayerCase, operation: CaseOperation): readonly Layer[] {
  const place = {uid, gid, asPath: operation.Dir, ...(!isRoot && {parentOwner: {uid, gid}})};
  switch (operation.Op) {
    case 'dir':
      return [
        {id: operation.ID, createdBy: operation.CreatedBy, entries: directoryLayerEntries(root + operation.Dir, place)},
      ];
    case 'slices':
      return sliceLayerEntries(
        root + operation.Dir,
        (operation.Slices ?? []).map((paths) => ({paths})),
        place,
      );
    case 'launcher':
      return [
        {
          id: 'buildpacksio/lifecycle:launcher',
          createdBy: 'Buildpacks Application Launcher',
          entries: launcherLayerEntries(readFileSync(root + operation.Path)),
        },
      ];
    case 'process-types':
      return [
        {
          id: 'buildpacksio/lifecycle:process-types',
          createdBy: 'Buildpacks Process Types',
          entries: processTypesLayerEntries(operation.Types ?? []),
        },
      ];
    default:
      return operation.Op satisfies never;
  }
}

async function summary(layer: Layer): Promise<object> {
  const hash = startDigest();
  let tarSize = 0;
  await writeTar(layer.entries, (chunk) => {
    hash.update(chunk);
    tarSize += chunk.length;
  });
  return {id: layer.id, diffID: finishDigest(hash), tarSize, createdBy: layer.createdBy};
}

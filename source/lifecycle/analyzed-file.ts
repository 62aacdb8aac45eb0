/** analyzed.toml: the previous image, the run image and what is known of the layers built before (spec/platform.md#analyzedtoml-toml). */
import {emptyLayersMetadata, type LayersMetadata, layersMetadataTable, readLayersMetadata} from './layers-metadata.ts';
import type {Log} from './log.ts';
import {booleanField, readTomlFile, subTable, type TomlReader, textField} from './read-toml.ts';
import type {TargetMetadata} from './target.ts';
import {OrderedTable} from './toml-encode.ts';
import {writeTomlFile} from './write-file.ts';

export type AnalyzedRunImage = {
  /** What the image is exactly: `<path>@<digest>`. */
  readonly reference: string;
  /** What it was called. */
  readonly image?: string;
  readonly extend?: boolean;
  readonly target?: TargetMetadata;
};

export type Analyzed = {
  readonly previousImage?: string;
  readonly buildImage?: string;
  readonly metadata: LayersMetadata;
  readonly runImage?: AnalyzedRunImage;
};

/** Reads analyzed.toml. Without one, everything is as for a first build, with a warning. */
export async function readAnalyzedFile(path: string, log: Log): Promise<Analyzed> {
  const reader = await readTomlFile(path);
  if (reader === undefined) {
    log.warn(`No analyzed metadata found at path "${path}"`);
    return {metadata: emptyLayersMetadata};
  }
  return readAnalyzed(reader);
}

/** The same, but undefined and no warning when there is none. */
export async function readAnalyzedFileIfAny(path: string): Promise<Analyzed | undefined> {
  const reader = await readTomlFile(path);
  return reader === undefined ? undefined : readAnalyzed(reader);
}

function readAnalyzed(reader: TomlReader): Analyzed {
  const image = subTable(reader, 'image');
  const buildImage = subTable(reader, 'build-image');
  const metadata = subTable(reader, 'metadata');
  const runImage = subTable(reader, 'run-image');
  return {
    previousImage: (image && textField(image, 'reference')) || undefined,
    buildImage: (buildImage && textField(buildImage, 'reference')) || undefined,
    metadata: metadata === undefined ? emptyLayersMetadata : readLayersMetadata(metadata),
    runImage: runImage === undefined ? undefined : readRunImage(runImage),
  };
}

function readRunImage(reader: TomlReader): AnalyzedRunImage {
  const target = subTable(reader, 'target');
  return {
    reference: textField(reader, 'reference') ?? '',
    image: textField(reader, 'image'),
    extend: booleanField(reader, 'extend'),
    target: target === undefined ? undefined : readTarget(target),
  };
}

function readTarget(reader: TomlReader): TargetMetadata {
  const distro = subTable(reader, 'distro');
  return {
    id: textField(reader, 'id'),
    os: textField(reader, 'os') ?? '',
    arch: textField(reader, 'arch') ?? '',
    archVariant: textField(reader, 'arch-variant') ?? textField(reader, 'variant'),
    distro:
      distro === undefined
        ? undefined
        : {name: textField(distro, 'name') ?? '', version: textField(distro, 'version') ?? ''},
  };
}

/** Writes analyzed.toml with upstream's bytes; there is no [image] where `previousImage` is undefined, and an empty reference where it is empty. */
export async function writeAnalyzedFile(path: string, analyzed: Analyzed): Promise<void> {
  const reference = (value: string | undefined) =>
    value === undefined ? undefined : new OrderedTable([['reference', value]]);
  const table = new OrderedTable([
    ['image', reference(analyzed.previousImage)],
    ['build-image', reference(analyzed.buildImage)],
    ['metadata', layersMetadataTable(analyzed.metadata)],
    ['run-image', analyzed.runImage === undefined ? undefined : runImageTable(analyzed.runImage)],
  ]);
  await writeTomlFile(path, table);
}

function runImageTable(runImage: AnalyzedRunImage): OrderedTable {
  const {target} = runImage;
  return new OrderedTable([
    ['reference', runImage.reference],
    ['image', runImage.image === '' ? undefined : runImage.image],
    ['extend', runImage.extend === true ? true : undefined],
    ['target', target === undefined ? undefined : targetTable(target)],
  ]);
}

function targetTable(target: TargetMetadata): OrderedTable {
  const {distro} = target;
  return new OrderedTable([
    ['id', target.id === '' ? undefined : target.id],
    ['os', target.os],
    ['arch', target.arch],
    ['arch-variant', target.archVariant === '' ? undefined : target.archVariant],
    [
      'distro',
      distro === undefined
        ? undefined
        : new OrderedTable([
            ['name', distro.name],
            ['version', distro.version],
          ]),
    ],
  ]);
}

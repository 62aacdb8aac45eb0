// The group that detection chose, read out of a container (specification: platform, group.toml).
import type {BuildpackRef} from '../../domain/buildpack.ts';
import {readGroupElement} from '../../lifecycle/group-element.ts';
import {parseTomlText, tableList} from '../../lifecycle/read-toml.ts';
import {readTar} from '../../oci/tar-reader.ts';
import type {EngineCli} from './engine-cli.ts';
import {copyOut} from './engine-commands.ts';

/**
 * What `/layers/group.toml` of a stopped container names. Of buildpacks that the builder lists only those count, with the name and homepage
 * it gives them; a builder that lists none is taken at its group's word.
 */
export async function readGroup(
  cli: EngineCli,
  container: string,
  known: readonly BuildpackRef[],
): Promise<readonly BuildpackRef[]> {
  const text = await cli.read(copyOut(container, '/layers/group.toml'), onlyFile);
  const elements = tableList(parseTomlText(text, 'group.toml'), 'group').slice(0, 1000).map(readGroupElement);
  if (known.length > 0) return elements.flatMap((element) => findKnown(known, element) ?? []);
  return elements.map(({id, version, homepage}) => ({id, version, ...(homepage ? {homepage} : {})}));
}

/** The buildpack of this id and version, as the builder lists it. */
export function findKnown(
  known: readonly BuildpackRef[],
  {id, version}: {readonly id: string; readonly version: string},
): BuildpackRef | undefined {
  const found = known.find((buildpack) => buildpack.id === id && buildpack.version === version);
  return found && {id, version, ...(found.homepage ? {homepage: found.homepage} : {})};
}

const largestGroup = 1024 * 1024;

async function onlyFile(archive: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const {header, content} of readTar(archive, {entries: 1, bytes: largestGroup, pathBytes: 4096})) {
    if (header.kind !== 'file') throw new Error(`expected a file at /layers/group.toml, got a ${header.kind}`);
    for await (const piece of content) pieces.push(piece);
    break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

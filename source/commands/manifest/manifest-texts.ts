// The texts behind -f: files, the standard input, and the manifests of a directory.
import {failure} from '../command-error.ts';
import type {LocalFiles} from '../command-context.ts';
import type {ManifestText} from './read-manifests.ts';

/** A directory gives its *.yaml, *.yml and *.json by name, not those below it, as kubectl takes them. */
export async function manifestTexts(names: readonly string[], files: LocalFiles): Promise<readonly ManifestText[]> {
  const texts: ManifestText[] = [];
  for (const name of names) {
    const isDirectory = name !== '-' && (await files.kind(name)) === 'directory';
    const inside = isDirectory ? await manifestsOf(name, files) : [name];
    for (const file of inside)
      texts.push({file: file === '-' ? 'standard input' : file, text: await files.readText(file)});
  }
  return texts;
}

async function manifestsOf(directory: string, files: LocalFiles): Promise<readonly string[]> {
  const names = (await files.list(directory)).filter((name) => /\.(ya?ml|json)$/.test(name)).toSorted();
  if (names.length === 0) throw failure(`${directory}: expected *.yaml, *.yml or *.json in it, found none`);
  return names.map((name) => `${directory.replace(/\/$/, '')}/${name}`);
}

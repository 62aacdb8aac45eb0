// The licences of the packages whose code is in a bundle, as their licences ask.
import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';

/** One text: for every package among the bundle's inputs its name, version, licence and licence text. */
export async function bundledNotices(root: string, inputs: readonly string[]): Promise<string> {
  const folders = [...new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))].toSorted();
  const notices = await Promise.all(folders.map((folder) => notice(path.join(root, folder))));
  return notices.join('\n\n');
}

function packageFolder(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function notice(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  const text = file ? await readFile(path.join(folder, file), 'utf8') : 'No licence text in the package.';
  return `${manifest.name} ${manifest.version} (${manifest.license ?? 'no licence named'})\n\n${text.trim()}\n`;
}

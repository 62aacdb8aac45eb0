// Base images and buildpackages as the user types them: paths are made absolute, because the controller works elsewhere.
import type {LocalFiles} from './command-context.ts';

/** `oci:DIR[:TAG]`, `docker-archive:FILE` and a bare path get their absolute form; a registry reference stays. */
export function baseImageReference(text: string, files: LocalFiles): string {
  const [, transport = '', rest = ''] = /^(oci:|docker-archive:)?(.*)$/.exec(text) ?? [];
  if (transport === 'oci:') return `${transport}${absoluteLayout(rest, files)}`;
  if (transport !== '') return `${transport}${files.absolute(rest)}`;
  return looksLikePath(rest) ? files.absolute(rest) : text;
}

/** The tag of a layout stands after the last colon that no slash follows. */
function absoluteLayout(text: string, files: LocalFiles): string {
  const tag = /:[^:/\\]+$/.exec(text)?.[0] ?? '';
  return `${files.absolute(text.slice(0, text.length - tag.length))}${tag}`;
}

function looksLikePath(text: string): boolean {
  return /^(\.{1,2}([/\\]|$)|[/\\~]|[A-Za-z]:[/\\])/.test(text) || /\.(tar|cnb|tgz|zip)$/.test(text);
}

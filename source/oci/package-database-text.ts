// Package databases that are text: dpkg's status, apk's installed. And os-release, which tells whose packages they are.
import type {OsPackage} from '../domain/base-difference.ts';
import {acceptPackage} from './package-database-accept.ts';

/**
 * The installed packages in dpkg's `status`, or in one file of distroless' `status.d`, whose paragraphs have no Status field (deb822; dpkg
 * `lib/dpkg/parse.c`). What was removed and left only its configuration is not installed. A paragraph that makes no sense is left out.
 */
export function dpkgPackages(text: string): readonly OsPackage[] {
  return paragraphs(text).flatMap((lines) => {
    const field = (name: string): string | undefined => deb822Field(lines, name);
    const state = field('status')?.split(/\s+/).at(-1);
    if (state === 'not-installed' || state === 'config-files') return [];
    return acceptPackage({
      kind: 'deb',
      name: field('package'),
      version: field('version'),
      architecture: field('architecture'),
    });
  });
}

/** The packages in apk's `installed` (apk-tools `doc/apk-v2.5`): `P:` name, `V:` version, `A:` architecture. */
export function apkPackages(text: string): readonly OsPackage[] {
  return paragraphs(text).flatMap((lines) => {
    const field = (letter: string): string | undefined =>
      lines
        .find((line) => line.startsWith(`${letter}:`))
        ?.slice(2)
        .trim();
    return acceptPackage({kind: 'apk', name: field('P'), version: field('V'), architecture: field('A')});
  });
}

/** The assignments of an os-release file (os-release(5)): shell-like, quotes taken away; other lines are left out. */
export function parseOsRelease(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value] = /^\s*([A-Z][A-Z0-9_]{0,63})=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, unquoted(value.trim())]];
  });
  return Object.fromEntries(pairs.slice(0, 100));
}

function paragraphs(text: string): readonly (readonly string[])[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) => paragraph.split('\n'));
}

/** Names of fields are the same in any case; lines that go on (they begin with a blank) belong to no field that is read here. */
function deb822Field(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((one) => one.slice(0, name.length + 1).toLowerCase() === `${name}:`);
  return line?.slice(name.length + 1).trim();
}

function unquoted(value: string): string {
  const quote = value[0];
  const isQuoted = value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote);
  const inner = isQuoted ? value.slice(1, -1) : value;
  const plain = quote === "'" ? inner : inner.replaceAll(/\\([\\"$`])/g, '$1');
  return plain.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 500);
}

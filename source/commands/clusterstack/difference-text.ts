// The difference between a stack's run image and another one, as text for people.
import {type Client, ClientError} from '../../client/client.ts';
import type {BaseDifference, Finding, PackageChange, ValueChange} from '../../domain/base-difference.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import {table} from '../text-table.ts';

/** What a dry run adds to its plan: text without a newline at its end, and for programs the difference itself. */
export type PlannedDifference = {
  readonly text: string;
  /** The resource with the difference in its status. */
  into(resource: PlainData): PlainData;
};

/** For a dry run: a difference that cannot be told is said in words and stops nothing. */
export async function plannedDifference(client: Client, stack: string, runImage: string): Promise<PlannedDifference> {
  try {
    const difference = await client.baseDifference({from: {kind: 'stack', name: stack}, to: runImage});
    const more = `slipway clusterstack diff ${stack} --run-image ${runImage}`;
    return {text: shortText(difference, more), into: (resource) => withStatus(resource, difference)};
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return {text: `OS packages: not known: ${error.message}`, into: (resource) => resource};
  }
}

/** Everything, block by block, for `clusterstack diff`. */
export function fullText(difference: BaseDifference): string {
  const {from, to, osRelease, config, env, labels} = difference;
  const blocks = [
    table(
      ['', 'Old', 'New'],
      [
        ['Image', plain(from.name ?? from.digest), plain(to.name ?? to.digest)],
        ['Digest', from.digest, to.digest],
        ['Created', plain(from.created ?? '--'), plain(to.created ?? '--')],
        ['Packages from', plain(from.sources.join(', ') || '--'), plain(to.sources.join(', ') || '--')],
      ],
    ),
    packagesText(difference, Number.POSITIVE_INFINITY),
    sizeLine(difference),
    valuesText('OS release', osRelease),
    valuesText('Configuration', config),
    valuesText('Environment', env),
    valuesText('Labels', labels),
    findingsText(difference, Number.POSITIVE_INFINITY),
    notesText(difference),
  ];
  return `${blocks.flatMap((block) => (block === '' ? [] : [block.trimEnd()])).join('\n\n')}\n`;
}

const shownInShort = 15;

function shortText(difference: BaseDifference, more: string): string {
  const blocks = [
    packagesText(difference, shownInShort, more),
    sizeLine(difference),
    findingsText(difference, 0),
    notesText(difference),
  ];
  return blocks.flatMap((block) => (block === '' ? [] : [block.trimEnd()])).join('\n');
}

function packagesText({packages}: BaseDifference, most: number, more = ''): string {
  if (packages.kind === 'unknown') return `OS packages: not known: ${packages.why}`;
  const {changed, added, removed} = packages;
  const line = `OS packages: ${changed.length} changed, ${added.length} added, ${removed.length} removed`;
  const rows = [
    ...changed.map((change) => [change.name, change.old, newVersion(change)]),
    ...added.map(({name, version}) => [name, '--', version]),
    ...removed.map(({name, version}) => [name, version, '--']),
  ];
  if (rows.length === 0) return line;
  const rest = rows.length > most ? `\nand ${rows.length - most} more: ${more}` : '';
  return `${line}\n${table(['Name', 'Old', 'New'], rows.slice(0, most)).trimEnd()}${rest}`;
}

/** Older is what nobody expects, so it is said. */
function newVersion({new: version, direction}: PackageChange): string {
  return direction === 'down' ? `${version} (older)` : version;
}

function sizeLine({from, to, sizeDelta}: BaseDifference): string {
  const sign = sizeDelta < 0 ? '-' : '+';
  return `Size: ${sizeText(from.size)} -> ${sizeText(to.size)} (${sign}${sizeText(Math.abs(sizeDelta))})`;
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function valuesText(title: string, changes: readonly (ValueChange & {readonly rebased?: boolean})[]): string {
  if (changes.length === 0) return '';
  const rows = changes.map((change) => [plain(change.name), plain(change.old ?? '--'), plain(change.new ?? '--')]);
  return `${title}: ${changes.length} changed\n${table(['Name', 'Old', 'New'], rows)}`;
}

function findingsText({findings}: BaseDifference, most: number): string {
  if (!findings) return '';
  const {scanner, fixed, remaining, introduced} = findings;
  const line = `Findings of ${scanner}: ${fixed.length} fixed, ${remaining.length} remaining, ${introduced.length} new`;
  const rows = [
    ...findingRows('fixed', fixed),
    ...findingRows('new', introduced),
    ...findingRows('remaining', remaining),
  ];
  return most === 0 || rows.length === 0
    ? line
    : `${line}\n${table(['State', 'Severity', 'ID', 'Package', 'Version'], rows.slice(0, most))}`;
}

function findingRows(state: string, findings: readonly Finding[]): readonly (readonly string[])[] {
  return findings.map(({severity, id, package: name, version}) => [state, severity, id, name, version]);
}

function notesText({notes}: BaseDifference): string {
  return notes.map((note) => `Note: ${plain(note, 500)}`).join('\n');
}

/** Text of an image's author on one line of a terminal, harmless and not too long. */
function plain(text: string, most = 100): string {
  const harmless = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return harmless.length > most ? `${harmless.slice(0, most - 1)}…` : harmless;
}

function withStatus(resource: PlainData, difference: BaseDifference): PlainData {
  if (!isMap(resource)) return resource;
  const {status} = resource;
  return {...resource, status: {...(isMap(status) ? status : {}), difference}};
}

function isMap(value: PlainData): value is {readonly [key: string]: PlainData} {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

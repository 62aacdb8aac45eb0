// What a vulnerability scanner says in JSON (grype, trivy), and what of it a newer image has fixed. The report is read as a stranger's.
import type {Finding, FindingsDifference} from '../domain/base-difference.ts';
import {parseJson} from './json-fields.ts';
import {OciError} from './oci-error.ts';

/** The scanners whose reports are understood. */
export type ScannerName = 'grype' | 'trivy';

/**
 * The findings in a report of grype (`-o json`, field matches) or trivy (`--format json`, field Results), each once, most severe first. OciError
 * `bad-answer` when it is no such report; entries that make no sense are left out.
 */
export function parseFindings(scanner: ScannerName, report: Buffer): readonly Finding[] {
  const value = fields(parseJson(report, `the report of ${scanner}`, 'bad-answer'));
  const found = scanner === 'grype' ? grypeFindings(value) : trivyFindings(value);
  if (found) return distinct(found).toSorted(bySeverity);
  throw new OciError(
    'bad-answer',
    `Expected a report of ${scanner} as JSON, got JSON that is none. Is this ${scanner}?`,
  );
}

/** Findings are the same when id and package are, whatever the version. */
export function findingsDifference(
  scanner: string,
  before: readonly Finding[],
  after: readonly Finding[],
): FindingsDifference {
  const old = new Set(before.map(identity));
  const now = new Set(after.map(identity));
  return {
    scanner,
    fixed: before.filter((finding) => !now.has(identity(finding))),
    remaining: after.filter((finding) => old.has(identity(finding))),
    introduced: after.filter((finding) => !old.has(identity(finding))),
  };
}

const mostEntries = 100_000;
const severities: readonly Finding['severity'][] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];

function grypeFindings(report: Fields): readonly Finding[] | undefined {
  if (!Array.isArray(report['matches'])) return undefined;
  return list(report['matches']).flatMap((match) => {
    const {vulnerability, artifact} = fields(match);
    const {id, severity, fix} = fields(vulnerability);
    const {name, version} = fields(artifact);
    return finding({id, name, version, severity, fixedIn: list(fields(fix)['versions'])[0]});
  });
}

/** A report without findings has no Results or results without Vulnerabilities; every report has a SchemaVersion. */
function trivyFindings(report: Fields): readonly Finding[] | undefined {
  if (!('SchemaVersion' in report)) return undefined;
  return list(report['Results'])
    .flatMap((result) => list(fields(result)['Vulnerabilities']))
    .flatMap((vulnerability) => {
      const {VulnerabilityID, PkgName, InstalledVersion, Severity, FixedVersion} = fields(vulnerability);
      return finding({
        id: VulnerabilityID,
        name: PkgName,
        version: InstalledVersion,
        severity: Severity,
        fixedIn: FixedVersion,
      });
    });
}

function finding(read: {
  readonly id: unknown;
  readonly name: unknown;
  readonly version: unknown;
  readonly severity: unknown;
  readonly fixedIn: unknown;
}): readonly Finding[] {
  const {id, name, version, fixedIn} = read;
  if (!isWord(id) || !isWord(name) || !isWord(version)) return [];
  const severity = severities.find((one) => one === String(read.severity).toLowerCase()) ?? 'unknown';
  return [{id, package: name, version, severity, ...(isWord(fixedIn) ? {fixedIn} : {})}];
}

/** Fit for a terminal and a table. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 300 && /^[\x20-\x7E]+$/.test(value);
}

function identity({id, package: name}: Finding): string {
  return `${id} ${name}`;
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [`${identity(one)} ${one.version}`, one])).values()];
}

function bySeverity(a: Finding, b: Finding): number {
  const order = severities.indexOf(a.severity) - severities.indexOf(b.severity);
  if (order !== 0) return order;
  return identity(a) < identity(b) ? -1 : 1;
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, mostEntries) : [];
}

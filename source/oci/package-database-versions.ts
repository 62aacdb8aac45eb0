// The order of package versions as each package manager sees it: which of two is the newer one.
import type {PackageKind} from '../domain/base-difference.ts';

/**
 * Negative when `a` is older than `b`, positive when newer, 0 when they are one version. Debian: Policy 5.6.12 and dpkg `lib/dpkg/version.c`;
 * apk: apk-tools `src/version.c`; rpm: `rpmio/rpmvercmp.c` over epoch, version, release. Never throws: what is no version still has an order.
 */
export function comparePackageVersions(kind: PackageKind, a: string, b: string): number {
  switch (kind) {
    case 'deb':
      return compareDebian(a, b);
    case 'apk':
      return compareApk(a, b);
    case 'rpm':
      return compareRpm(a, b);
    default:
      return kind satisfies never;
  }
}

function compareDebian(a: string, b: string): number {
  const left = splitDebian(a);
  const right = splitDebian(b);
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareDebianPart(left.upstream, right.upstream) ||
    compareDebianPart(left.revision, right.revision)
  );
}

/** `[epoch:]upstream[-revision]`: the epoch ends at the first colon, the revision begins behind the last hyphen. */
function splitDebian(version: string) {
  const [, epoch = '0', rest = ''] = /^(?:(\d*):)?(.*)$/s.exec(version) ?? [];
  const hyphen = rest.lastIndexOf('-');
  if (hyphen === -1) return {epoch, upstream: rest, revision: ''};
  return {epoch, upstream: rest.slice(0, hyphen), revision: rest.slice(hyphen + 1)};
}

/** Text and number by turns: text by characters (`~` before the end, the end before letters, letters before the rest), numbers by value. */
function compareDebianPart(a: string, b: string): number {
  const left = debianRuns(a);
  const right = debianRuns(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 2) {
    const order =
      compareDebianText(left[index] ?? '', right[index] ?? '') ||
      compareNumbers(left[index + 1] ?? '', right[index + 1] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** Text at even, numbers at odd places; either may be empty. */
function debianRuns(part: string): readonly string[] {
  return [...part.matchAll(/([^0-9]*)([0-9]*)/g)].flatMap(([, text = '', digits = '']) => [text, digits]);
}

function compareDebianText(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = debianWeight(a[index]) - debianWeight(b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function debianWeight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 0x1_00_00;
}

function compareRpm(a: string, b: string): number {
  const left = splitRpm(a);
  const right = splitRpm(b);
  const byVersion = compareNumbers(left.epoch, right.epoch) || compareRpmPart(left.version, right.version);
  if (byVersion !== 0 || left.release === undefined || right.release === undefined) return byVersion;
  return compareRpmPart(left.release, right.release);
}

function splitRpm(text: string) {
  const [, epoch = '0', rest = ''] = /^(?:(\d*):)?(.*)$/s.exec(text) ?? [];
  const hyphen = rest.lastIndexOf('-');
  if (hyphen === -1) return {epoch, version: rest, release: undefined};
  return {epoch, version: rest.slice(0, hyphen), release: rest.slice(hyphen + 1)};
}

/** Segments of digits or letters; `~` sorts before the end, `^` right behind it; what separates them does not count. */
function compareRpmPart(a: string, b: string): number {
  const left = rpmSegments(a);
  const right = rpmSegments(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareRpmSegment(left[index], right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function rpmSegments(part: string): readonly string[] {
  return part.match(/[0-9]+|[A-Za-z]+|[~^]/g) ?? [];
}

function compareRpmSegment(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === '~' || b === '~') return a === '~' ? -1 : 1;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  if (a === '^' || b === '^') return a === '^' ? -1 : 1;
  const isNumberA = /^[0-9]/.test(a);
  const isNumberB = /^[0-9]/.test(b);
  if (isNumberA !== isNumberB) return isNumberA ? 1 : -1;
  return isNumberA ? compareNumbers(a, b) : compareTexts(a, b);
}

/** What an apk version is made of, in the order that decides when one version goes on where the other ends. */
const apkKinds = [
  'first',
  'number',
  'letter',
  'suffix',
  'suffix-number',
  'hash',
  'revision',
  'end',
  'invalid',
] as const;
type ApkToken = {readonly kind: (typeof apkKinds)[number]; readonly value: string};

const apkBefore = ['alpha', 'beta', 'pre', 'rc'];
const apkAfter = ['cvs', 'svn', 'git', 'hg', 'p'];

function compareApk(a: string, b: string): number {
  const left = apkTokens(a);
  const right = apkTokens(b);
  for (let index = 0; ; index += 1) {
    const one = left[index] ?? apkEnd;
    const other = right[index] ?? apkEnd;
    if (one.kind !== other.kind) return compareApkKinds(one, other);
    if (one.kind === 'end' || one.kind === 'invalid') return compareTexts(one.value, other.value);
    const order = compareApkValues(one, other);
    if (order !== 0) return order;
  }
}

const apkEnd: ApkToken = {kind: 'end', value: ''};

/** The longer version is the newer one, unless what follows marks it as one before. */
function compareApkKinds(a: ApkToken, b: ApkToken): number {
  if (a.kind === 'suffix' && apkBefore.includes(a.value)) return -1;
  if (b.kind === 'suffix' && apkBefore.includes(b.value)) return 1;
  return apkKinds.indexOf(b.kind) - apkKinds.indexOf(a.kind);
}

function compareApkValues(a: ApkToken, b: ApkToken): number {
  if (a.kind === 'suffix') return suffixWeight(a.value) - suffixWeight(b.value);
  if (a.kind === 'letter' || a.kind === 'hash') return compareTexts(a.value, b.value);
  // Behind a dot a leading zero makes it a fraction: 1.05 is older than 1.5.
  const isFraction = a.kind === 'number' && (a.value.startsWith('0') || b.value.startsWith('0'));
  return isFraction ? compareTexts(a.value, b.value) : compareNumbers(a.value, b.value);
}

function suffixWeight(suffix: string): number {
  return apkBefore.includes(suffix) ? apkBefore.indexOf(suffix) - apkBefore.length : apkAfter.indexOf(suffix);
}

/** `number{.number}{letter}{_suffix{number}}{~hash}{-r#}`, up to the first thing that is none of it. */
function apkTokens(version: string): readonly ApkToken[] {
  const tokens: ApkToken[] = [];
  for (let rest = version; rest !== ''; ) {
    const token = apkToken(rest, tokens.at(-1)?.kind);
    if (token.kind === 'invalid') return [...tokens, {kind: 'invalid', value: rest}];
    tokens.push(token);
    rest = rest.slice(token.length);
  }
  return tokens;
}

function apkToken(rest: string, before: ApkToken['kind'] | undefined): ApkToken & {readonly length: number} {
  const fitting = apkGrammar.find(({after, pattern}) => after.includes(before) && pattern.test(rest));
  const [whole = '', value = ''] = fitting?.pattern.exec(rest) ?? [];
  return fitting ? {kind: fitting.kind, value, length: whole.length} : {kind: 'invalid', value: rest, length: 0};
}

const apkGrammar: readonly {
  readonly kind: ApkToken['kind'];
  readonly pattern: RegExp;
  readonly after: readonly (ApkToken['kind'] | undefined)[];
}[] = [
  {kind: 'first', pattern: /^(\d+)/, after: [undefined]},
  {kind: 'number', pattern: /^\.(\d+)/, after: ['first', 'number']},
  {kind: 'letter', pattern: /^([a-z])/, after: ['first', 'number']},
  {
    kind: 'suffix',
    pattern: /^_(alpha|beta|pre|rc|cvs|svn|git|hg|p)/,
    after: ['first', 'number', 'letter', 'suffix', 'suffix-number'],
  },
  {kind: 'suffix-number', pattern: /^(\d+)/, after: ['suffix']},
  {kind: 'hash', pattern: /^~([0-9a-f]+)/, after: ['first', 'number', 'letter', 'suffix', 'suffix-number']},
  {kind: 'revision', pattern: /^-r(\d+)/, after: ['first', 'number', 'letter', 'suffix', 'suffix-number', 'hash']},
];

/** Digits of any length by value; nothing counts as 0. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || compareTexts(left, right);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

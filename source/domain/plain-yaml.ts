// Prints plain data as YAML the way kpack's tools do (sigs.k8s.io/yaml): keys sorted, two spaces, lists not indented, no folding.

/** What can be printed; a key whose value is undefined is left out. */
export type PlainData =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly PlainData[]
  | {readonly [key: string]: PlainData};

/** YAML text with a trailing newline. The same data always gives the same text. */
export function plainYaml(value: PlainData): string {
  return `${lines(value).join('\n')}\n`;
}

function lines(value: PlainData): readonly string[] {
  if (isList(value)) return value.length === 0 ? ['[]'] : value.flatMap(itemLines);
  if (isMap(value)) {
    const entries = sortedEntries(value);
    return entries.length === 0 ? ['{}'] : entries.flatMap(([key, inner]) => entryLines(key, inner));
  }
  return scalarLines(value);
}

function itemLines(item: PlainData): readonly string[] {
  const [first = '', ...rest] = lines(item);
  return [`- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))];
}

function entryLines(key: string, value: PlainData): readonly string[] {
  const name = `${inlineText(key)}:`;
  if (isList(value) && value.length > 0) return [name, ...lines(value)];
  if (isMap(value) && sortedEntries(value).length > 0) return [name, ...lines(value).map(indented)];
  const [first = '', ...rest] = lines(value);
  return [`${name} ${first}`, ...rest.map(indented)];
}

function indented(line: string): string {
  return line === '' ? '' : `  ${line}`;
}

function isList(value: PlainData): value is readonly PlainData[] {
  return Array.isArray(value);
}

function isMap(value: PlainData): value is {readonly [key: string]: PlainData} {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedEntries(value: {readonly [key: string]: PlainData}): readonly (readonly [string, PlainData])[] {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function scalarLines(value: string | number | boolean | null | undefined): readonly string[] {
  if (value === null || value === undefined) return ['null'];
  if (typeof value !== 'string') return [String(value)];
  return value.includes('\n') && fitsLiteral(value) ? literalLines(value) : [inlineText(value)];
}

function inlineText(text: string): string {
  if (readsAsOtherType(text) || hasSpecialCharacters(text)) return doubleQuoted(text);
  return fitsPlain(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** A literal block keeps its lines as they are; what it cannot keep (control characters, odd spaces) is quoted instead. */
function fitsLiteral(text: string): boolean {
  const hasOddSpace = /^\s|[ \t]\n|[ \t]$/.test(text);
  return !hasOddSpace && !hasSpecialCharacters(text.replaceAll('\n', ''));
}

function literalLines(text: string): readonly string[] {
  if (!text.endsWith('\n')) return ['|-', ...text.split('\n')];
  const body = text.slice(0, -1);
  return [body.endsWith('\n') ? '|+' : '|', ...body.split('\n')];
}

const otherTypes =
  /^(|~|null|Null|NULL|<<|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const numbers =
  /^([-+]?0b[01_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?0o?[0-7_]+|[-+]?[0-9][0-9_]*|[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)$/;
const dates = /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/;

function readsAsOtherType(text: string): boolean {
  return otherTypes.test(text) || numbers.test(text) || dates.test(text);
}

function hasSpecialCharacters(text: string): boolean {
  return /[^\t\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|[\t\x85\u2028\u2029]/u.test(text);
}

/** Whether the text may stand without quotes in block context (libyaml's scalar analysis). */
function fitsPlain(text: string): boolean {
  if (/^\s|\s$/.test(text)) return false;
  if (/^(---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return false;
  if (/^[-?:](\s|$)/.test(text)) return false;
  return !/:(\s|$)/.test(text) && !/\s#/.test(text);
}

function doubleQuoted(text: string): string {
  const escaped = text.replaceAll(/["\\\p{Cc}\u2028\u2029\ufeff]|[\ud800-\udfff]/gu, escapeOf);
  return `"${escaped}"`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\x1b': '\\e',
  '\v': '\\v',
  '\f': '\\f',
};

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return shortEscapes[character] ?? (code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}

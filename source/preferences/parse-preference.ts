// Turns what a user typed into the value of a preference, or says what would have been right.
import {preferenceSchema, type PreferenceName, type PreferenceValues, themeNames} from './preference-values.ts';

/** The value for `name`; throws an Error that says what was expected. `themes` are the names of the user's own. */
export function parsePreference<N extends PreferenceName>(
  name: N,
  text: string,
  themes: readonly string[] = [],
): NonNullable<PreferenceValues[N]> {
  const known: readonly string[] = [...themeNames, ...themes];
  if (name === 'theme' && !known.includes(text)) throw expected(name, `one of ${known.join(', ')}`, text);
  const rule = preferenceSchema[name];
  switch (rule.type) {
    case 'boolean':
      return parseBoolean(name, text) as NonNullable<PreferenceValues[N]>;
    case 'integer':
      return parseInteger(name, text, rule) as NonNullable<PreferenceValues[N]>;
    case 'string':
      return parseText(name, text, 'enum' in rule ? rule.enum : undefined) as NonNullable<PreferenceValues[N]>;
    case 'object':
      return parseMap(name, text) as NonNullable<PreferenceValues[N]>;
    default:
      return rule satisfies never;
  }
}

function parseBoolean(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw expected(name, 'true or false', text);
}

function parseInteger(name: string, text: string, {minimum, maximum}: {minimum: number; maximum: number}): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw expected(name, `a whole number from ${minimum} to ${maximum}`, text);
}

function parseText(name: string, text: string, allowed: readonly string[] | undefined): string {
  if (allowed ? allowed.includes(text) : text.trim() !== '') return text;
  throw expected(name, allowed ? `one of ${allowed.join(', ')}` : 'a text', text);
}

/** A map as JSON: `{"images.rebuild": "ctrl-b"}`, `{"mine": {"base": "dark", "colors": {"ready": "#00ff00"}}}`. */
function parseMap(name: string, text: string): object {
  const what = name === 'keys' ? 'a map of actions to keys' : 'a map of names to {"base": …, "colors": {…}}';
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(name, what, text);
  const entries = Object.entries(value);
  if (entries.every(([, one]) => (name === 'keys' ? isKeys(one) : isTheme(one)))) return value;
  throw expected(name, what, text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isKeys(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((key) => typeof key === 'string'));
}

function isTheme(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('colors' in value)) return false;
  const {base = '', colors} = value as {readonly base?: unknown; readonly colors: unknown};
  if (typeof base !== 'string' || typeof colors !== 'object' || colors === null) return false;
  return Object.values(colors).every((color) => typeof color === 'string');
}

function expected(name: string, what: string, got: string): Error {
  return new Error(`expected ${name} to be ${what}, got ${JSON.stringify(got)}`);
}

// Turns what a user typed into the value of a preference, or says what would have been right.
import {preferenceSchema, type PreferenceName, type PreferenceValues} from './preference-values.ts';

/** The value for `name`; throws an Error that says what was expected. */
export function parsePreference<N extends PreferenceName>(name: N, text: string): NonNullable<PreferenceValues[N]> {
  const rule = preferenceSchema[name];
  switch (rule.type) {
    case 'boolean':
      return parseBoolean(name, text) as NonNullable<PreferenceValues[N]>;
    case 'integer':
      return parseInteger(name, text, rule) as NonNullable<PreferenceValues[N]>;
    case 'string':
      return parseText(name, text, 'enum' in rule ? rule.enum : undefined) as NonNullable<PreferenceValues[N]>;
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

function expected(name: string, what: string, got: string): Error {
  return new Error(`expected ${name} to be ${what}, got ${JSON.stringify(got)}`);
}

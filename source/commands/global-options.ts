// The options that every command has, read before anything else loads: where the state is, and how to show things.
import {isUiMode, uiModes, type UiMode} from '../preferences/preference-values.ts';
import {usageError} from './command-error.ts';

export type GlobalOptions = {
  /** As given with --home or SLIPWAY_HOME; not yet absolute. */
  readonly home?: string;
  readonly homeFrom?: 'flag' | 'environment';
  readonly ui?: UiMode;
  readonly color: boolean;
  /** The dashboard changes nothing. */
  readonly readOnly: boolean;
  /** For screen readers: lines one after the other, no screen that is drawn over. */
  readonly accessible: boolean;
  /** The arguments without the global options. */
  readonly rest: readonly string[];
};

type Environment = {readonly [name: string]: string | undefined};

/**
 * Takes `--home DIR`, `--ui MODE`, `--no-color`, `--read-only` and `--accessible` out of the arguments, wherever they stand before a `--`. Throws a
 * usage error for a missing or unknown value. NO_COLOR counts when it is set and not empty (no-color.org); so does
 * ACCESSIBLE.
 */
export function readGlobalOptions(argv: readonly string[], environment: Environment): GlobalOptions {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const rest: string[] = [];
  let home: string | undefined;
  let ui: string | undefined;
  let color = (environment['NO_COLOR'] ?? '') === '';
  let readOnly = false;
  let accessible = !['', '0'].includes(environment['ACCESSIBLE'] ?? '');
  for (let index = 0; index < end; index += 1) {
    const argument = argv[index] ?? '';
    const [name, inline] = splitOption(argument);
    if (argument === '--no-color') color = false;
    else if (argument === '--read-only') readOnly = true;
    else if (argument === '--accessible') accessible = true;
    else if (name === '--home' || name === '--ui') {
      const value = inline ?? argv[(index += 1)];
      if (value === undefined || value === '' || index >= end) throw usageError(`option '${name}' needs a value`);
      if (name === '--home') home = value;
      else ui = value;
    } else rest.push(argument);
  }
  return {
    ...homeOf(home, environment['SLIPWAY_HOME']),
    ...uiOf(ui),
    color,
    readOnly,
    accessible,
    rest: [...rest, ...argv.slice(end)],
  };
}

function splitOption(argument: string): readonly [name: string, value: string | undefined] {
  const equals = argument.indexOf('=');
  return argument.startsWith('--') && equals > 0
    ? [argument.slice(0, equals), argument.slice(equals + 1)]
    : [argument, undefined];
}

function homeOf(
  given: string | undefined,
  inEnvironment: string | undefined,
): Pick<GlobalOptions, 'home' | 'homeFrom'> {
  if (given !== undefined) return {home: given, homeFrom: 'flag'};
  return inEnvironment ? {home: inEnvironment, homeFrom: 'environment'} : {};
}

function uiOf(ui: string | undefined): {readonly ui?: UiMode} {
  if (ui === undefined) return {};
  if (!isUiMode(ui)) throw usageError(`expected --ui to be one of ${uiModes.join(', ')}, got ${JSON.stringify(ui)}`);
  return {ui};
}

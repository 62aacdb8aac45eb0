// The user's preferences in one JSON file, read and written by clients only.
import Conf from 'conf';
import {parsePreference} from './parse-preference.ts';
import {PreferencesError} from './preferences-error.ts';
import {preferenceDefaults, preferenceSchema, type PreferenceName, type PreferenceValues} from './preference-values.ts';
import {preferencesFile, readPreferences} from './read-preferences.ts';

export type Preferences = {
  /** The file, whether it exists yet or not. */
  readonly path: string;
  /** Every preference, defaults filled in. */
  read(): PreferenceValues;
  /** Only what the file says. */
  own(): Partial<PreferenceValues>;
  /** Sets one from what the user typed; throws an Error that says what was expected. */
  set(name: PreferenceName, text: string): void;
  /** Back to the default. */
  unset(name: PreferenceName): void;
};

/**
 * Opens the preferences in a directory. A file that is no JSON, or breaks a rule, throws a PreferencesError that names
 * file, line and column; it is never overwritten or cleared.
 */
export function openPreferences(directory: string): Preferences {
  const file = preferencesFile(directory);
  const own = () => readPreferences(directory);
  own();
  const conf = openConf(directory, file);
  return {
    path: file,
    own,
    read: () => ({...preferenceDefaults, ...own()}),
    set: (name, text) => conf.set(name, parsePreference(name, text, Object.keys(own().themes ?? {}))),
    unset: (name) => conf.delete(name),
  };
}

type Stored = {-readonly [N in PreferenceName]?: PreferenceValues[N]};

function openConf(directory: string, file: string): Conf<Stored> {
  try {
    return new Conf<Stored>({
      cwd: directory,
      configName: 'preferences',
      schema: preferenceSchema,
      rootSchema: {additionalProperties: false},
      clearInvalidConfig: false,
      configFileMode: 0o600,
    });
  } catch (cause) {
    throw new PreferencesError('invalid', file, `${file}: ${(cause as Error).message}`, {cause});
  }
}

// Sets a preference, and tells a running controller when it is one of its settings.
import type {Settings} from '../../domain/event.ts';
import type {PreferenceName, PreferenceValues} from '../../preferences/preference-values.ts';
import type {Preferences} from '../../preferences/preferences.ts';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {withClient} from '../with-client.ts';

/** Writes the file; what the controller must know (how many builds at once, how often sources are looked at) goes to it too. */
export async function setPreference(
  context: CommandContext,
  preferences: Preferences,
  name: PreferenceName,
  value: string,
): Promise<void> {
  try {
    preferences.set(name, value);
  } catch (cause) {
    throw usageError(cause instanceof Error ? cause.message : String(cause));
  }
  const setting = settingOf(name, preferences.read());
  if (setting) await withClient(context, (client) => client.send({kind: 'settings.change', settings: setting}));
}

/** The preferences that are the controller's settings too; intervals are seconds here and milliseconds there. */
function settingOf(name: string, values: PreferenceValues): Partial<Settings> | undefined {
  const {maxConcurrentBuilds, gitPollSeconds, localPollSeconds, stackPollSeconds} = values;
  switch (name) {
    case 'maxConcurrentBuilds':
      return maxConcurrentBuilds === undefined ? undefined : {maxConcurrentBuilds};
    case 'gitPollSeconds':
      return gitPollSeconds === undefined ? undefined : {gitPollInterval: gitPollSeconds * 1000};
    case 'localPollSeconds':
      return localPollSeconds === undefined ? undefined : {localPollInterval: localPollSeconds * 1000};
    case 'stackPollSeconds':
      return stackPollSeconds === undefined ? undefined : {stackPollInterval: stackPollSeconds * 1000};
    default:
      return undefined;
  }
}

// Sets a preference, and tells a running controller when it is one of its settings.
import type {PreferenceName} from '../../preferences/preference-values.ts';
import type {Preferences} from '../../preferences/preferences.ts';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {withClient} from '../with-client.ts';

/** Writes the file; `maxConcurrentBuilds` also goes to the controller, which keeps it. */
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
  const {maxConcurrentBuilds} = preferences.read();
  if (name !== 'maxConcurrentBuilds' || maxConcurrentBuilds === undefined) return;
  await withClient(context, (client) => client.send({kind: 'settings.change', settings: {maxConcurrentBuilds}}));
}

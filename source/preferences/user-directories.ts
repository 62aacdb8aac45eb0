// Where the state and the preferences of a user lie when nobody says otherwise.
import path from 'node:path';
import envPaths from 'env-paths';

export type UserDirectories = {
  /** Builds, images, logs, the controller's socket. */
  readonly state: string;
  readonly preferences: string;
};

/**
 * The platform's directories: on Linux XDG_STATE_HOME and XDG_CONFIG_HOME, on macOS Application Support and Preferences,
 * on Windows the local and roaming application data. With a home of one's own both lie in it.
 */
export function userDirectories(home: string | undefined, platform: string): UserDirectories {
  if (home !== undefined) return {state: path.resolve(home), preferences: path.resolve(home)};
  const paths = envPaths('slipway', {suffix: ''});
  // env-paths calls XDG_STATE_HOME `log`, and has no state directory elsewhere.
  return {state: platform === 'linux' ? paths.log : path.join(paths.data, 'state'), preferences: paths.config};
}

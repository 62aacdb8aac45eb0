// What is wrong with the preferences that only the dashboard understands: keys and themes.
import {bindings} from './keymap/bindings.ts';
import {type KeyPreferences, rebind} from './keymap/rebind.ts';
import {type CustomThemes, themeProblems} from './theme/custom-themes.ts';
import {palettes} from './theme/palettes.ts';

/** Where in the preferences (`keys`, then the action …), and what was expected there. */
export type PreferenceProblem = {readonly path: readonly string[]; readonly message: string};

export function checkPreferences(preferences: {
  readonly keys?: KeyPreferences;
  readonly themes?: CustomThemes;
}): readonly PreferenceProblem[] {
  const {keys = {}, themes = {}} = preferences;
  const under = (name: string) => (problem: PreferenceProblem) => ({...problem, path: [name, ...problem.path]});
  return [
    ...rebind(keys, bindings).problems.map(under('keys')),
    ...themeProblems(themes, palettes.dark).map(under('themes')),
  ];
}

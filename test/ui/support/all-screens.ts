// Every screen of the dashboard, as the keys that lead from one to the next.

export type ScreenStop = {
  readonly name: string;
  /** Typed one entry after the other, from the screen before. */
  readonly keys: readonly string[];
};

const escape = '\u001B';

/** Keys that need nothing from the controller come in one read, as from quick hands; Escape comes alone. */
export const allScreens: readonly ScreenStop[] = [
  {name: 'dashboard', keys: ['jjjjjj']},
  {name: 'log', keys: ['lf']},
  {name: 'log-search', keys: ['t/layer\r']},
  {name: 'log-filter', keys: [escape, 't&npm\r']},
  {name: 'history', keys: [escape, 'sfh+']},
  {name: 'why', keys: ['_6+']},
  {name: 'compared', keys: ['_5j j6+']},
  {name: 'failure', keys: ['_5k g1kk3+']},
  {name: 'describe', keys: ['_1d']},
  {name: 'yaml', keys: [escape, 'y']},
  {name: 'help', keys: [escape, '?']},
  {name: 'palette', keys: [escape, ':re']},
  {name: 'filter', keys: [escape, '/stack']},
  {name: 'marked', keys: [escape, 'g jj\u0000T']},
  {name: 'confirm', keys: ['\u001CNjjjjx']},
  {name: 'choose', keys: [escape, 'p']},
  {name: 'stack', keys: [escape, '2d']},
  {name: 'run-image', keys: [escape, 'p']},
  {name: 'patch-preview', keys: ['slim\t\r']},
  {name: 'fleet', keys: ['\tdefault\r']},
];

/** The screens of somebody who is shown around. */
export const guidedScreens: readonly ScreenStop[] = [
  {name: 'guided', keys: ['jjjjjj']},
  {name: 'guide', keys: ['7j']},
];

export const screenSizes = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

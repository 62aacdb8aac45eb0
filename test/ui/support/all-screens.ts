// Every screen of the dashboard, as the keys that lead from one to the next.

export type ScreenStop = {
  readonly name: string;
  /** Typed one entry after the other, from the screen before. */
  readonly keys: readonly string[];
};

const escape = '\u001B';

export const allScreens: readonly ScreenStop[] = [
  {name: 'dashboard', keys: ['jjjjjj']},
  {name: 'log', keys: ['l', 'f']},
  {name: 'history', keys: ['f', 'h', '+']},
  {name: 'why', keys: ['_', '6', '+']},
  {name: 'failure', keys: ['_', '1', 'kk', '3', '+']},
  {name: 'describe', keys: ['_', '1', 'd']},
  {name: 'yaml', keys: [escape, 'y']},
  {name: 'help', keys: [escape, '?']},
  {name: 'palette', keys: [escape, ':', 're']},
  {name: 'confirm', keys: [escape, 'jj', 'x']},
  {name: 'choose', keys: [escape, 'p']},
  {name: 'patch-preview', keys: [escape, '2', 'p', 'slim', '\t', '\r']},
  {name: 'fleet', keys: ['\t', 'default', '\r']},
];

export const screenSizes = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

// One name for each key press, whatever way the terminal sent it: `j`, `G`, `ctrl-d`, `shift-tab`, `pgdn`.
import type {Key} from 'ink';

/** The name of a key press, or undefined when it is none that can be bound. */
export function keyName(input: string, key: Key): string | undefined {
  if (key.tab) return key.shift ? 'shift-tab' : 'tab';
  for (const [field, name] of special) if (key[field]) return name;
  if (input === '') return undefined;
  return key.ctrl ? `ctrl-${input === ' ' ? 'space' : input.toLowerCase()}` : input === ' ' ? 'space' : input;
}

const special: readonly (readonly [keyof Key, string])[] = [
  ['return', 'enter'],
  ['escape', 'esc'],
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pgup'],
  ['pageDown', 'pgdn'],
  ['home', 'home'],
  ['end', 'end'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

/** How a key is written for a person: `Ctrl-D`, `Enter`, `j`. */
export function keyLabel(name: string): string {
  if (name === 'ctrl-space') return 'Ctrl-Space';
  if (name.startsWith('ctrl-')) return `Ctrl-${name.slice(5).toUpperCase()}`;
  return labels[name] ?? name;
}

const labels: Readonly<Record<string, string>> = {
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  enter: 'Enter',
  esc: 'Esc',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pgup: 'PgUp',
  pgdn: 'PgDn',
  home: 'Home',
  end: 'End',
  space: 'Space',
};

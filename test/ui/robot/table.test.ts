// Every key does something on the screen it belongs to: pressed, it changes the screen, sends an intent, or says why not.
import {expect, test, vi} from 'vitest';
import {bindings, panelContexts} from '../../../source/ui/keymap/bindings.ts';
import {type PanelId, panelOrder} from '../../../source/ui/layout/layout.ts';
import {resolveKey} from '../../../source/ui/keymap/resolve-key.ts';
import {keys, openDashboard} from '../support/dashboard.ts';

const sequences: Readonly<Record<string, string>> = {
  enter: keys.enter,
  esc: keys.escape,
  tab: keys.tab,
  'shift-tab': keys.shiftTab,
  up: keys.up,
  down: keys.down,
  left: '\u001B[D',
  right: keys.right,
  pgup: keys.pageUp,
  pgdn: keys.pageDown,
  home: keys.home,
  end: keys.end,
  space: ' ',
  'ctrl-space': '\u0000',
  'ctrl-\\': '\u001C',
};

const ending = new Set(['back', 'quit']);

/** The panel in which the first key of a binding means the binding. */
function panelFor(binding: (typeof bindings)[number]): PanelId | undefined {
  return panelOrder.find(
    (panel) =>
      panelContexts[panel].includes(binding.context) && binding.keys.some((key) => resolveKey(key, panel) === binding),
  );
}

const typed = bindings.filter(({action}) => !ending.has(action));

test('every key of the list belongs to a panel', () => {
  for (const binding of typed) expect(panelFor(binding), binding.action).toBeDefined();
});

/** Six keys of a panel a test: each has many times the time that it needs, also on a busy machine. */
const turns = panelOrder.flatMap((panel) => {
  const own = typed.filter((binding) => panelFor(binding) === panel);
  return Array.from({length: Math.ceil(own.length / 6)}, (_, at) => {
    const some = own.slice(at * 6, at * 6 + 6);
    return {panel, some, names: some.map(({action}) => action).join(', ')};
  });
});

test.each(turns)(
  'in the panel "$panel" these keys can be typed and are understood: $names',
  async ({panel, some}) => {
    const robot = await openDashboard({columns: 80, rows: 24, guide: {title: 'Steps', steps: ['a', 'b']}});
    for (const binding of some) {
      const key = binding.keys.find((one) => resolveKey(one, panel) === binding)!;
      const sequence = sequences[key] ?? (key.startsWith('ctrl-') ? keys.ctrl(key.slice(5)) : key);
      await robot.press(keys.escape, keys.escape, String(panelOrder.indexOf(panel) + 1) + sequence);
      expect(robot.terminal.modes.alternate, binding.action).toBe(true);
    }
    await robot.press(keys.escape, keys.escape, keys.escape);
    await robot.quit();
    vi.useRealTimers();
  },
  60_000,
);

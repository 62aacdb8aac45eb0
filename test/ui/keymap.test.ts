// One list of keys gives hints, help, documentation and the keys themselves.
import {describe, expect, test} from 'vitest';
import {bindings, type Context, contextTitles, panelContexts} from '../../source/ui/keymap/bindings.ts';
import {disabledReason, type KeyFacts} from '../../source/ui/keymap/disabled-reason.ts';
import {helpKeys, helpRows} from '../../source/ui/keymap/help-rows.ts';
import {keyLabel, keyName} from '../../source/ui/keymap/key-name.ts';
import {keymapMarkdown} from '../../source/ui/keymap/keymap-markdown.ts';
import {reachable, resolveKey} from '../../source/ui/keymap/resolve-key.ts';
import {panelOrder} from '../../source/ui/layout/layout.ts';

const contexts = Object.keys(contextTitles) as Context[];

describe('the keymap', () => {
  test.each(contexts)('binds no key twice in %s', (context) => {
    const keys = bindings.filter((binding) => binding.context === context).flatMap((binding) => binding.keys);
    expect(keys).toEqual([...new Set(keys)]);
  });

  test('has every binding in the help and in the documentation', () => {
    const listed = helpKeys(helpRows('')).map(({binding}) => binding);
    expect(new Set(listed)).toEqual(new Set(bindings));
    const markdown = keymapMarkdown();
    for (const {help, keys} of bindings) {
      const line = markdown.split('\n').find((row) => row.endsWith(`| ${help} |`));
      for (const key of keys) expect(line).toContain(`\`${keyLabel(key)}\``);
    }
  });

  test('can reach every binding from some panel', () => {
    const reached = new Set(panelOrder.flatMap((panel) => reachable(panel)));
    expect(bindings.filter((binding) => !reached.has(binding))).toEqual([]);
  });

  test('needs no key that terminals cannot send', () => {
    for (const key of bindings.flatMap((binding) => binding.keys)) {
      expect(key).not.toMatch(/^f\d|ctrl-shift|ctrl-\d|shift-enter|ctrl-[im]$/);
    }
  });

  test('asks before everything that cannot be taken back', () => {
    const destructive = bindings.filter(({action}) => action === 'delete' || action === 'cancel');
    expect(destructive.length).toBeGreaterThan(2);
    for (const {help, mutates} of destructive) {
      expect(help).toContain('asks first');
      expect(mutates).toBe(true);
    }
  });

  test.each([
    ['ctrl-d', 'images', 'delete'],
    ['ctrl-d', 'log', 'half-page-down'],
    ['/', 'images', 'filter'],
    ['/', 'log', 'search'],
    ['q', 'why', 'back'],
    ['j', 'history', 'down'],
  ] as const)('takes %s in %s for %s', (key, panel, action) => {
    expect(resolveKey(key, panel)?.action).toBe(action);
  });

  test('gives every panel the keys that work everywhere', () => {
    for (const panel of panelOrder) expect(panelContexts[panel].at(-1)).toBe('global');
  });
});

describe('the name of a key', () => {
  const none = Object.fromEntries(
    'upArrow downArrow leftArrow rightArrow pageDown pageUp home end return escape ctrl shift tab backspace delete meta super hyper capsLock numLock'
      .split(' ')
      .map((name) => [name, false]),
  ) as unknown as Parameters<typeof keyName>[1];

  test.each([
    ['j', {}, 'j'],
    ['G', {shift: true}, 'G'],
    ['d', {ctrl: true}, 'ctrl-d'],
    ['', {tab: true}, 'tab'],
    ['', {tab: true, shift: true}, 'shift-tab'],
    ['', {return: true}, 'enter'],
    ['', {pageDown: true}, 'pgdn'],
    [' ', {}, 'space'],
    ['', {}, undefined],
  ])('%j with %j is %s', (input, pressed, name) => {
    expect(keyName(input, {...none, ...pressed})).toBe(name);
  });
});

describe('a key that does nothing now', () => {
  const facts: KeyFacts = {
    image: {name: 'web', running: false},
    stack: {name: 'default', used: true},
    hasBuild: true,
    hasFailure: false,
    hasSearch: false,
    zoomed: false,
    connected: true,
  };

  test.each([
    ['cancel', facts, false, 'no build of web is running'],
    ['delete', facts, true, 'default is in use'],
    ['next-match', facts, false, 'search with / first'],
    ['first-error', facts, false, 'this build did not fail'],
    ['rebuild', {...facts, connected: false}, false, 'the controller cannot be reached right now'],
    ['rebuild', {...facts, image: undefined}, false, 'there is no image to choose'],
    ['logs', {...facts, hasBuild: false}, false, 'there is no build yet'],
    ['rebuild', facts, false, undefined],
    ['patch', facts, true, undefined],
  ] as const)('%s says why', (action, known, inStacks, reason) => {
    expect(disabledReason(action, known, inStacks)).toBe(reason);
  });
});

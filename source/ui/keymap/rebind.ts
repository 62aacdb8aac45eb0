// The keys as a user wants them: the preference `keys` laid over the list. Names are `context.action`, or the action alone
// where one context has it; the value is a key or a list of keys, and an empty list takes the key away.
import {type Binding, bindings, type Keymap, panelContexts} from './bindings.ts';
import {keyLabel} from './key-name.ts';

/** What is wrong, and where in the preference: the name, then the place in its list. */
export type RebindProblem = {readonly path: readonly string[]; readonly message: string};

export type Rebound = {readonly keymap: Keymap; readonly problems: readonly RebindProblem[]};

export type KeyPreferences = Readonly<Record<string, string | readonly string[]>>;

/** The keymap with the user's keys in it. With problems it is what it would be without those lines. */
export function rebind(preferences: KeyPreferences, keymap: Keymap = bindings): Rebound {
  const problems: RebindProblem[] = [];
  let rebound = keymap;
  for (const [name, value] of Object.entries(preferences)) {
    const keys = typeof value === 'string' ? [value] : value;
    const found = bindingsNamed(name, keymap);
    const problem = problemOfName(name, found, keymap) ?? problemOfKeys(keys);
    const [binding] = found;
    if (problem !== undefined || !binding) problems.push({path: [name], message: problem ?? ''});
    else rebound = rebound.map((one) => (isSame(one, binding) ? {...one, keys} : one));
  }
  const conflicts = conflictsOf(rebound, preferences);
  return {keymap: problems.length + conflicts.length > 0 ? keymap : rebound, problems: [...problems, ...conflicts]};
}

/** `images.rebuild`: what a binding is called in the preferences. */
export function bindingName({context, action}: Binding): string {
  return `${context}.${action}`;
}

/** A JSON schema for the preference: which names there are, and what they do. */
export function keysSchema(keymap: Keymap = bindings): object {
  const key = {type: 'string', pattern: keyPattern.source};
  const value = {oneOf: [key, {type: 'array', items: key}]};
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(keymap.map((one) => [bindingName(one), {...value, description: one.help}])),
  };
}

function bindingsNamed(name: string, keymap: Keymap): readonly Binding[] {
  return keymap.filter((binding) => bindingName(binding) === name || binding.action === name);
}

function isSame(a: Binding, b: Binding): boolean {
  return a.context === b.context && a.action === b.action;
}

function problemOfName(name: string, found: readonly Binding[], keymap: Keymap): string | undefined {
  if (found.length === 1) return undefined;
  if (found.length > 1) return `"${name}" is more than one: say ${found.map(bindingName).join(' or ')}`;
  const near = keymap.map(bindingName).filter((one) => one.includes(name.split('.').at(-1) ?? name));
  const hint = near.length > 0 ? `; did you mean ${near.slice(0, 3).join(' or ')}?` : '; ? lists them';
  return `expected the name of an action, got "${name}"${hint}`;
}

function problemOfKeys(keys: readonly string[]): string | undefined {
  const unknown = keys.find((key) => !keyPattern.test(key));
  if (unknown !== undefined) {
    return `expected a key (a character, ctrl-x, or ${namedKeys.slice(0, 4).join(', ')}, …), got "${unknown}"`;
  }
  const unsent = keys.find((key) => key === 'ctrl-i' || key === 'ctrl-m');
  return unsent === undefined
    ? undefined
    : `${keyLabel(unsent)} cannot be told from ${unsent === 'ctrl-i' ? 'Tab' : 'Enter'}`;
}

const namedKeys =
  'enter tab shift-tab space up down left right pgup pgdn home end backspace delete ctrl-space esc'.split(' ');
const keyPattern = new RegExp(`^(?:[!-~]|[^\\u0000-\\u007F]|ctrl-[a-z\\\\\\]^_]|${namedKeys.join('|')})$`, 'u');

/** A key with two meanings in one context; said of the line of the user that brought it. */
function conflictsOf(keymap: Keymap, preferences: KeyPreferences): readonly RebindProblem[] {
  return (Object.keys(preferences) as readonly string[]).flatMap((name) => {
    const binding = bindingsNamed(name, keymap)[0];
    if (!binding) return [];
    return binding.keys.flatMap((key) => {
      const other = keymap.find((one) => !isSame(one, binding) && sharesPanel(one, binding) && one.keys.includes(key));
      return other
        ? [{path: [name], message: `${keyLabel(key)} is taken by ${bindingName(other)} (${other.help})`}]
        : [];
    });
  });
}

/** Two meanings clash where a panel knows both contexts. */
function sharesPanel(a: Binding, b: Binding): boolean {
  return Object.values(panelContexts).some((contexts) => contexts.includes(a.context) && contexts.includes(b.context));
}

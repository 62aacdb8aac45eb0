// The commands of the palette: every action of the keymap, every intent with its targets, themes and jumps; those that fit
// what was typed, best first.
import type {ActionId, Keymap} from '../keymap/bindings.ts';
import {contextTitles} from '../keymap/bindings.ts';
import {keyLabel} from '../keymap/key-name.ts';
import {type ThemeName, themeNames} from '../theme/theme.ts';
import type {ImageRow} from './image-rows.ts';
import type {Scene} from './scene.ts';
import {proposes} from './stack-rows.ts';

/** What running a command does. */
export type PaletteRun =
  | {readonly kind: 'action'; readonly action: ActionId; readonly key: string}
  /** The action on an image other than the one under the cursor: the cursor goes there first. */
  | {readonly kind: 'image'; readonly action: ActionId; readonly image: string}
  | {readonly kind: 'stack'; readonly action: ActionId; readonly stack: string}
  | {readonly kind: 'theme'; readonly name: ThemeName}
  | {readonly kind: 'builds-at-once'; readonly count: number}
  | {readonly kind: 'fleet'; readonly patch: string}
  | {readonly kind: 'patch'; readonly intent: 'pause' | 'resume' | 'cancel' | 'rollback'; readonly patch: string}
  | {readonly kind: 'log-line'; readonly line: number}
  /** Milliseconds back from now. */
  | {readonly kind: 'log-since'; readonly age: number};

export type PaletteRow = {
  /** What is typed for it, and what Tab completes to. */
  readonly words: string;
  readonly note: string;
  readonly run: PaletteRun;
};

/** The commands that fit `typed`; all of them when nothing was typed. */
export function paletteRows(typed: string, scene: Scene, keymap: Keymap): readonly PaletteRow[] {
  const wanted = typed.trim().toLowerCase();
  const rows = [...argumentRows(wanted), ...allRows(scene, keymap, wanted)];
  return rows
    .map((row) => ({row, score: score(row, wanted)}))
    .filter(({score: fits}) => fits > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({row}) => row);
}

/** The longest beginning that all fitting commands share with what was typed, at least what was typed. */
export function completed(typed: string, rows: readonly PaletteRow[]): string {
  const begin = rows.map(({words}) => words).filter((words) => words.startsWith(typed));
  const [first, ...others] = begin;
  if (first === undefined) return rows[0]?.words ?? typed;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  const shared = first.slice(0, length);
  return shared.length > typed.length ? shared : first;
}

function allRows(scene: Scene, keymap: Keymap, wanted: string): readonly PaletteRow[] {
  return [
    ...actionRows(keymap),
    ...patchRows(scene),
    // Long lists come when their first word does.
    ...(wanted === '' ? [] : scene.images.flatMap(imageCommands)),
    ...(wanted === '' ? [] : stackCommands(scene)),
    ...themeNames.map((name) => ({
      words: `theme ${name}`,
      note: 'other colours, until you quit',
      run: {kind: 'theme', name} as const,
    })),
  ];
}

function actionRows(keymap: Keymap): readonly PaletteRow[] {
  const seen = new Set<string>();
  return keymap.flatMap(({action, context, keys, help}) => {
    const twice = keymap.some((other) => other.action === action && other.context !== context);
    const words = twice ? `${action} (${contextTitles[context].toLowerCase()})` : action;
    const [key] = keys;
    if (key === undefined || seen.has(words) || hidden.includes(action)) return [];
    seen.add(words);
    return [{words, note: `${help} (${keyLabel(key)})`, run: {kind: 'action', action, key} as const}];
  });
}

/** Commands that make no sense with a palette open before them. */
const hidden: readonly ActionId[] = ['palette', 'escape', 'up', 'down', 'page-up', 'page-down', 'sort'];

function imageCommands({key, label}: ImageRow): readonly PaletteRow[] {
  return (Object.entries(imageVerbs) as readonly (readonly [ActionId, string])[]).map(([action, note]) => ({
    words: `${action === 'open' ? 'go' : action} ${label}`,
    note,
    run: {kind: 'image', action, image: key},
  }));
}

const imageVerbs = {
  open: 'to the log of the image',
  rebuild: 'build the image now',
  patch: 'another builder for the image',
  cancel: 'cancel the running build; asks first',
  pause: 'pause the image, or let it go on',
  describe: 'everything about the image',
  yaml: 'the image as YAML',
  edit: 'edit the image in $EDITOR',
  history: "the image's builds",
  refresh: "look at the image's source now",
  delete: 'delete the image; asks first',
} as const satisfies Partial<Record<ActionId, string>>;

function stackCommands({stacks, state}: Scene): readonly PaletteRow[] {
  return stacks.flatMap((row) => {
    if (row.kind === 'heading') return [];
    const of = (action: ActionId, note: string): PaletteRow => ({
      words: `${action} ${row.kind} ${row.name}`,
      note,
      run: {kind: 'stack', action, stack: row.key},
    });
    const change = row.kind === 'stack' ? 'another run image; shows first what will happen' : 'another stack';
    const answers = proposes(row, state)
      ? [of('accept', 'what the stack proposes; shows first what will happen'), of('reject', 'what the stack proposes')]
      : [];
    return [
      ...answers,
      of('patch', change),
      of('describe', `everything about the ${row.kind}`),
      of('delete', 'asks first'),
    ];
  });
}

function patchRows({state}: Scene): readonly PaletteRow[] {
  return Object.values(state.patches)
    .toReversed()
    .flatMap((patch) => {
      const open = patch.state === 'running' || patch.state === 'paused';
      const of = (intent: 'pause' | 'resume' | 'cancel' | 'rollback', note: string): PaletteRow => ({
        words: `patch-${intent} ${patch.id}`,
        note,
        run: {kind: 'patch', intent, patch: patch.id},
      });
      return [
        {words: `fleet ${patch.id}`, note: `patch of ${patch.target.name}`, run: {kind: 'fleet', patch: patch.id}},
        ...(patch.state === 'running' ? [of('pause', 'members that have not begun wait')] : []),
        ...(patch.state === 'paused' ? [of('resume', 'let the patch go on')] : []),
        ...(open ? [of('cancel', 'leave out what has not begun; asks first')] : []),
        of('rollback', 'point the images back; asks first'),
      ];
    });
}

/** Commands with a number of their own: `line 1200`, `since 5m`, `builds-at-once 4`. */
function argumentRows(wanted: string): readonly PaletteRow[] {
  if (/^\d+$/.test(wanted)) return argumentRows(`line ${wanted}`).map((row) => ({...row, words: wanted}));
  const [, word = '', number = '', unit = ''] = /^(line|since|builds-at-once)\s+(\d+)([smhd]?)$/.exec(wanted) ?? [];
  const value = Number(number);
  switch (word) {
    case 'line':
      return [{words: wanted, note: 'jump to the line of the log', run: {kind: 'log-line', line: value}}];
    case 'since': {
      const age = value * (unitMilliseconds[unit] ?? 60_000);
      return [{words: wanted, note: 'jump to what the log says since then', run: {kind: 'log-since', age}}];
    }
    case 'builds-at-once':
      return [{words: wanted, note: 'how many builds run at once', run: {kind: 'builds-at-once', count: value}}];
    default:
      return [];
  }
}

const unitMilliseconds: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/** 0 when it does not fit; words that begin with what was typed first, then words that hold it, then what fits loosely. */
function score({words, note}: PaletteRow, wanted: string): number {
  if (wanted === '') return 1;
  const text = words.toLowerCase();
  if (text === wanted) return 5;
  if (text.startsWith(wanted)) return 4;
  if (text.includes(wanted)) return 3;
  if (note.toLowerCase().includes(wanted)) return 2;
  return isLoosely(text, wanted) ? 1 : 0;
}

/** Every character in order: `rebpet` fits `rebuild spring-petclinic`. */
function isLoosely(text: string, wanted: string): boolean {
  let at = 0;
  for (const character of wanted.replaceAll(' ', '')) {
    at = text.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

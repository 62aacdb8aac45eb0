// The dashboard for a screen reader: lines one after the other, nothing is drawn over, nothing moves. What changes is said in
// one sentence; what the user wants is typed as a command, the same commands that the palette has.
import type {Key} from 'ink';
import {type ActionWorld} from './actions/action-world.ts';
import {logWorld} from './actions/log-world.ts';
import {overlayKey} from './actions/overlay-key.ts';
import {runCommand} from './actions/run-command.ts';
import type {Client} from './client-types.ts';
import {overlayText} from './faces/overlay-text.ts';
import {faceLines} from './faces/face-lines.ts';
import {type SpokenLog, spokenLog} from './faces/spoken-log.ts';
import {bindings, type Keymap} from './keymap/bindings.ts';
import {layoutScreen} from './layout/layout.ts';
import type {DashboardPorts} from './ports.ts';
import {failureLines} from './view-models/failure-lines.ts';
import {outcomeText} from './view-models/phase-bar.ts';
import {makeTheme} from './theme/make-theme.ts';
import type {UiState} from './ui-state/ui-state.ts';
import {createUiStore, type UiStore} from './ui-state/ui-store.ts';
import {paletteRows} from './view-models/palette-rows.ts';
import {keyFacts, makeScene, type Scene} from './view-models/scene.ts';
import {type SessionSummary, sessionSummary} from './view-models/session-summary.ts';
import {countText} from './view-models/names.ts';
import {stateWords} from './view-models/counts.ts';
import type {Guide} from './view-models/guide-lines.ts';
import {whyLines} from './view-models/why-lines.ts';

export type AccessibleOptions = {
  readonly client: Client;
  /** What the user types, a line an entry; it ends when they are gone. */
  readonly lines: AsyncIterable<string>;
  readonly write: (text: string) => void;
  readonly now: () => number;
  readonly title: string;
  /** What to try, for somebody who is shown around. */
  readonly guide?: Guide;
  readonly keymap?: Keymap;
  readonly ports?: DashboardPorts;
  readonly readOnly?: boolean;
};

/** Resolves when the user quits or their lines end. */
export async function runAccessible(options: AccessibleOptions): Promise<SessionSummary> {
  const {client, lines, write, now, title} = options;
  const since = now();
  const say = (text: string) => write(`${text}\n`);
  const session = openSession(options, say);
  say(`slipway ${title}. ${session.overview()} Type help for the commands, quit to leave.`);
  const stop = client.onEvent((recorded) => faceLines('accessible', recorded).forEach(say));
  try {
    for await (const line of lines) {
      const text = line.trim();
      if (text === 'quit' || text === 'q') break;
      await session.take(text);
    }
  } finally {
    stop();
    session.close();
  }
  return sessionSummary(client.state.read(), since);
}

type Session = {
  readonly overview: () => string;
  readonly take: (text: string) => Promise<void>;
  readonly close: () => void;
};

function openSession(options: AccessibleOptions, say: (text: string) => void): Session {
  const {client, now, keymap = bindings, ports = {}, readOnly = false, guide} = options;
  const store = createUiStore({mouse: false, ...(guide ? {guide} : {})});
  const scene = () => makeScene(client.state.read(), store.read(), now());
  const world = () => worldOf(scene(), store.read());
  const log = spokenLog(client, say);
  let said = store.read();
  let typing = false;
  const announce = () => {
    // A word that is typed changes something once, not with each of its letters.
    if (typing) return;
    const ui = store.read();
    for (const text of changesOf(said, ui, scene())) say(text);
    said = ui;
  };
  const unsubscribe = store.subscribe(announce);
  const worldOf = (seen: Scene, ui: UiState): ActionWorld => ({
    client,
    ui,
    scene: seen,
    facts: keyFacts(seen, ui, client.connection.read().kind === 'connected', readOnly),
    tell: store.tell,
    quit: () => say('type quit to leave'),
    redraw: () => undefined,
    keymap,
    ports,
    // No escape sequence is written here: what would go through the terminal goes to a file.
    write: () => undefined,
    lend: (work) => work(),
    now: now(),
    page: 20,
    log: logWorld(undefined, {view: ui.log, scene: seen, layout, theme: plainTheme, client, autoFold: false}),
    whyCount: 0,
    guideCount: 0,
  });
  const answer = (text: string) => {
    const {overlay} = store.read();
    if (text === '' || text === 'no' || text === 'n' || text === 'back') return press('', 'escape');
    if (overlay.kind === 'choose') {
      const at = Number(text) - 1;
      if (overlay.options[at]) store.tell({kind: 'overlay', overlay: {...overlay, at}});
      else return say(`expected a number from 1 to ${overlay.options.length}, got ${text}`);
    }
    if (overlay.kind === 'search') {
      press('', 'escape');
      return log.find(scene().build, text);
    }
    if ('button' in overlay) store.tell({kind: 'overlay', overlay: {...overlay, button: 'go'}});
    typing = true;
    if ('field' in overlay && text !== 'yes') for (const one of text) press(one);
    typing = false;
    press('', 'return');
    announce();
  };
  const press = (input: string, name?: 'return' | 'escape') => {
    const {overlay} = store.read();
    overlayKey(overlay, input, {...noKey, ...(name ? {[name]: true} : {})}, world(), world);
  };
  return {
    overview: () => overviewOf(scene()),
    close: unsubscribe,
    async take(text) {
      const seen = scene();
      if (store.read().overlay.kind !== 'none') return answer(text);
      if (text === '') return say(overviewOf(seen));
      if (text === 'help') return sayCommands(seen, keymap, guide, say);
      if (text === 'list')
        return seen.images.forEach((row) => say(`${row.label}: ${stateWords[row.state]} ${row.tail}`));
      if (text === 'why') return sayWhy(seen, say);
      if (text === 'guide' && guide) return guide.steps.forEach((step, at) => say(`${at + 1}. ${step}`));
      const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
      if (text === 'stacks') return sayStacks(seen, say);
      if (text === 'history') return sayHistory(seen, say);
      if (word === 'build' && /^\d+$/.test(rest)) return chooseBuild(Number(rest), seen, {tell: store.tell, say});
      if (text === 'failure') return sayFailure(seen, log, say);
      if (text === 'logs') return log.end(seen.build);
      if (word === 'line' && /^\d+$/.test(rest)) return log.from(seen.build, Number(rest));
      if (word === 'find' && rest !== '') return log.find(seen.build, rest);
      if (text === 'next' || text === 'next-match') return log.step(1);
      if (text === 'previous' || text === 'previous-match') return log.step(-1);
      const run = runOf(text, seen, keymap);
      if (run) runCommand(run, world(), world);
      else say(`there is no command "${text}"; help lists what there is`);
    },
  };
}

/** `select NAME` moves the cursor; anything else is a command of the palette, said whole or unmistakably begun. */
function runOf(text: string, scene: Scene, keymap: Keymap) {
  const rows = paletteRows(text, scene, keymap).filter(({words}) => words.startsWith(text));
  const exact = rows.find(({words}) => words === text);
  return (exact ?? (rows.length === 1 ? rows[0] : undefined))?.run;
}

function sayCommands(scene: Scene, keymap: Keymap, guide: Guide | undefined, say: (text: string) => void): void {
  for (const {words, note} of paletteRows('', scene, keymap)) say(`${words}: ${note}`);
  say('list, stacks, history, why, failure and logs read; build NUMBER chooses a build');
  say('find TEXT searches its log, next and previous go on, line NUMBER reads from there');
  if (guide) say(`guide says what to try: ${guide.title}`);
  say('go NAME, rebuild NAME, patch NAME … do it for that image; quit leaves');
}

function sayWhy({build, status}: Scene, say: (text: string) => void): void {
  for (const line of whyLines(build, status, {arrow: 'to'})) say(line.map(({text}) => text).join(''));
}

/** Its builds, the newest first, as the history panel has them. */
function sayHistory({history, image}: Scene, say: (text: string) => void): void {
  if (history.length === 0) return say('there is no build yet');
  for (const {number, status, reason, started, took, image: digest} of history) {
    const gave = digest === '' ? '' : `, image ${digest}`;
    say(`${image?.image.name ?? ''} build ${number}: ${status}, ${reason}, started ${started}, took ${took}${gave}`);
  }
  say('build NUMBER chooses one of them');
}

function chooseBuild(
  number: number,
  {history}: Scene,
  {tell, say}: {tell: UiStore['tell']; say: (text: string) => void},
) {
  if (history.some((row) => row.number === number)) return tell({kind: 'build.choose', number});
  say(`expected the number of a build that history lists, got ${number}`);
}

/** What stands on the card of a failed build: what happened, what it means, what to do, and the end of its log. */
async function sayFailure({build}: Scene, log: SpokenLog, say: (text: string) => void): Promise<void> {
  if (!build?.failure) return say('the chosen build did not fail');
  say(`${build.image} build ${build.number} ${outcomeText(build)}`);
  for (const line of failureLines(build.failure)) say(line.map(({text}) => text).join(''));
  await log.end(build);
}

function sayStacks({stacks}: Scene, say: (text: string) => void): void {
  for (const row of stacks)
    say(row.kind === 'heading' ? row.text : `${row.kind} ${row.name}: ${row.what}, ${row.uses}`);
}

/** What a sighted user would see change: the focus, the chosen image, a dialog, the message line. */
function changesOf(before: UiState, after: UiState, scene: Scene): readonly string[] {
  const row = scene.images[scene.imageAt];
  const {stack} = scene;
  const chosen = scene.history[scene.historyAt];
  return [
    ...(after.focus === before.focus ? [] : [`${after.focus} panel`]),
    ...(after.images.key === before.images.key || !row ? [] : [`${row.label}, ${stateWords[row.state]}, ${row.tail}`]),
    ...(after.stacks.key === before.stacks.key || !stack ? [] : [`${stack.kind} ${stack.name}, ${stack.what}`]),
    ...(after.build === before.build || after.build === undefined || !chosen
      ? []
      : [`build ${chosen.number}, ${chosen.status}, ${chosen.reason}`]),
    ...(after.filter === before.filter ? [] : [`${countText(scene.images.length, 'image')} listed`]),
    ...(after.marks.join(' ') === before.marks.join(' ') ? [] : [`${after.marks.length} marked`]),
    ...(after.overlay === before.overlay ? [] : overlayText(before.overlay, after.overlay, scene)),
    ...(after.toast === before.toast || !after.toast ? [] : [after.toast.text]),
  ];
}

function overviewOf({images}: Scene): string {
  const counts = new Map<string, number>();
  for (const {state} of images) counts.set(stateWords[state], (counts.get(stateWords[state]) ?? 0) + 1);
  const words = [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
  return images.length === 0 ? 'No images yet.' : `${images.length} images: ${words}.`;
}

const plainTheme = makeTheme({name: 'none', colorDepth: 1});
const layout = layoutScreen({
  columns: 80,
  rows: 24,
  focus: 'images',
  recent: [],
  zoomed: false,
  wanted: {images: 4, stacks: 4, history: 4},
  wantedBuild: () => 6,
});

const noKey = Object.fromEntries(
  'upArrow downArrow leftArrow rightArrow pageDown pageUp home end return escape ctrl shift tab backspace delete meta super hyper capsLock numLock'
    .split(' ')
    .map((name) => [name, false]),
) as unknown as Key;

// The dashboard: reads the client's state, turns keys into actions, and hands both to the screen.
import {type Key, useApp, useInput, usePaste, useWindowSize} from 'ink';
import {useEffect, useEffectEvent, useMemo} from 'react';
import type {Client} from './client-types.ts';
import {overlayKey, overlayPaste} from './actions/overlay-key.ts';
import type {ActionWorld} from './actions/action-world.ts';
import {logWorld} from './actions/log-world.ts';
import {onMouse} from './actions/mouse.ts';
import {performAction} from './actions/perform-action.ts';
import {copy} from './actions/resource-action.ts';
import {type NoticeWay, useNotices} from './hooks/use-notices.ts';
import {useTail} from './hooks/use-tail.ts';
import {useLogReader} from './hooks/use-log.ts';
import {usePacedStore} from './hooks/use-paced-store.ts';
import {useTicker} from './hooks/use-ticker.ts';
import {useUi} from './hooks/use-ui.ts';
import {keyName} from './keymap/key-name.ts';
import {resolveKey} from './keymap/resolve-key.ts';
import type {Keymap} from './keymap/bindings.ts';
import {layoutScreen, type LayoutWish, panelRows, panelSpot} from './layout/layout.ts';
import {buildPanelRows} from './panels/build-panel.tsx';
import {MainScreen} from './screens/main-screen.tsx';
import {SmallScreen} from './screens/small-screen.tsx';
import type {DashboardPorts} from './ports.ts';
import type {MouseReport} from './terminal/keyed-input.ts';
import type {Theme, ThemeName} from './theme/theme.ts';
import type {UiStore} from './ui-state/ui-store.ts';
import type {UiState} from './ui-state/ui-state.ts';
import {imageCounts} from './view-models/counts.ts';
import {clockText} from './view-models/durations.ts';
import {keyFacts, makeScene, type Scene} from './view-models/scene.ts';
import {guideLines} from './view-models/guide-lines.ts';
import {whyLines} from './view-models/why-lines.ts';

export type AppProps = {
  readonly client: Client;
  readonly now: () => number;
  /** The theme of a name; without one that of the preferences. */
  readonly themeOf: (name?: ThemeName) => Theme;
  readonly title: string;
  readonly still: boolean;
  readonly store: UiStore;
  readonly keymap: Keymap;
  readonly ports: DashboardPorts;
  /** Mouse reports come here. */
  readonly relay: InputRelay;
  readonly write: (sequence: string) => void;
  /** Gives back and takes again what Ink knows nothing of: mouse and focus reports. */
  readonly modes: {readonly leave: () => void; readonly enter: () => void};
  readonly readOnly: boolean;
  /** Whether finished phases of a log fold by themselves. */
  readonly autoFold: boolean;
  readonly notices: NoticeWay;
};

/** What stands in front of Ink hands mouse reports on through this, and says whether the terminal has the focus. */
export type InputRelay = {
  /** Hears every report until the function it gives is called. */
  readonly listen: (hear: (report: MouseReport) => void) => () => void;
  readonly focused: () => boolean;
};

/** Milliseconds between two drawings of the controller's state. */
const statePace = 66;

export function App(props: AppProps) {
  const {client, now: clock, themeOf, title, still, store, keymap, ports, relay, write, readOnly} = props;
  const {autoFold} = props;
  const {exit, suspendTerminal} = useApp();
  const size = useWindowSize();
  const state = usePacedStore(client.state, statePace);
  const connection = usePacedStore(client.connection, statePace);
  const connected = connection.kind === 'connected';
  const {ui, read, tell} = useUi(store);
  const theme = useMemo(() => themeOf(ui.theme), [themeOf, ui.theme]);
  const now = clock();
  const view = viewOf(state, ui, size, theme, now);
  const {scene, layout, why, guide} = view;
  const counts = useMemo(() => imageCounts(state), [state]);
  const reader = useLogReader(client, scene.build, connected);
  const tail = useTail(client, scene.build, ui.zoomed && ui.focus === 'build');
  useTicker(scene.anythingRuns);
  useNotices({
    client,
    way: props.notices,
    focused: relay.focused,
    write,
    now: clock,
    multiplexer: ports.multiplexer,
  });

  /** Everything an action needs, as it is at the moment of the key and not of the last drawing. */
  const world = (): ActionWorld => {
    const current = read();
    const seen = viewOf(client.state.read(), current, size, theme, clock());
    return {
      client,
      ui: current,
      scene: seen.scene,
      facts: keyFacts(seen.scene, current, connected, readOnly),
      tell,
      keymap,
      ports,
      write,
      now: clock(),
      lend,
      quit: () => exit(),
      // Lent to nothing and had back: Ink then draws all of it, and not what it thinks has changed.
      redraw: () => void lend(async () => undefined),
      page: panelRows(seen.layout, current.focus),
      log: logWorld(reader, {view: current.log, scene: seen.scene, layout: seen.layout, theme, client, autoFold}),
      whyCount: seen.why.length,
      guideCount: seen.guide.length,
    };
  };
  const fail = (error: unknown) => exit(error instanceof Error ? error : new Error(String(error)));
  /** What goes wrong in the work is for who asked for it; a terminal that cannot be lent or had back ends the dashboard. */
  const lend = async (work: () => Promise<void>) => {
    const thrown: unknown[] = [];
    await suspendTerminal(async () => {
      props.modes.leave();
      await work().catch((error: unknown) => thrown.push(error));
      props.modes.enter();
    }).catch(fail);
    if (thrown.length > 0) throw thrown[0];
  };
  const press = (input: string, key: Key) => {
    const {toast, overlay, focus, selection} = read();
    if (toast) tell({kind: 'toast'});
    if (selection) tell({kind: 'selection'});
    if (overlay.kind !== 'none') {
      overlayKey(overlay, input, key, world(), world);
      return;
    }
    const name = keyName(input, key);
    const binding = name === undefined ? undefined : resolveKey(name, focus, keymap);
    if (binding && name !== undefined) performAction(binding.action, name, world());
  };
  /** What breaks while a key is handled ends the dashboard as what breaks while drawing does: the terminal is given back. */
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };
  const onReport = useEffectEvent((report: MouseReport) => {
    if (read().mouse)
      guarded(() => onMouse(report, viewOf(client.state.read(), read(), size, theme, clock()).layout, world(), world));
  });
  useEffect(() => relay.listen(onReport), [relay]);
  useInput((input, key) =>
    guarded(() => {
      // Keys that came in one read are keys all the same; a paste comes on its own channel.
      if (key.ctrl || key.meta || input.length <= 1) press(input, key);
      else for (const one of input) press(one, key);
    }),
  );
  usePaste((text) => guarded(() => overlayPaste(read().overlay, text, world())));

  const {columns, rows} = size;
  if (layout.kind === 'card') return <SmallScreen counts={counts} columns={columns} rows={rows} theme={theme} />;
  return (
    <MainScreen
      layout={layout}
      ui={ui}
      scene={scene}
      facts={keyFacts(scene, ui, connected, readOnly)}
      counts={counts}
      reader={reader}
      autoFold={autoFold}
      tell={tell}
      why={why}
      guide={guide}
      connection={connection}
      title={title}
      clock={scene.anythingRuns ? clockText(now) : ''}
      now={now}
      theme={theme}
      still={still}
      keymap={keymap}
      tail={tail}
      onSelected={(text) => void copy({text, what: 'the selection'}, world())}
    />
  );
}

type Size = {readonly columns: number; readonly rows: number};

function viewOf(state: Scene['state'], ui: UiState, size: Size, theme: Theme, now: number) {
  const scene = makeScene(state, ui, now);
  const compared = scene.image?.builds.find(({number}) => number === ui.compared);
  const {focus, recent, zoomed} = ui;
  const linesOfGuide = (width: number) => (ui.guide ? guideLines(ui.guide, width - 4) : []);
  const wantedGuide = ui.guide && ((width: number) => linesOfGuide(width).length);
  const wantedBuild = (width: number) => buildPanelRows(scene.build, scene.image?.builds ?? [], scene.status, width);
  const wanted = wantedRows(scene);
  const layout = layoutScreen({
    ...size,
    focus,
    recent,
    zoomed,
    wanted,
    wantedBuild,
    ...(wantedGuide ? {wantedGuide} : {}),
  });
  const width = (panelSpot(layout, 'why')?.width ?? size.columns) - 4;
  const why = whyLines(scene.build, scene.status, {arrow: theme.glyphs.arrow, width, compared});
  return {scene, why, layout, guide: linesOfGuide(panelSpot(layout, 'guide')?.width ?? 0)};
}

function wantedRows(scene: Scene): LayoutWish['wanted'] {
  return {
    // An empty workspace has room to say what to do.
    images: Math.max(scene.images.length, Object.keys(scene.state.images).length === 0 ? 9 : 4),
    stacks: Math.max(scene.stacks.length, 4),
    history: scene.history.length + 1,
  };
}

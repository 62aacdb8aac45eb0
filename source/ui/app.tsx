// The dashboard: reads the client's state, turns keys into actions, and hands both to the screen.
import {useApp, useInput, usePaste, useWindowSize} from 'ink';
import {useEffect, useMemo, useReducer} from 'react';
import type {Client} from './client-types.ts';
import {overlayKey, overlayPaste} from './actions/overlay-key.ts';
import {type ActionWorld, performAction} from './actions/perform-action.ts';
import {useLog, useLogMatches} from './hooks/use-log.ts';
import {usePacedStore} from './hooks/use-paced-store.ts';
import {useTicker} from './hooks/use-ticker.ts';
import {keyName} from './keymap/key-name.ts';
import {resolveKey} from './keymap/resolve-key.ts';
import {type Layout, layoutScreen, type PanelId} from './layout/layout.ts';
import {findFailureLine} from './log/find-failure-line.ts';
import {buildPanelRows} from './panels/build-panel.tsx';
import {MainScreen} from './screens/main-screen.tsx';
import {SmallScreen} from './screens/small-screen.tsx';
import type {Theme} from './theme/theme.ts';
import {reduceUi} from './ui-state/reduce-ui.ts';
import {firstUiState} from './ui-state/ui-state.ts';
import {imageCounts} from './view-models/counts.ts';
import {clockText} from './view-models/durations.ts';
import {keyFacts, makeScene, type Scene} from './view-models/scene.ts';
import {whyLines} from './view-models/why-lines.ts';

export type AppProps = {
  readonly client: Client;
  readonly now: () => number;
  readonly theme: Theme;
  readonly title: string;
  readonly still: boolean;
  readonly redraw: () => void;
};

/** Milliseconds between two drawings of the controller's state. */
const statePace = 66;

export function App({client, now: clock, theme, title, still, redraw}: AppProps) {
  const {exit} = useApp();
  const {columns, rows} = useWindowSize();
  const state = usePacedStore(client.state, statePace);
  const connection = usePacedStore(client.connection, statePace);
  const connected = connection.kind === 'connected';
  const [ui, tell] = useReducer(reduceUi, firstUiState);
  const now = clock();
  const scene = makeScene(state, ui, now);
  const counts = useMemo(() => imageCounts(state), [state]);
  const facts = keyFacts(scene, ui, connected);
  const log = useLog(client, scene.build, connected);
  const matches = useLogMatches(client, scene.build, ui.log.query, log.snapshot.total);
  const why = whyLines(scene.build, scene.status, theme.glyphs.arrow);
  const layout = layoutScreen({
    columns,
    rows,
    focus: ui.focus,
    recent: ui.recent,
    zoomed: ui.zoomed,
    wanted: wantedRows(scene, why.length),
  });
  const page = focusedRows(layout, ui.focus);
  const logHeight = focusedRows(layout, 'log');
  const from = ui.log.follow ? Math.max(0, log.snapshot.total - logHeight) : ui.log.top;
  useTicker(scene.anythingRuns);
  useEffect(() => log.buffer?.want(from, from + logHeight), [log.buffer, log.snapshot, from, logHeight]);
  useEffect(() => {
    const first = matches.lines.find((line) => line >= from) ?? matches.lines[0];
    if (ui.log.query === '' || ui.log.hit !== undefined || first === undefined) return;
    tell({kind: 'log', view: {hit: first, follow: false, top: Math.max(0, first - Math.floor(logHeight / 2))}});
  }, [matches, ui.log.query, ui.log.hit, from, logHeight]);

  const world: ActionWorld = {
    client,
    ui,
    scene,
    facts,
    tell,
    quit: () => exit(),
    redraw,
    page,
    log: {
      total: log.snapshot.total,
      sections: log.snapshot.sections,
      matches: matches.lines,
      from,
      failureLine: () => findFailureLine(client, scene.build),
    },
    whyCount: why.length,
  };

  useInput((input, key) => {
    if (ui.toast) tell({kind: 'toast'});
    if (ui.overlay.kind !== 'none') {
      overlayKey(ui.overlay, input, key, world);
      return;
    }
    const name = keyName(input, key);
    const binding = name === undefined ? undefined : resolveKey(name, ui.focus);
    if (binding && name !== undefined) performAction(binding.action, name, world);
  });
  usePaste((text) => overlayPaste(ui.overlay, text, world));

  if (layout.kind === 'card') return <SmallScreen counts={counts} columns={columns} rows={rows} theme={theme} />;
  return (
    <MainScreen
      layout={layout}
      ui={ui}
      scene={scene}
      facts={facts}
      counts={counts}
      log={log}
      matches={matches}
      why={why}
      connection={connection}
      title={title}
      clock={scene.anythingRuns ? clockText(now) : ''}
      now={now}
      theme={theme}
      still={still}
    />
  );
}

function wantedRows(scene: Scene, why: number): Readonly<Record<PanelId, number>> {
  return {
    images: Math.max(scene.images.length, 4),
    stacks: Math.max(scene.stacks.length, 4),
    build: buildPanelRows(scene.build, scene.status),
    log: 100,
    history: scene.history.length + 1,
    why,
  };
}

/** Content rows of a panel where it stands now; 0 when it is not on the screen. */
function focusedRows(layout: Layout, panel: PanelId): number {
  if (layout.kind === 'card') return 0;
  const spot = layout.body.flatMap(({frames}) => frames).find((frame) => frame.panel === panel);
  return spot ? Math.max(0, spot.height - 2) : 0;
}

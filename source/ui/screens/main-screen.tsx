// Places the panels on the screen: header, frames, footer, and the dialog over them.
import {Box} from 'ink';
import type {Build} from '../../domain/build.ts';
import type {Connection} from '../client-types.ts';
import type {LogReader} from '../log/log-reader.ts';
import type {Keymap} from '../keymap/bindings.ts';
import type {KeyFacts} from '../keymap/disabled-reason.ts';
import type {FrameSpot, Layout} from '../layout/layout.ts';
import {BuildPanel} from '../panels/build-panel.tsx';
import {Footer} from '../panels/footer.tsx';
import {Header} from '../panels/header.tsx';
import {HistoryPanel} from '../panels/history-panel.tsx';
import {ImagesPanel} from '../panels/images-panel.tsx';
import {LogPane} from '../panels/log-pane.tsx';
import {OverlayPanel} from '../panels/overlay-panel.tsx';
import {panelNames} from '../panels/panel-frame.tsx';
import {StacksPanel} from '../panels/stacks-panel.tsx';
import {TextPanel} from '../panels/text-panel.tsx';
import {fieldText} from '../primitives/text-field.ts';
import type {Theme} from '../theme/theme.ts';
import type {UiMessage} from '../ui-state/reduce-ui.ts';
import type {Overlay, UiState} from '../ui-state/ui-state.ts';
import type {StateCount} from '../view-models/counts.ts';
import type {Scene} from '../view-models/scene.ts';
import type {Line} from '../view-models/spans.ts';

export type MainScreenProps = {
  readonly layout: Extract<Layout, {kind: 'frames'}>;
  readonly ui: UiState;
  readonly scene: Scene;
  readonly facts: KeyFacts;
  readonly counts: readonly StateCount[];
  readonly reader: LogReader | undefined;
  /** Whether finished phases of a log fold by themselves. */
  readonly autoFold: boolean;
  readonly tell: (message: UiMessage) => void;
  readonly why: readonly Line[];
  readonly guide: readonly Line[];
  readonly connection: Connection;
  readonly title: string;
  readonly clock: string;
  readonly now: number;
  readonly theme: Theme;
  readonly still: boolean;
  readonly keymap: Keymap;
  /** The last lines of a failed build's log. */
  readonly tail: readonly string[];
  /** The text that the mouse selected. */
  readonly onSelected: (text: string) => void;
};

export function MainScreen(props: MainScreenProps) {
  const {layout, ui, scene, facts, theme, counts} = props;
  const {columns, rows} = layout;
  const behind = isDialog(ui) ? theme.behind : theme;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Header
        title={props.title}
        trail={ui.zoomed ? trailOf(ui.focus, scene) : []}
        counts={counts}
        connection={props.connection}
        clock={props.clock}
        columns={columns}
        theme={behind}
      />
      <Box flexDirection="row" height={rows - 2}>
        {layout.body.map((column, at) => (
          <Box key={at} flexDirection="column" width={column.width} flexShrink={0}>
            {column.frames.map((spot) => (
              <Panel key={spot.tabs.join(' ')} {...props} theme={behind} spot={spot} colours={behind === theme} />
            ))}
          </Box>
        ))}
      </Box>
      <Footer
        panel={ui.focus}
        keymap={props.keymap}
        facts={facts}
        toast={ui.toast}
        prompt={promptText(ui, columns, theme)}
        columns={columns}
        theme={behind}
      />
      <OverlayPanel
        overlay={ui.overlay}
        scene={scene}
        keymap={props.keymap}
        now={props.now}
        columns={columns}
        rows={rows}
        theme={theme}
      />
    </Box>
  );
}

type PlacedPanelProps = MainScreenProps & {readonly spot: FrameSpot; readonly colours: boolean};

function Panel({spot, ui, scene, theme, ...rest}: PlacedPanelProps) {
  const {selection} = ui;
  const selected = selection?.panel === spot.panel ? {selection, onText: rest.onSelected} : undefined;
  const place = {spot, theme, selected, focused: spot.panel === ui.focus && !isDialog(ui)};
  switch (spot.panel) {
    case 'images':
      return (
        <ImagesPanel
          {...place}
          rows={scene.images}
          at={scene.imageAt}
          all={Object.keys(scene.state.images).length}
          filter={ui.filter}
          marks={ui.marks}
          sort={ui.sort}
          column={ui.column}
        />
      );
    case 'stacks':
      return <StacksPanel {...place} rows={scene.stacks} at={scene.stackAt} />;
    case 'build':
      return (
        <BuildPanel
          {...place}
          name={scene.image?.image.name}
          build={scene.build}
          builds={scene.image?.builds ?? noBuilds}
          status={scene.status}
          tail={rest.tail}
          now={rest.now}
          still={rest.still}
        />
      );
    case 'log':
      return (
        <LogPane
          {...place}
          reader={rest.reader}
          view={ui.log}
          build={scene.build}
          colours={rest.colours}
          autoFold={rest.autoFold}
          tell={rest.tell}
        />
      );
    case 'history':
      return (
        <HistoryPanel
          {...place}
          name={scene.image?.image.name}
          rows={scene.history}
          at={scene.historyAt}
          compared={ui.compared}
        />
      );
    case 'why':
      return (
        <TextPanel {...place} lines={rest.why} top={ui.whyTop} empty="why the chosen build was made stands here" />
      );
    case 'guide':
      return (
        <TextPanel
          {...place}
          title={ui.guide?.title}
          lines={rest.guide}
          top={ui.guideTop}
          empty="there is no guide here"
        />
      );
    default:
      return spot.panel satisfies never;
  }
}

/** What a zoomed panel shows is said above it, for the panels that would say it are not there. */
function trailOf(focus: UiState['focus'], {image, build}: Scene): readonly string[] {
  const name = image ? [image.image.name] : [];
  const number = build ? [`b${build.number}`] : [];
  switch (focus) {
    case 'images':
    case 'stacks':
    case 'guide':
      return [panelNames[focus]];
    case 'history':
      return [...name, panelNames[focus]];
    case 'build':
      return [...name, ...number];
    case 'log':
    case 'why':
      return [...name, ...number, panelNames[focus]];
    default:
      return focus satisfies never;
  }
}

const noBuilds: readonly Build[] = [];

/** A line typed in the footer covers nothing; every other overlay is a dialog. */
function isDialog({overlay}: UiState): boolean {
  return overlay.kind !== 'none' && overlay.kind !== 'filter' && overlay.kind !== 'search';
}

function promptText({overlay}: UiState, columns: number, {paint}: Theme): string | undefined {
  if (overlay.kind !== 'filter' && overlay.kind !== 'search') return undefined;
  const {name, hint} = promptWords(overlay);
  const room = Math.max(4, columns - name.length - hint.length - 3);
  const field = fieldText(overlay.field, room, (text) => paint('badge', text));
  return `${paint('key', name)}${field}  ${paint('faint', hint)}`;
}

function promptWords(overlay: Extract<Overlay, {kind: 'filter' | 'search'}>): {
  readonly name: string;
  readonly hint: string;
} {
  if (overlay.kind === 'filter') return {name: 'filter /', hint: 'Enter keeps, Esc leaves'};
  const kind = overlay.regex ? 'expression' : 'text';
  if (overlay.context === undefined) return {name: `search ${kind} /`, hint: 'Enter searches, Tab text or expression'};
  return {name: `filter ${kind} &`, hint: `! turns it round, Up Down ${overlay.context} around, Tab expression`};
}

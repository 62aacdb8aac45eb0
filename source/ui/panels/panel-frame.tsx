// The frame every panel stands in: its tabs with their digits, the border that shows the focus, the scroll bar.
import {memo, useEffect, useEffectEvent} from 'react';
import {type FrameSpot, type PanelId, panelOrder} from '../layout/layout.ts';
import {Frame} from '../primitives/frame.tsx';
import {scrollThumb} from '../primitives/list-window.ts';
import type {RowContent} from '../primitives/row.tsx';
import {markSelected, selectedText} from '../primitives/selected-rows.ts';
import type {Selection} from '../ui-state/ui-state.ts';
import type {Theme} from '../theme/theme.ts';

/** What the mouse selects inside a panel, and who is told the text when the button is let go. */
export type PanelSelection = {readonly selection: Selection; readonly onText: (text: string) => void};

export type PanelProps = {
  readonly selected?: PanelSelection | undefined;
  readonly spot: FrameSpot;
  readonly focused: boolean;
  readonly theme: Theme;
};

export type PanelFrameProps = PanelProps & {
  /** The title of the shown panel, when it says more than its name. */
  readonly title?: string;
  readonly note?: string;
  readonly foot?: string;
  readonly rows: readonly RowContent[];
  /** For the scroll bar: how much there is, and where the window begins. */
  readonly scroll?: {readonly count: number; readonly from: number};
};

export const PanelFrame = memo(function PanelFrame(props: PanelFrameProps) {
  const {spot, focused, theme, note, foot, scroll} = props;
  const rows = useSelected(props);
  const thumb = scroll && scrollThumb(scroll.count, scroll.from, spot.height - 2);
  return (
    <Frame
      width={spot.width}
      height={spot.height}
      title={tabsText(props)}
      note={note ?? ''}
      foot={foot ?? ''}
      rows={rows}
      look={frameLook(theme, focused)}
      thumb={thumb ? {...thumb, glyph: theme.glyphs.scrollThumb} : undefined}
    />
  );
});

/** The rows with the selection in them; tells the selected text once, when the mouse is let go. */
function useSelected({rows, selected, spot, theme}: PanelFrameProps): readonly RowContent[] {
  const width = Math.max(0, spot.width - 2);
  const released = selected?.selection.released === true;
  // Only the moment of letting go counts; what is drawn afterwards is another text.
  const take = useEffectEvent(() => {
    if (selected) selected.onText(selectedText(rows.map(plainRow), selected.selection, width));
  });
  useEffect(() => {
    if (released) take();
  }, [released]);
  if (!selected) return rows;
  return markSelected(rows.map(plainRow), selected.selection, width, (text) => theme.paint('match', text));
}

function plainRow(row: RowContent): string {
  return typeof row === 'string' ? row : row.before + ' '.repeat(row.liveWidth) + row.after;
}

/** The border of a frame by whether it has the focus. */
export function frameLook(theme: Theme, focused: boolean) {
  const role = focused ? 'border-focused' : 'border';
  return {...theme.glyphs.frame, ellipsis: theme.glyphs.ellipsis, border: (text: string) => theme.paint(role, text)};
}

/** What each panel is called. */
export const panelNames: Readonly<Record<PanelId, string>> = {
  images: 'Images',
  stacks: 'Stacks & builders',
  build: 'Build',
  log: 'Log',
  history: 'History',
  why: 'Why',
  guide: 'Guide',
};

function tabsText({spot, theme, focused, title}: PanelFrameProps): string {
  return spot.tabs
    .map((tab) => {
      const digit = theme.paint('faint', String(panelOrder.indexOf(tab) + 1));
      const shown = tab === spot.panel;
      const name = shown ? (title ?? panelNames[tab]) : panelNames[tab];
      return `${digit} ${theme.paint(shown ? (focused ? 'brand' : 'strong') : 'faint', name)}`;
    })
    .join('  ');
}

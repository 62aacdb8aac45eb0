// The frame every panel stands in: its tabs with their digits, the border that shows the focus, the scroll bar.
import {memo} from 'react';
import {type FrameSpot, type PanelId, panelOrder} from '../layout/layout.ts';
import {Frame} from '../primitives/frame.tsx';
import {scrollThumb} from '../primitives/list-window.ts';
import type {RowContent} from '../primitives/row.tsx';
import type {Theme} from '../theme/theme.ts';

export type PanelProps = {
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
  const {spot, focused, theme, rows, note, foot, scroll} = props;
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

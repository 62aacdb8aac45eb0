// The builds of the selected image as a table.
import {columnWidths, type Column, tableRow} from '../primitives/columns.ts';
import {fitText} from '../primitives/fit-text.ts';
import {listWindow} from '../primitives/list-window.ts';
import type {Role, Theme} from '../theme/theme.ts';
import type {HistoryRow} from '../view-models/history-rows.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';

export type HistoryPanelProps = PanelProps & {
  /** The image whose builds these are. */
  readonly name: string | undefined;
  readonly rows: readonly HistoryRow[];
  readonly at: number;
  /** The build that the chosen one is compared with. */
  readonly compared?: number | undefined;
};

export function HistoryPanel({name, rows, at, compared, spot, focused, selected, theme}: HistoryPanelProps) {
  const width = Math.max(0, spot.width - 2);
  const height = Math.max(0, spot.height - 3);
  const widths = columnWidths(columns, width - 2);
  const window = listWindow(rows.length, at, height);
  const head = ` ${theme.paint('faint', tableRow(headings, columns, widths))}`;
  const body = rows.slice(window.from, window.to).map((row, offset) => {
    return historyRowText(row, window.from + offset === at, {focused, compared, width, widths, theme});
  });
  return (
    <PanelFrame
      spot={spot}
      focused={focused}
      selected={selected}
      theme={theme}
      rows={rows.length > 0 ? [head, ...body] : ['', ` ${theme.paint('dim', name === undefined ? noImage : noBuild)}`]}
      scroll={{count: rows.length, from: window.from}}
    />
  );
}

const noImage = 'the builds of the chosen image stand here';
const noBuild = 'no build yet: r makes one';

const columns: readonly Column[] = [
  {width: 5, align: 'right'},
  {width: 12},
  {width: 9, flex: true},
  {width: 7, align: 'right', drop: 2},
  {width: 8, align: 'right', drop: 1},
  {width: 9, drop: 3},
];

const headings = ['BUILD', 'STATUS', 'REASON', 'STARTED', 'TOOK', 'IMAGE'].map((text) => ({text}));

type RowLook = {
  readonly focused: boolean;
  readonly compared: number | undefined;
  readonly width: number;
  readonly widths: readonly number[];
  readonly theme: Theme;
};

function historyRowText(row: HistoryRow, chosen: boolean, {focused, compared, width, widths, theme}: RowLook): string {
  const {paint, glyphs} = theme;
  const as = (role: Role) => (text: string) => paint(role, text);
  const role = roles[row.state];
  const text = tableRow(
    [
      {text: String(row.number), paint: as(chosen && focused ? 'strong' : 'text')},
      {text: `${glyphOf(row, theme)} ${row.status}`, paint: as(role)},
      {text: row.reason, paint: as('reason')},
      {text: row.started, paint: as('dim')},
      {text: row.took, paint: as('dim')},
      {text: row.image, paint: as('faint')},
    ],
    columns,
    widths,
  );
  const cursor =
    row.number === compared
      ? paint('accent', glyphs.marked)
      : chosen
        ? paint(focused ? 'accent' : 'faint', glyphs.cursor)
        : ' ';
  const line = fitText(`${cursor}${text}`, width);
  return chosen ? paint(focused ? 'selected' : 'selected-away', line) : line;
}

const roles: Readonly<Record<HistoryRow['state'], Role>> = {
  running: 'running',
  interrupted: 'warning',
  succeeded: 'ready',
  failed: 'failed',
  cancelled: 'held',
};

function glyphOf({state}: HistoryRow, {glyphs}: Theme): string {
  switch (state) {
    case 'running':
      return glyphs.running;
    case 'interrupted':
      return glyphs.queued;
    case 'succeeded':
      return glyphs.ready;
    case 'failed':
      return glyphs.failed;
    case 'cancelled':
      return glyphs.cancelled;
    default:
      return state satisfies never;
  }
}

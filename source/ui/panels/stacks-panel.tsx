// Stacks and builders: what the images stand on, and how many stand on each.
import {columnWidths, type Column, tableRow} from '../primitives/columns.ts';
import {fitText} from '../primitives/fit-text.ts';
import {listWindow} from '../primitives/list-window.ts';
import type {Theme} from '../theme/theme.ts';
import type {StackRow} from '../view-models/stack-rows.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';

export type StacksPanelProps = PanelProps & {
  readonly rows: readonly StackRow[];
  /** The chosen row among all rows, headings counted. */
  readonly at: number;
};

export function StacksPanel({rows, at, spot, focused, selected, theme}: StacksPanelProps) {
  const height = Math.max(0, spot.height - 2);
  const width = Math.max(0, spot.width - 2);
  const window = listWindow(rows.length, at, height);
  const columns = stackColumns(rows);
  const painted = rows
    .slice(window.from, window.to)
    .map((row, offset) => stackRowText(row, window.from + offset === at, {focused, width, columns, theme}));
  return (
    <PanelFrame
      spot={spot}
      focused={focused}
      selected={selected}
      theme={theme}
      rows={painted.length > 0 ? painted : emptyRows(theme)}
      scroll={{count: rows.length, from: window.from}}
    />
  );
}

/** Columns as wide as what stands in them; the name has the rest. */
function stackColumns(rows: readonly StackRow[]): readonly Column[] {
  const entries = rows.filter((row) => row.kind !== 'heading');
  return [
    {width: 10, flex: true},
    {width: Math.max(0, ...entries.map(({what}) => what.length)), drop: 1},
    {width: Math.max(0, ...entries.map(({uses}) => uses.length)), align: 'right'},
  ];
}

type RowLook = {
  readonly focused: boolean;
  readonly width: number;
  readonly columns: readonly Column[];
  readonly theme: Theme;
};

function stackRowText(row: StackRow, chosen: boolean, {focused, width, columns, theme}: RowLook): string {
  const {paint, glyphs} = theme;
  if (row.kind === 'heading') return ` ${paint('faint', row.text)}`;
  const cursor = chosen ? paint(focused ? 'accent' : 'faint', glyphs.cursor) : ' ';
  const widths = columnWidths(columns, width - 3);
  const text = tableRow(
    [
      {text: row.name, paint: (one) => paint(chosen && focused ? 'strong' : 'text', one)},
      {text: row.what, paint: (one) => paint('dim', one)},
      {text: row.uses, paint: (one) => paint('faint', one)},
    ],
    columns,
    widths,
  );
  const line = fitText(`${cursor}  ${text}`, width);
  if (!chosen) return line;
  return paint(focused ? 'selected' : 'selected-away', line);
}

function emptyRows({paint}: Theme): readonly string[] {
  return [
    '',
    `  ${paint('strong', 'No stacks yet')}`,
    `  ${paint('dim', 'slipway clusterstack create NAME')}`,
    `  ${paint('dim', '  --build-image REF --run-image REF')}`,
  ];
}

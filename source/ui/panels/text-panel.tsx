// A panel of finished lines that are scrolled through: why a build was made, what to try next.
import type {Line} from '../view-models/spans.ts';
import {paintLine} from './paint-line.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';

export type TextPanelProps = PanelProps & {
  readonly title?: string;
  readonly lines: readonly Line[];
  readonly top: number;
  /** Stands there when there are no lines. */
  readonly empty: string;
};

export function TextPanel({title, lines, top, empty, spot, focused, selected, theme}: TextPanelProps) {
  const height = Math.max(0, spot.height - 2);
  const width = Math.max(0, spot.width - 4);
  const from = Math.max(0, Math.min(top, lines.length - height));
  const rows = lines.slice(from, from + height).map((line) => ` ${paintLine(line, width, theme)}`);
  return (
    <PanelFrame
      spot={spot}
      focused={focused}
      selected={selected}
      theme={theme}
      {...(title === undefined ? {} : {title})}
      rows={rows.length > 0 ? rows : ['', ` ${theme.paint('dim', empty)}`]}
      scroll={{count: lines.length, from}}
    />
  );
}

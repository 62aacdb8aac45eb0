// Why the build was made and what it was made from.
import type {Line} from '../view-models/spans.ts';
import {paintLine} from './paint-line.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';

export type WhyPanelProps = PanelProps & {readonly lines: readonly Line[]; readonly top: number};

export function WhyPanel({lines, top, spot, focused, selected, theme}: WhyPanelProps) {
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
      rows={rows.length > 0 ? rows : ['', ` ${theme.paint('dim', 'why the chosen build was made stands here')}`]}
      scroll={{count: lines.length, from}}
    />
  );
}

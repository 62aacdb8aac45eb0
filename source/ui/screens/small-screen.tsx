// The card of a terminal too small for frames: the counts, and what would help.
import {Box} from 'ink';
import {countsText} from '../panels/header.tsx';
import {fitText} from '../primitives/fit-text.ts';
import {Row} from '../primitives/row.tsx';
import type {Theme} from '../theme/theme.ts';
import type {StateCount} from '../view-models/counts.ts';
import {smallest} from '../layout/layout.ts';

export type SmallScreenProps = {
  readonly counts: readonly StateCount[];
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
};

export function SmallScreen({counts, columns, rows, theme}: SmallScreenProps) {
  const {paint} = theme;
  const words = [
    paint('brand', 'slipway'),
    counts.length === 0 ? paint('dim', 'no images') : countsText(counts, theme, columns),
    paint('faint', `needs ${smallest.columns}x${smallest.rows}`),
  ];
  const shown = rows >= 3 ? words : words.slice(1, 1 + rows);
  const above = Math.max(0, Math.floor((rows - shown.length) / 2));
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      {Array.from({length: rows}, (_, at) => (
        <Row key={at} text={fitText(shown[at - above] ?? '', columns, 'center')} />
      ))}
    </Box>
  );
}

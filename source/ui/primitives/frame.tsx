// A titled frame around rows. Border and content are one string per row, so that a frame costs no more than its rows.
import {Box} from 'ink';
import {memo} from 'react';
import {cutText, fitText, textWidth} from './fit-text.ts';
import {type LiveRow, MovingRow, Row, type RowContent} from './row.tsx';

export type FrameLook = {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly horizontal: string;
  readonly vertical: string;
  /** Stands where something was cut off. */
  readonly ellipsis: string;
  readonly border: (text: string) => string;
};

export type FrameProps = {
  readonly width: number;
  readonly height: number;
  /** Painted already. */
  readonly title: string;
  /** Painted; stands at the right end of the top border when there is room. */
  readonly note?: string;
  /** Painted; stands at the right end of the bottom border. */
  readonly foot?: string;
  /** Each at most `width - 2` cells; missing ones are blank, surplus ones are dropped. */
  readonly rows: readonly RowContent[];
  readonly look: FrameLook;
  /** The first and last row of the scroll bar's thumb among the content rows. */
  readonly thumb?: {readonly from: number; readonly to: number; readonly glyph: string} | undefined;
};

/** Draws exactly `height` rows of exactly `width` cells. */
export const Frame = memo(function Frame(props: FrameProps) {
  const {width, height, rows, look, thumb} = props;
  const inner = Math.max(0, width - 2);
  const count = Math.max(0, height - 2);
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      <Row text={edge(props, 'top')} />
      {Array.from({length: count}, (_, at) => {
        const row = withEllipsis(rows[at] ?? '', look.ellipsis);
        const side = look.border(look.vertical);
        const end = thumb && at >= thumb.from && at <= thumb.to ? look.border(thumb.glyph) : side;
        return typeof row === 'string' ? (
          <Row key={at} text={side + fitText(row, inner) + end} />
        ) : (
          <MovingRow key={at} before={side + row.before} live={row.live} after={restOf(row, inner) + end} />
        );
      })}
      {height > 1 ? <Row text={edge(props, 'bottom')} /> : null}
    </Box>
  );
});

/** On terminals without Unicode the ellipsis is another character of the same width. */
function withEllipsis(row: RowContent, ellipsis: string): RowContent {
  if (typeof row !== 'string') return row;
  return ellipsis === '…' ? row : row.replaceAll('…', ellipsis);
}

/** What stands behind the moving part, to the end of the row. */
function restOf({before, liveWidth, after}: LiveRow, width: number): string {
  return fitText(after, width - textWidth(before) - liveWidth);
}

function edge({width, title, note = '', foot = '', look}: FrameProps, which: 'top' | 'bottom'): string {
  const {border, horizontal} = look;
  const left = which === 'top' ? look.topLeft : look.bottomLeft;
  const right = which === 'top' ? look.topRight : look.bottomRight;
  const room = Math.max(0, width - 4);
  const head = which === 'top' ? cutText(title, Math.max(0, room - 2), look.ellipsis) : '';
  const headWidth = head === '' ? 0 : textWidth(head) + 2;
  const tailText = which === 'top' ? note : foot;
  const tailWidth = tailText === '' ? 0 : textWidth(tailText) + 2;
  const tail = tailWidth > 0 && headWidth + tailWidth <= room ? ` ${tailText} ` : '';
  const line = Math.max(0, width - 4 - headWidth - (tail === '' ? 0 : tailWidth));
  if (width < 4) return border(horizontal.repeat(Math.max(0, width)));
  return (
    border(left + horizontal) +
    (head === '' ? '' : ` ${head} `) +
    border(horizontal.repeat(line)) +
    tail +
    border(horizontal + right)
  );
}

// One row of the screen: a string that was painted and cut beforehand, drawn again only when it changes.
import {Text} from 'ink';
import {memo, type ReactNode} from 'react';

export const Row = memo(function Row({text}: {readonly text: string}) {
  return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
});

/** A row with one moving part of a known width between two painted strings. */
export type LiveRow = {
  readonly before: string;
  readonly live: ReactNode;
  readonly liveWidth: number;
  readonly after: string;
};

export type RowContent = string | LiveRow;

/** A row with a moving part: only that part is drawn again when it moves. */
export const MovingRow = memo(function MovingRow({before, live, after}: Omit<LiveRow, 'liveWidth'>) {
  return (
    <Text wrap="truncate">
      {before}
      {live}
      {after}
    </Text>
  );
});

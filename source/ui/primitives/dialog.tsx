// Puts a frame in the middle of the screen, over what is there.
import {Box} from 'ink';
import {Frame, type FrameProps} from './frame.tsx';

export type DialogProps = FrameProps & {readonly columns: number; readonly rowsOfScreen: number};

/** A frame centred on a screen of `columns` × `rowsOfScreen`. */
export function Dialog({columns, rowsOfScreen, ...frame}: DialogProps) {
  const left = Math.max(0, Math.floor((columns - frame.width) / 2));
  const top = Math.max(0, Math.floor((rowsOfScreen - frame.height) / 3));
  return (
    <Box position="absolute" marginLeft={left} marginTop={top} width={frame.width} height={frame.height}>
      <Frame {...frame} />
    </Box>
  );
}

// What the terminal is asked for besides what Ink asks: mouse and focus reports, a title; and how it gets everything back.

/** Presses, releases, drags and the wheel, in the SGR form (xterm: modes 1002 and 1006). */
export const mouseOn = '\u001B[?1002h\u001B[?1006h';
export const mouseOff = '\u001B[?1006l\u001B[?1002l';
/** Reports when the terminal's window gains and loses the focus (xterm: mode 1004). */
const focusOn = '\u001B[?1004h';
const focusOff = '\u001B[?1004l';

/** Keeps the window's title and sets its own. */
function titleOn(title: string): string {
  return `\u001B[22;0t\u001B]0;${title.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '')}\u0007`;
}

/** What is written when the dashboard begins. */
export function enterModes(title: string, mouse: boolean): string {
  return titleOn(title) + focusOn + (mouse ? mouseOn : '');
}

/** Takes back what `enterModes` asked for. */
export const leaveModes = `${mouseOff}${focusOff}\u001B]9;4;0\u0007\u001B[23;0t`;

/**
 * Takes back everything that this program and Ink may have asked for, for the moment in which nothing else will:
 * synchronised output, kitty keyboard, bracketed paste, cursor, alternate screen.
 */
export const giveBackAll = `\u001B[?2026l\u001B[<u${leaveModes}\u001B[?2004l\u001B[0m\u001B[?1049l\u001B[?25h`;

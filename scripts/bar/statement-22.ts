// Statement 22: less of a terminal. Tests hold the goldens of every screen without colour, with sixteen colours and in ASCII, and the
// contrast of the themes; tmux and a dumb terminal are the real ones.
import {runTests} from './support/tests-as-check.ts';
import {dumbTerminal, type TmuxScreens, tmuxScreens} from './support/tmux-screens.ts';

export const number = 22;
export const statement =
  'Degradation: no colour, sixteen colours, ASCII, TERM=dumb and tmux for every screen; contrast at least 4.5:1; no state by colour alone';

export async function run(): Promise<{figure: string; pass: boolean}> {
  const held = await runTests(
    ['test/ui/view-models.test.ts', 'test/ui/screens.test.ts'],
    'theme|ASCII|sixteen|without|contrast',
  );
  const inColour = await tmuxScreens();
  const without = await tmuxScreens(['NO_COLOR=1']);
  const dumb = await dumbTerminal();
  const lines = dumb.split('\n').filter((line) => line.trim() !== '').length;
  const plain = lines > 5 && !/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/.test(dumb);
  const right = [inColour, without].every(({seen, different}) => seen > 0 && different.length === 0);
  return {
    figure: `${held.figure}; tmux: ${screensText(inColour)}; with NO_COLOR: ${screensText(without)}; TERM=dumb: ${lines} lines, ${plain ? 'no escape' : 'with escapes'}`,
    pass: held.pass && right && inColour.colours > 0 && without.colours === 0 && plain,
  };
}

function screensText({seen, different, colours}: TmuxScreens): string {
  return `${[`${seen} screens`, `${different.length} different`, ...different].join(' ')}, ${colours} colours`;
}

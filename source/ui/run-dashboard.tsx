// Runs the dashboard on a terminal, and gives the terminal back as it was.
import {render} from 'ink';
import {App} from './app.tsx';
import type {Client} from './client-types.ts';
import {withOneWritePerFrame} from './one-write.ts';
import {makeTheme} from './theme/make-theme.ts';
import {sessionSummary} from './view-models/session-summary.ts';

export type DashboardPreferences = {
  /** `dark`, `light`, `high-contrast` or `none`; without colours in the terminal it is always `none`. */
  readonly theme?: string;
  /** Only ASCII on the screen. */
  readonly ascii?: boolean;
  /** Nothing moves by itself. */
  readonly still?: boolean;
};

export type DashboardOptions = {
  readonly client: Client;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly preferences: DashboardPreferences;
  /** Stands beside the name in the header: which home, which controller. */
  readonly title: string;
  /** Called once the terminal is as it was. */
  readonly onExit?: () => void;
};

/** Plain lines for the primary screen: what was built while the dashboard was open. */
export type DashboardSummary = {readonly lines: readonly string[]};

/**
 * Draws until the user quits (`q`, Ctrl-C). Leaves the alternate screen, shows the cursor and ends raw mode in every case;
 * rejects with the error when drawing failed. Closing the dashboard ends no build.
 */
export async function runDashboard(options: DashboardOptions): Promise<DashboardSummary> {
  const {client, stdin, stdout, now, preferences, title} = options;
  const since = now();
  const wasRaw = stdin.isRaw;
  // A key pressed before the first frame would otherwise be read line by line.
  if (stdin.isTTY) stdin.setRawMode(true);
  const screen = withOneWritePerFrame(stdout);
  const theme = makeTheme({
    name: preferences.theme,
    ascii: preferences.ascii,
    colorDepth: stdout.isTTY ? stdout.getColorDepth() : 1,
  });
  try {
    const instance = render(
      <App
        client={client}
        now={now}
        theme={theme}
        title={title}
        still={preferences.still ?? false}
        redraw={() => screen.emit('resize')}
      />,
      {
        stdin,
        stdout: screen,
        interactive: stdout.isTTY,
        alternateScreen: true,
        incrementalRendering: true,
        exitOnCtrlC: false,
        patchConsole: false,
        maxFps: 30,
      },
    );
    try {
      await instance.waitUntilExit();
    } finally {
      instance.unmount();
    }
    return {lines: sessionSummary(client.state.read(), since)};
  } finally {
    if (stdin.isTTY) stdin.setRawMode(wasRaw);
    options.onExit?.();
  }
}

// Runs the dashboard on a terminal, and gives the terminal back as it was.
import {render} from 'ink';
import {App, type InputRelay} from './app.tsx';
import type {Client} from './client-types.ts';
import {withOneWritePerFrame} from './one-write.ts';
import {bindings} from './keymap/bindings.ts';
import {type KeyPreferences, rebind} from './keymap/rebind.ts';
import type {NoticeWay} from './hooks/use-notices.ts';
import {tailLines} from './hooks/use-tail.ts';
import type {DashboardPorts} from './ports.ts';
import {type InputListener, type MouseReport, withKeysOneByOne} from './terminal/keyed-input.ts';
import {enterModes, giveBackAll, leaveModes} from './terminal/terminal-modes.ts';
import {makeTheme} from './theme/make-theme.ts';
import {createUiStore} from './ui-state/ui-store.ts';
import type {CustomThemes} from './theme/custom-themes.ts';
import type {Guide} from './view-models/guide-lines.ts';
import type {ThemeName} from './theme/theme.ts';
import {type SessionSummary, sessionSummary, summarizedFailures} from './view-models/session-summary.ts';

export type DashboardPreferences = {
  /** A theme of this program or one of `themes`; without colours in the terminal it is always `none`. */
  readonly theme?: string;
  /** Only ASCII on the screen. */
  readonly ascii?: boolean;
  /** Nothing moves by itself. */
  readonly still?: boolean;
  /** False leaves the finished phases of a log open; without it they fold to one line each. */
  readonly foldFinishedPhases?: boolean;
  /** Other keys: `context.action` to a key or keys. What is wrong among them was said before. */
  readonly keys?: KeyPreferences;
  readonly themes?: CustomThemes;
  /** False leaves the mouse to the terminal until `%`. */
  readonly mouse?: boolean;
  /** How somebody who looks elsewhere is told of a failure. */
  readonly notices?: NoticeWay;
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
  /** What to try, for somebody who is shown around. */
  readonly guide?: Guide;
  readonly ports?: DashboardPorts;
  /** Keys that change something do nothing. */
  readonly readOnly?: boolean;
  /** Ends the dashboard as quitting does. */
  readonly signal?: AbortSignal;
  /** Is given the way to give the terminal back at once, for the moment in which the process breaks. */
  readonly guard?: (giveBack: () => void) => void;
  /** Called once the terminal is as it was. */
  readonly onExit?: () => void;
};

/** Plain lines for the primary screen: what was built while the dashboard was open; and whether anything failed. */
export type DashboardSummary = SessionSummary;

/**
 * Draws until the user quits (`q`, Ctrl-C), the signal aborts or the terminal is gone. Leaves the alternate screen, shows the
 * cursor and ends raw mode in every case; rejects with the error when drawing failed. Closing the dashboard ends no build.
 */
export async function runDashboard(options: DashboardOptions): Promise<DashboardSummary> {
  const {client, now} = options;
  const since = now();
  await draw(options);
  const state = client.state.read();
  return sessionSummary(state, since, await tailsOf(client, summarizedFailures(state, since)));
}

async function draw(options: DashboardOptions): Promise<void> {
  const {client, stdin, stdout, now, preferences, title, signal, guide} = options;
  const wasRaw = stdin.isRaw;
  // A key pressed before the first frame would otherwise be read line by line.
  if (stdin.isTTY) stdin.setRawMode(true);
  const screen = withOneWritePerFrame(stdout);
  const {relay, hear} = openRelay();
  const input = withKeysOneByOne(stdin, hear);
  const mouse = preferences.mouse ?? true;
  // The log and the guide come before what shares their frames, until somebody goes there.
  const store = createUiStore({mouse, ...(guide ? {guide, recent: ['log', 'guide']} : {})});
  const enter = () => void (stdout.isTTY && screen.write(enterModes(`slipway ${title}`, store.read().mouse)));
  const leave = () => void (stdout.isTTY && screen.write(leaveModes));
  options.guard?.(() => void stdout.write(giveBackAll));
  try {
    enter();
    const instance = render(
      <App
        client={client}
        now={now}
        themeOf={themes(preferences, stdout)}
        title={title}
        still={preferences.still ?? false}
        store={store}
        keymap={rebind(preferences.keys ?? {}, bindings).keymap}
        ports={options.ports ?? {}}
        relay={relay}
        write={(sequence) => void screen.write(sequence)}
        modes={{leave, enter}}
        readOnly={options.readOnly ?? false}
        autoFold={preferences.foldFinishedPhases ?? true}
        notices={preferences.notices ?? 'bell'}
      />,
      {
        stdin: input,
        stdout: screen,
        interactive: stdout.isTTY,
        alternateScreen: true,
        incrementalRendering: true,
        exitOnCtrlC: false,
        patchConsole: false,
        // What grows is paced where it is read; keys and what they asked for need not wait for a slower beat.
        maxFps: 60,
      },
    );
    const end = () => instance.unmount();
    const gone = ['end', 'close', 'error'] as const;
    for (const event of gone) stdin.on(event, end);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    try {
      await instance.waitUntilExit();
    } finally {
      for (const event of gone) stdin.off(event, end);
      signal?.removeEventListener('abort', end);
      instance.unmount();
    }
  } finally {
    leave();
    if (stdin.isTTY) stdin.setRawMode(wasRaw);
    options.guard?.(() => undefined);
    options.onExit?.();
  }
}

/** Mouse reports go to whoever listens now; a terminal that never reports its focus has it. */
function openRelay(): {readonly relay: InputRelay; readonly hear: InputListener} {
  let focused = true;
  const listeners = new Set<(report: MouseReport) => void>();
  return {
    relay: {
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      focused: () => focused,
    },
    hear: {
      mouse(report) {
        for (const listener of listeners) listener(report);
      },
      focus(on) {
        focused = on;
      },
    },
  };
}

function themes({theme, themes: custom, ascii}: DashboardPreferences, stdout: NodeJS.WriteStream) {
  const colorDepth = stdout.isTTY ? stdout.getColorDepth() : 1;
  return (name?: ThemeName) => makeTheme({name: name ?? theme, ascii, colorDepth, custom: custom ?? {}});
}

/** The ends of the failed builds' logs; a controller that does not answer in time keeps nobody from leaving. */
async function tailsOf(
  client: Client,
  failed: ReturnType<typeof summarizedFailures>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const read = failed.map(async (build) => {
    const {lines} = await client.readLog(build, -tailLines, tailLines);
    return [`${build.namespace}/${build.image}/${build.number}`, lines.map(({text}) => text)] as const;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<readonly never[]>((resolve) => {
    timer = setTimeout(resolve, 500, []);
  });
  const settled = await Promise.race([Promise.allSettled(read), late]);
  clearTimeout(timer);
  return new Map(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
}

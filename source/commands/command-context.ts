// What a command is given: everything it may touch. No command reaches for the process, the disk or the clock itself.
import type {Client} from '../client/client.ts';
import type {UiMode} from '../preferences/preference-values.ts';
import type {Preferences} from '../preferences/preferences.ts';

export type TextStream = {
  write(text: string): void;
  /** Whether a person's terminal is behind it. */
  readonly isTTY: boolean;
};

/** What this machine can do, as `doctor` shows it. `fix` says what to run or install. */
export type Probe = {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'missing';
  readonly detail: string;
  readonly fix?: string;
};

/** What a path of this machine is. */
export type PathKind = 'directory' | 'zip' | 'file' | 'missing';

export type LocalFiles = {
  /** The absolute form of a path as the user typed it. */
  absolute(path: string): string;
  kind(path: string): Promise<PathKind>;
  /** The names in a directory. Rejects with the operating system's error. */
  list(directory: string): Promise<readonly string[]>;
  /** The text of a file; `-` is the standard input. Rejects with the operating system's error. */
  readText(path: string): Promise<string>;
};

export type CommandContext = {
  readonly version: string;
  /** The state directory that `connect` uses. */
  readonly home: string;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** A line typed by the user; undefined without a terminal to ask on. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly color: boolean;
  readonly ui: UiMode;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Aborted when the user interrupts; the command then ends with 130. */
  readonly signal: AbortSignal;
  /** Reaches the controller of `home`, starting one unless `start` is false. Rejects when there is none to reach. */
  connect(options?: {readonly start?: boolean}): Promise<Client>;
  /** The user's preferences; a corrupt file rejects with what is wrong and where. */
  preferences(): Promise<Preferences>;
  readonly files: LocalFiles;
  probes(): Promise<readonly Probe[]>;
  /** The full-screen dashboard on `home`, with what to try; resolves to its exit code when the user leaves it. */
  openDashboard(guide?: {readonly title: string; readonly steps: readonly string[]}): Promise<number>;
  readonly demo: DemoWorld;
};

/** What only the demo needs: a home of its own and a change to a sample app. */
export type DemoWorld = {
  /** The context of the demo's own home, made afresh. Rejects when the directory holds something that is not a demo's. */
  open(): Promise<CommandContext>;
  /** Commits a visible change to the sample app in this git repository; resolves to the commit's message. */
  editSample(repository: string): Promise<string>;
  /** Stops the controller of the demo's home and resolves when its process is gone. */
  close(): Promise<void>;
};

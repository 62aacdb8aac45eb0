// What the dashboard asks of the machine it runs on. Everything is given from outside: this room touches nothing but the terminal.
import type {Builder} from '../domain/builder.ts';
import type {Stack} from '../domain/stack.ts';
import type {ImageRecord, State} from '../state/state.ts';

export type YamlSubject =
  | {readonly kind: 'image'; readonly record: ImageRecord}
  | {readonly kind: 'stack'; readonly stack: Stack}
  | {readonly kind: 'builder'; readonly builder: Builder};

export type DashboardPorts = {
  /** Puts the text on the machine's own clipboard; false when it has none that can be reached. */
  readonly copy?: (text: string) => Promise<boolean>;
  /** Writes a file where the user finds it again and resolves to its path. */
  readonly save?: (name: string, text: string) => Promise<string>;
  /** The same for bytes as they come, as many as there are. */
  readonly saveBytes?: (name: string, bytes: AsyncIterable<Uint8Array>) => Promise<string>;
  /** Lets the user edit the text in their editor and resolves to what they saved, parsed as YAML. */
  readonly edit?: (name: string, text: string) => Promise<unknown>;
  /** Stops the process until the shell brings it back; resolves then. */
  readonly suspend?: () => Promise<void>;
  /** The resource in the shape of kpack; `status: false` leaves out what the controller says about it. */
  readonly yaml?: (subject: YamlSubject, state: State, status: boolean) => string;
  /** What stands between this program and the terminal, and wants escape sequences wrapped. */
  readonly multiplexer?: 'tmux' | 'screen';
};

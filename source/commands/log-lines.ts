// A build's log as text: kp's headings, raw lines, timestamps on request (kpack `pkg/logs/build_logs.go`).
import type {PhaseName} from '../domain/phase.ts';
import type {LogLine} from './client-types.ts';
import {harmlessText, withoutColours} from './harmless-text.ts';
import {nanoTimestamp} from './time-text.ts';

export type LogStyle = {
  readonly color: boolean;
  /** Whether a terminal reads it: what could steer the terminal is then taken out of the lines. */
  readonly terminal: boolean;
  /** Each line begins with the time it arrived. */
  readonly timestamps: boolean;
  /** The phases that an attempt has ended by now, in their order: one that printed nothing gets its heading all the same. */
  readonly ended: (attempt: number) => readonly PhaseName[];
};

/** Gives the text for lines as they come; remembers the phase and the attempt it is in. */
export function logText(style: LogStyle): (lines: readonly LogLine[]) => string {
  let attempt = 0;
  let phase: PhaseName | undefined;
  let shown = new Set<PhaseName>();
  const headingsUpTo = (line: LogLine): string => {
    const ended = style.ended(line.attempt);
    const silent = ended.slice(0, Math.max(0, ended.indexOf(line.phase))).filter((name) => !shown.has(name));
    for (const name of [...silent, line.phase]) shown.add(name);
    return [...silent, line.phase].map((name) => heading(name, style.color)).join('');
  };
  return (lines) => {
    let text = '';
    for (const line of lines) {
      if (line.attempt !== attempt) {
        if (attempt > 0) text += attemptMark(line.attempt);
        attempt = line.attempt;
        phase = undefined;
        shown = new Set();
      }
      if (line.phase !== phase) text += headingsUpTo(line);
      phase = line.phase;
      text += lineText(line, style);
    }
    return text;
  };
}

/** kp colours the heading and its newline alike. */
function heading(phase: PhaseName, color: boolean): string {
  const words = `===> ${phase.toUpperCase()}\n`;
  return color ? `\u001b[0;36m${words}\u001b[0m` : words;
}

function attemptMark(attempt: number): string {
  return `*** Attempt ${attempt - 1} was interrupted; the build runs again as attempt ${attempt}\n`;
}

function lineText(line: LogLine, style: LogStyle): string {
  const stamp = style.timestamps ? `${nanoTimestamp(line.at)} ` : '';
  const text = style.color ? line.text : withoutColours(line.text);
  return `${stamp}${style.terminal ? shownLine(text) : text}\n`;
}

/** What a buildpack prints may colour a terminal, not steer it; a carriage return writes over what was before it. */
function shownLine(text: string): string {
  return harmlessText(text.replace(/\r+$/, '').split('\r').at(-1) ?? '');
}

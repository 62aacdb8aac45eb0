// A build's log as text: kp's headings, raw lines, timestamps on request (kpack `pkg/logs/build_logs.go`).
import type {LogLine} from './client-types.ts';
import {nanoTimestamp} from './time-text.ts';

export type LogStyle = {
  readonly color: boolean;
  /** Whether a terminal reads it: what could steer the terminal is then taken out of the lines. */
  readonly terminal: boolean;
  /** Each line begins with the time it arrived. */
  readonly timestamps: boolean;
};

/** Gives the text for lines as they come; remembers the phase and the attempt it is in. */
export function logText(style: LogStyle): (lines: readonly LogLine[]) => string {
  let phase = '';
  let attempt = 0;
  return (lines) => {
    let text = '';
    for (const line of lines) {
      if (attempt > 0 && line.attempt > attempt) text += attemptMark(line.attempt);
      if (line.phase !== phase || line.attempt !== attempt) text += heading(line.phase, style.color);
      ({phase, attempt} = line);
      text += lineText(line, style);
    }
    return text;
  };
}

/** kp colours the heading and its newline alike. */
function heading(phase: string, color: boolean): string {
  const words = `===> ${phase.toUpperCase()}\n`;
  return color ? `\u001b[0;36m${words}\u001b[0m` : words;
}

function attemptMark(attempt: number): string {
  return `*** Attempt ${attempt - 1} was interrupted; the build runs again as attempt ${attempt}\n`;
}

function lineText(line: LogLine, style: LogStyle): string {
  const stamp = style.timestamps ? `${nanoTimestamp(line.at)} ` : '';
  return `${stamp}${style.terminal ? harmless(line.text, style.color) : line.text}\n`;
}

const colours = /\u001b\[[0-9;:]*m/g;
const sequences =
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[\u001b\u009b][[()#;?]*(?:\d{1,4}(?:[;:]\d{0,4})*)?[\x20-\x2f]*[\x40-\x7e]?/g;

/** What a buildpack prints may colour a terminal, not move its cursor, name its window or write its clipboard. */
function harmless(text: string, color: boolean): string {
  const shown = text.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  const kept = shown.split(new RegExp(`(${colours.source})`)).map((part, index) => {
    if (index % 2 === 1) return color ? part : '';
    return part.replace(sequences, '').replace(/[^\P{Cc}\t]/gu, '');
  });
  return kept.join('');
}

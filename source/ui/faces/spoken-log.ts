// The log for a screen reader: its end, the lines around a place, and what is found in it one match after the other, as lines that are said.
import type {Build} from '../../domain/build.ts';
import type {Client, LogLine} from '../client-types.ts';
import {cleanLogText} from '../view-models/log-text.ts';
import {countText} from '../view-models/names.ts';

export type SpokenLog = {
  /** The last lines. */
  readonly end: (build: Build | undefined) => Promise<void>;
  /** Some lines from this one on; the first line is 1. */
  readonly from: (build: Build | undefined, line: number) => Promise<void>;
  /** How many lines have the text in them, and the first of them. */
  readonly find: (build: Build | undefined, text: string) => Promise<void>;
  /** The next match of what was found last, or the one before; round the ends. */
  readonly step: (by: 1 | -1) => Promise<void>;
};

/** As many lines as one listens to at a time. */
const said = 20;
/** Matches that are kept. */
const mostMatches = 20_000;

type Found = {readonly build: Build; readonly lines: readonly number[]; readonly at: number};

export function spokenLog(client: Client, say: (text: string) => void): SpokenLog {
  let found: Found | undefined;
  const sayLines = (lines: readonly LogLine[]) => {
    for (const {text} of lines) say(cleanLogText(text, false));
  };
  const sayMatch = async ({build, lines, at}: Found) => {
    const line = lines[at] ?? 0;
    const window = await client.readLog(build, line, 1);
    const text = cleanLogText(window.lines[0]?.text ?? '', false);
    say(`match ${at + 1} of ${lines.length}, line ${line + 1}: ${text}`);
  };
  return {
    async end(build) {
      if (!build) return say('there is no build yet');
      const {lines, total} = await client.readLog(build, -said, said);
      say(total === 0 ? 'this build wrote no log' : `${countText(total, 'line')}, the last ${lines.length}:`);
      sayLines(lines);
    },
    async from(build, line) {
      if (!build) return say('there is no build yet');
      const {lines, total} = await client.readLog(build, line - 1, said);
      if (line < 1 || lines.length === 0) return say(`expected a line from 1 to ${total}, got ${line}`);
      sayLines(lines);
    },
    async find(build, text) {
      if (!build) return say('there is no build yet');
      const {lines, searched, total} = await client.searchLog(build, {pattern: text, regex: false}, 0, mostMatches);
      found = lines.length === 0 ? undefined : {build, lines, at: 0};
      if (!found) return say(`no line has "${text}" in it`);
      const more = searched < total ? ', and there are more' : '';
      say(`${countText(lines.length, 'line')} with "${text}"${more}; next and previous go on`);
      await sayMatch(found);
    },
    async step(by) {
      if (!found) return say('nothing was found yet; find TEXT looks for it');
      const {length} = found.lines;
      found = {...found, at: (found.at + by + length) % length};
      await sayMatch(found);
    },
  };
}

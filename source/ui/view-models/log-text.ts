// Makes a line of a log fit to be painted. What a buildpack prints is hostile until it has been through here.
import {sliceCells, textWidth} from '../primitives/fit-text.ts';

/** Characters of one line that are ever painted. */
const paintedLimit = 8192;

/**
 * The text with its colours (SGR) and nothing else that a terminal acts on: cursor moves, titles, clipboard writes and other
 * controls are gone, carriage returns overwrite, tabs are spaces. `colours: false` takes the colours too.
 */
export function cleanLogText(raw: string, colours: boolean): string {
  const capped = raw.length > paintedLimit ? raw.slice(0, paintedLimit) : raw;
  if (ordinary.test(capped)) return withRest(capped, raw);
  const harmless = capped.replaceAll(escapeSequences, (sequence) => (colours && sgr.test(sequence) ? sequence : ''));
  const text = expandTabs(foldReturns(dropControls(harmless)));
  return withRest(text.includes('\u001B') ? `${text}\u001B[0m` : text, raw);
}

const ordinary = /^[\u0020-\u007E]*$/;
const sgr = /^\u001B\[[\d;:]*m$/;

/** Strings (OSC, DCS, APC, PM, SOS) up to their end or the end of the line, then CSI, then every other escape. */
const escapeSequences =
  /\u001B[\]PX^_][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)|[\u009D\u0090\u0098\u009E\u009F][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)|[\u001B\u009B]\[?[0-?]*[ -/]*[@-~]|\u001B./g;

/**
 * Controls other than tab, carriage return and the escapes kept; what turns the direction of text around; and characters that
 * nobody sees and whose width terminals do not agree on. (Joiners and variation selectors stay: emoji are made with them.)
 */
function dropControls(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000A-\u000C\u000E-\u001A\u001C-\u001F\u007F-\u009F]/g, '')
    .replaceAll(/\u001B(?!\[[\d;:]*m)/g, '')
    .replaceAll(/[\u00AD\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF]/g, '');
}

/** A carriage return goes back to the start; what follows covers what was there, cell by cell. */
function foldReturns(text: string): string {
  if (!text.includes('\r')) return text;
  return text
    .split('\r')
    .filter((part) => part !== '')
    .reduce((line, part) => part + sliceCells(line, textWidth(part), textWidth(line)), '');
}

function expandTabs(text: string): string {
  if (!text.includes('\t')) return text;
  return text
    .split('\t')
    .reduce((line, part, at) => (at === 0 ? part : line + ' '.repeat(8 - (textWidth(line) % 8)) + part), '');
}

function withRest(text: string, raw: string): string {
  if (raw.length <= paintedLimit) return text;
  return `${text} … +${Math.ceil((raw.length - paintedLimit) / 1024)} KB`;
}

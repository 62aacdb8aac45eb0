// Makes a line of a log fit to be painted. What a buildpack prints is hostile until it has been through here.
import {sliceCells, textWidth} from '../primitives/fit-text.ts';

/** Characters of one line that are ever painted. */
const paintedLimit = 8192;

/**
 * The text with its colours (SGR) and nothing else that a terminal acts on: cursor moves, titles, clipboard writes and other
 * controls are gone, carriage returns overwrite, tabs are spaces; links (OSC 8) to web pages stay. `colours: false` takes
 * colours and links too. `cut` is how many bytes of the line never came here.
 */
export function cleanLogText(raw: string, colours: boolean, cut = 0): string {
  const capped = raw.length > paintedLimit ? raw.slice(0, paintedLimit) : raw;
  const hidden = raw.length - capped.length + cut;
  if (ordinary.test(capped)) return withRest(capped, hidden);
  const harmless = capped.replaceAll(escapeSequences, (sequence) => (colours ? keptSequence(sequence) : ''));
  const text = expandTabs(foldReturns(dropControls(harmless)));
  return withRest(text.includes('\u001B') ? closed(text) : text, hidden);
}

/** Colours as they are; a link in one spelling, when it leads to a web page and is not endless; nothing else. */
function keptSequence(sequence: string): string {
  if (sgr.test(sequence)) return sequence;
  const link = link8.exec(sequence)?.[1];
  return link === undefined ? '' : `\u001B]8;;${link}\u0007`;
}

const link8 = /^\u001B\]8;[^;]*;((?:https?:\/\/[\u0021-\u007E]{1,2000})?)(?:\u0007|\u001B\\)$/;

/** No link and no colour goes on beyond its line. */
function closed(text: string): string {
  const open = text.lastIndexOf('\u001B]8;;http') > text.lastIndexOf(linkEnd);
  return `${text}${open ? linkEnd : ''}\u001B[0m`;
}

const linkEnd = '\u001B]8;;\u0007';

const ordinary = /^[\u0020-\u007E]*$/;
const sgr = /^\u001B\[[\d;:]*m$/;

/** Strings (OSC, DCS, APC, PM, SOS) up to their end or the end of the line, then CSI, then every other escape. */
const escapeSequences =
  /\u001B[\]PX^_][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)|[\u009D\u0090\u0098\u009E\u009F][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)|[\u001B\u009B]\[?[0-?]*[ -/]*[@-~]|\u001B./g;

/**
 * Controls other than tab, carriage return and the escapes kept; what turns the direction of text around; and characters that
 * nobody sees and whose width terminals do not agree on; the halfwidth marks of voice, which some terminals join, as the wide ones. (Joiners and variation selectors stay: emoji are made with them.)
 */
function dropControls(text: string): string {
  return text
    .replaceAll(
      /(\u001B\]8;;[\u0021-\u007E]*\u0007)|[\u0000-\u0008\u000A-\u000C\u000E-\u001A\u001C-\u001F\u007F-\u009F]/g,
      '$1',
    )
    .replaceAll(/\u001B(?!\[[\d;:]*m|\]8;;[\u0021-\u007E]*\u0007)/g, '')
    .replaceAll('\uFF9E', '\u309B')
    .replaceAll('\uFF9F', '\u309C')
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

function withRest(text: string, hidden: number): string {
  return hidden <= 0 ? text : `${text} … +${Math.ceil(hidden / 1024)} KB`;
}

// Lets the bundled program measure and lay out rows it has seen before without doing so again: a third of the work of a frame.
// The results are the same; tests run on the packages as they are.
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Plugin} from 'esbuild';

type Change = {readonly file: RegExp; readonly before: string; readonly after: string};

const changes: readonly Change[] = [
  {
    // The table behind the expression takes 8 to 27 ms to make, and only emoji are looked up in it.
    file: /[\\/]string-width[\\/]index\.js$/,
    before: 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
    after: `let rgiEmoji;
const rgiEmojiRegex = {test: (segment) => (rgiEmoji ??= /^\\p{RGI_Emoji}$/v).test(segment)};`,
  },
  {
    // Box drawing, the marks of the themes and arrows are one cell each, whatever stands beside them.
    file: /[\\/]string-width[\\/]index\.js$/,
    before: '\tlet width = 0;\n\tconst eastAsianWidthOptions = {ambiguousAsWide: !ambiguousIsNarrow};',
    after: `\tif (ambiguousIsNarrow && ${narrow()}.test(string)) {
\t\treturn string.length;
\t}

\tlet width = 0;
\tconst eastAsianWidthOptions = {ambiguousAsWide: !ambiguousIsNarrow};`,
  },
  {
    // A frame shares most rows with the one before it.
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: '    caches = new OutputCaches();',
    after: '    caches = (sharedCaches = sharedCaches.styledChars.size > 4000 ? new OutputCaches() : sharedCaches);',
  },
  {
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: 'export default class Output {',
    after: 'let sharedCaches = new OutputCaches();\nexport default class Output {',
  },
  {
    // Cells are replaced and never changed: one blank cell stands for the twelve thousand of a large screen.
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: `                row.push({
                    type: 'char',
                    value: ' ',
                    fullWidth: false,
                    styles: [],
                });`,
    after: '                row.push(blank);',
  },
  {
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: 'class OutputCaches {',
    after: `const blank = Object.freeze({type: 'char', value: ' ', fullWidth: false, styles: []});
class OutputCaches {`,
  },
  {
    // Latin letters and box drawing are one cell each; looking that up by the letter takes longer than the letter.
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: 'const characterWidth = Math.max(1, this.caches.getStringWidth(character.value));',
    after: `const code = character.value.length === 1 ? character.value.charCodeAt(0) : 0;
                const isNarrow = (code >= 0x20 && code < 0x7f) || (code >= 0x2500 && code < 0x2580);
                const characterWidth = isNarrow ? 1 : Math.max(1, this.caches.getStringWidth(character.value));`,
  },
  {
    // A row that is made of the same pieces at the same places is the same string: no cell of it is laid again.
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: '    get() {\n',
    after: `    get() {
        if (this.operations.some(({type}) => type !== 'write')) return this.getByCells();
        const pieces = Array.from({length: this.height}, () => []);
        for (const {x, y, text, transformers} of this.operations) {
            for (let [index, line] of this.linesOf(text).entries()) {
                if (!pieces[y + index]) continue;
                for (const transformer of transformers) line = transformer(line, index);
                pieces[y + index].push(x, line);
            }
        }
        return {output: pieces.map((own) => this.rowOf(own)).join('\\n'), height: this.height};
    }
    linesOf(text) {
        const known = linesOfTexts.get(text);
        if (known) return known;
        const characterLines = [[]];
        for (const character of this.caches.getStyledChars(text)) {
            if (character.value === '\\n') characterLines.push([]);
            else characterLines.at(-1).push(character);
        }
        const lines = characterLines.map((line) => styledCharsToString(line));
        if (linesOfTexts.size > 4000) linesOfTexts = new Map();
        linesOfTexts.set(text, lines);
        return lines;
    }
    rowOf(pieces) {
        const key = this.width + '\\n' + pieces.join('\\n');
        const known = rowsOfPieces.get(key);
        if (known !== undefined) return known;
        const cells = new Array(this.width).fill(blank);
        for (let at = 0; at < pieces.length; at += 2) this.writeLine(cells, pieces[at + 1], pieces[at]);
        const row = styledCharsToString(cells.filter((cell) => cell !== undefined)).trimEnd();
        if (rowsOfPieces.size > 2000) rowsOfPieces = new Map();
        rowsOfPieces.set(key, row);
        return row;
    }
    getByCells() {
`,
  },
  {
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: `            const characters = this.caches.getStyledChars(line);
            // Nothing to write (e.g. line was clipped away).
            if (characters.length === 0) {
                continue;
            }
`,
    after: `            this.writeLine(currentLine, line, x);
        }
    }
    writeLine(currentLine, line, x) {
        {
            const characters = this.caches.getStyledChars(line);
            if (characters.length === 0) return;
`,
  },
  {
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    before: 'const blankCell = (cell) => ({',
    after: `let linesOfTexts = new Map();
let rowsOfPieces = new Map();
const blankCell = (cell) => ({`,
  },
  {
    // Every row of the screen goes through this in every frame, and is the same as before in nearly every one.
    file: /[\\/]ink[\\/]build[\\/]sanitize-ansi\.js$/,
    before: 'export default sanitizeAnsi;',
    after: `let sanitized = new Map();
export default text => {
    const known = sanitized.get(text);
    if (known !== undefined) return known;
    const clean = sanitizeAnsi(text);
    if (sanitized.size > 4000) sanitized = new Map();
    sanitized.set(text, clean);
    return clean;
};`,
  },
];

/** Throws when a package is not as it was when this was written: then it has to be looked at again. */
export function cheaperFrames(): Plugin {
  return {
    name: 'cheaper-frames',
    setup(build) {
      const {initialOptions} = build;
      initialOptions.define = {...initialOptions.define, 'Intl.Segmenter': 'LateSegmenter'};
      initialOptions.inject = [...(initialOptions.inject ?? []), path.join(import.meta.dirname, 'late-segmenter.ts')];
      build.onLoad(
        {filter: /[\\/](?:string-width[\\/]index|ink[\\/]build[\\/](?:output|sanitize-ansi))\.js$/},
        async ({path: file}) => {
          const text = await readFile(file, 'utf8');
          return {contents: changes.filter((change) => change.file.test(file)).reduce(apply, text), loader: 'js'};
        },
      );
    },
  };
}

function apply(text: string, {file, before, after}: Change): string {
  const parts = text.split(before);
  if (parts.length !== 2)
    throw new Error(`expected the known text once in ${String(file)}, found it ${parts.length - 1} times`);
  return parts.join(after);
}

function narrow(): string {
  return '/^[\\u0020-\\u007E\\u00B1\\u00B7\\u2026\\u2016\\u203A\\u2190-\\u2193\\u21BB\\u2261\\u2298\\u2500-\\u257F\\u258C\\u25A0\\u25CB\\u25CF\\u25D0\\u2713\\u2717]*$/';
}

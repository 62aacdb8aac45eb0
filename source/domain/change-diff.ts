// What a change changed, line by line: the text under a reason in a build's log and in `build status`.
import type {Change} from './change.ts';
import {plainYaml, type PlainData} from './plain-yaml.ts';

/** One line; ' ' stands on both sides, '-' only on the old one, '+' only on the new one. */
export type DiffLine = {readonly sign: ' ' | '+' | '-'; readonly text: string};

/**
 * The line difference of a change's old and new value, empty lines left out (kpack `pkg/differ`: strings as they are,
 * everything else as YAML; null and '' are nothing, so BUILDPACK shows only what went away).
 */
export function changeDiff(change: Change): readonly DiffLine[] {
  const before = sideLines(change.reason === 'BUILDPACK' ? identities(change.old) : change.old);
  const after = sideLines(change.new);
  return lineDiff(before, after).filter((line) => line.text.trim() !== '');
}

/** A diff line as kpack prints it: common lines without a sign. */
export function diffLineText(line: DiffLine): string {
  return line.sign === ' ' ? line.text : `${line.sign} ${line.text}`;
}

/** kpack records a buildpack's id and version only; where it lives is not part of the change. */
function identities(buildpacks: readonly {readonly id: string; readonly version: string}[]): PlainData {
  return buildpacks.map(({id, version}) => ({id, version}));
}

/** A change's value is plain data by construction; the compiler cannot see that through its named types. */
function sideLines(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  const text = typeof value === 'string' ? value : plainYaml(value as PlainData);
  return text.split('\n');
}

/** What both begin and end with is common; between, see `innerDiff`. */
function lineDiff(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    ...before.slice(0, head).map(common),
    ...innerDiff(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(common),
  ];
}

function common(text: string): DiffLine {
  return {sign: ' ', text};
}

/** The longest common subsequence decides; where both fit, what went away comes first. */
function innerDiff(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const lengths = commonLengths(before, after);
  const result: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const length = lengths[i]?.[j] ?? 0;
    if (i < before.length && length === (lengths[i + 1]?.[j] ?? 0)) {
      result.push({sign: '-', text: before[i] ?? ''});
      i += 1;
    } else if (j < after.length && length === (lengths[i]?.[j + 1] ?? 0)) {
      result.push({sign: '+', text: after[j] ?? ''});
      j += 1;
    } else {
      result.push(common(before[i] ?? ''));
      i += 1;
      j += 1;
    }
  }
  return result;
}

/** `[i][j]`: how many lines `before` from i and `after` from j have in common, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const table: number[][] = Array.from({length: before.length + 1}, () =>
    Array.from({length: after.length + 1}, () => 0),
  );
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = table[i] ?? [];
      row[j] =
        before[i] === after[j]
          ? (table[i + 1]?.[j + 1] ?? 0) + 1
          : Math.max(table[i + 1]?.[j] ?? 0, table[i]?.[j + 1] ?? 0);
    }
  }
  return table;
}

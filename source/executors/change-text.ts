// The reasons of a build as its log shows them: kpack's change logger (pkg/buildchange/change_logger.go, pkg/differ/differ.go).
import {stringify} from 'yaml';
import {type Change, reasonText} from '../domain/change.ts';

/**
 * `Build reason(s): A,B`, then for each reason a heading and a coloured line diff indented by a tab; ends with a newline.
 * Both sides are YAML with sorted keys, strings are taken as they are, empty lines are dropped.
 */
export function changeText(changes: readonly Change[]): string {
  const blocks = changes.map((change) => `${change.reason}:\n${differenceText(change.old, change.new)}`);
  return `Build reason(s): ${reasonText(changes)}\n${blocks.join('')}`;
}

function differenceText(before: unknown, after: unknown): string {
  const lines = differingLines(asLines(before), asLines(after));
  return lines.map((line) => `\t${lineText(line)}\n`).join('');
}

function asLines(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  const text = typeof value === 'string' ? value : stringify(value, {sortMapEntries: true, lineWidth: 0});
  return text.split('\n').filter((line) => line !== '');
}

type DiffLine = {readonly kind: 'removed' | 'added' | 'common'; readonly text: string};

/** The longest common subsequence; within a replaced block what was removed comes first. */
function differingLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const common = commonLengths(before, after);
  const lines: DiffLine[] = [];
  let left = 0;
  let right = 0;
  while (left < before.length || right < after.length) {
    const old = before[left];
    const fresh = after[right];
    if (old !== undefined && old === fresh) {
      lines.push({kind: 'common', text: old});
      left += 1;
      right += 1;
    } else if (
      old !== undefined &&
      (fresh === undefined || at(common, left + 1, right) >= at(common, left, right + 1))
    ) {
      lines.push({kind: 'removed', text: old});
      left += 1;
    } else if (fresh !== undefined) {
      lines.push({kind: 'added', text: fresh});
      right += 1;
    }
  }
  return lines;
}

/** `[i][j]`: how many lines `before` from i and `after` from j have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({length: before.length + 1}, () => Array<number>(after.length + 1).fill(0));
  for (let left = before.length - 1; left >= 0; left -= 1) {
    const row = table[left];
    if (!row) continue;
    for (let right = after.length - 1; right >= 0; right -= 1) {
      row[right] =
        before[left] === after[right]
          ? at(table, left + 1, right + 1) + 1
          : Math.max(at(table, left + 1, right), at(table, left, right + 1));
    }
  }
  return table;
}

function at(table: readonly (readonly number[])[], row: number, column: number): number {
  return table[row]?.[column] ?? 0;
}

const green = '\u001B[0;32m';
const red = '\u001B[0;31m';
const plain = '\u001B[0m';

function lineText(line: DiffLine): string {
  switch (line.kind) {
    case 'removed':
      return `${red}-${plain} ${red}${line.text}${plain}`;
    case 'added':
      return `${green}+${plain} ${green}${line.text}${plain}`;
    case 'common':
      return line.text;
    default:
      return line.kind satisfies never;
  }
}

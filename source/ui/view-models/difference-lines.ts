// What differs between two run images, in a few lines: what an operator wants to know before a patch.
import type {BaseDifference, OsPackage, PackageChange} from '../../domain/base-difference.ts';
import {countText, sizeText} from './names.ts';
import {type Line, span} from './spans.ts';

/** At most `most` lines: packages that change first, then those that come and go, then findings. */
export function differenceLines(difference: BaseDifference, arrow: string, most: number): readonly Line[] {
  const all = [...packageLines(difference, arrow), ...findingLines(difference)];
  if (all.length <= most) return all;
  return [...all.slice(0, most - 1), [span(`and ${all.length - most + 1} more`, 'faint')]];
}

/** `12 packages change, 1 comes, 2 go, 3.1 MB more`. */
export function differenceSummary({packages, sizeDelta}: BaseDifference): string {
  if (packages.kind === 'unknown') return packages.why;
  const {changed, added, removed, unchanged} = packages;
  const words = [
    changed.length > 0 ? countText(changed.length, 'package changes', 'packages change') : '',
    added.length > 0 ? `${added.length} new` : '',
    removed.length > 0 ? `${removed.length} gone` : '',
    `${unchanged} the same`,
    sizeDelta === 0 ? '' : `${sizeText(Math.abs(sizeDelta))} ${sizeDelta > 0 ? 'more' : 'less'}`,
  ];
  return words.filter(Boolean).join(', ');
}

function packageLines({packages}: BaseDifference, arrow: string): readonly Line[] {
  if (packages.kind === 'unknown') return [];
  return [
    ...packages.changed.map((change) => changedLine(change, arrow)),
    ...packages.added.map((one): Line => [span(`+ ${nameOf(one)}`.padEnd(26), 'added'), span(one.version, 'added')]),
    ...packages.removed.map((one): Line => [span(`- ${nameOf(one)}`.padEnd(26), 'removed'), span(one.version, 'dim')]),
  ];
}

function changedLine(change: PackageChange, arrow: string): Line {
  const {direction, old, new: next} = change;
  const down = direction === 'down' ? [span('  older', 'warning')] : [];
  return [
    span(`  ${nameOf(change)}`.padEnd(26)),
    span(old, 'removed'),
    span(` ${arrow} `, 'dim'),
    span(next, 'added'),
    ...down,
  ];
}

function nameOf({name}: Pick<OsPackage, 'name'>): string {
  return name;
}

function findingLines({findings}: BaseDifference): readonly Line[] {
  if (!findings) return [];
  const {scanner, fixed, introduced, remaining} = findings;
  return [
    [
      span(`${scanner}: `, 'dim'),
      span(`${fixed.length} fixed`, 'ready'),
      span(', ', 'dim'),
      span(`${introduced.length} new`, introduced.length > 0 ? 'failed' : 'dim'),
      span(`, ${remaining.length} remain`, 'dim'),
    ],
  ];
}

// What a failed build was made from that the last successful one was not: where to look first.
import type {Build} from '../../domain/build.ts';
import {buildDifferences} from './build-differences.ts';
import {type Line, span} from './spans.ts';

/** A heading and at most `most` differences; nothing while no build before it succeeded. */
export function sinceSuccessLines(build: Build, builds: readonly Build[], arrow: string, most = 4): readonly Line[] {
  const success = builds.findLast(({number, state}) => number < build.number && state === 'succeeded');
  if (!success) return [];
  const name = span('changed'.padEnd(indent.length), 'dim');
  const differences = buildDifferences(success, build, arrow);
  if (differences.length === 0) return [[name, span(`nothing since build ${success.number}, which succeeded`)]];
  const more = differences.length - most;
  return [
    [name, span(`since build ${success.number}, which succeeded:`)],
    ...differences.slice(0, most).map((line) => [span(indent), ...line]),
    ...(more > 0 ? [[span(indent), span(`${more} more: mark build ${success.number} in the history`, 'dim')]] : []),
  ];
}

const indent = ' '.repeat(11);

// Where a query stands in a painted line: the same rule of case as the controller's search.
import type {LogQuery} from './log-view.ts';

/** Beginnings and ends, in order, of what matches in a text without escapes; at most 200. */
export type FindMatches = (text: string) => readonly (readonly [from: number, to: number])[];

/** Finds nothing for an expression that is none. */
export function matchFinder(query: LogQuery | undefined): FindMatches {
  const expression = query && expressionOf(query);
  if (!expression) return () => [];
  return (text) => {
    const found: [number, number][] = [];
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match && found.length < mostMatches; match = expression.exec(text)) {
      if (match[0] === '') expression.lastIndex++;
      else found.push([match.index, match.index + match[0].length]);
    }
    return found;
  };
}

const mostMatches = 200;

function expressionOf({pattern, regex}: LogQuery): RegExp | undefined {
  const letters = regex ? pattern.replaceAll(/\\[pP]\{[^}]*\}|\\./gu, '') : pattern;
  const flags = letters === letters.toLowerCase() ? 'giu' : 'gu';
  try {
    return new RegExp(regex ? pattern : escaped(pattern), flags);
  } catch {
    // The controller says what is wrong with it; here there is nothing to mark.
    return undefined;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

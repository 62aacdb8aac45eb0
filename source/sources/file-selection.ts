// Which files of a source the include and exclude lists of its project descriptor leave.
import ignore, {type Ignore} from 'ignore';
import type {ProjectDescriptor} from './project-descriptor.ts';

export type FileSelection = {
  /** Whether the entry stays; `path` is relative with `/`, a directory's ends with one. */
  selects(path: string): boolean;
  /** Whether nothing below this directory can stay. */
  rulesOut(directory: string): boolean;
};

/**
 * As pack's and kpack's filters do, the last pattern that matches the path or a directory above it decides; unlike git, a later `!pattern`
 * brings back a file of an excluded directory. Undefined when the descriptor lists nothing.
 */
export function fileSelection({include, exclude}: ProjectDescriptor): FileSelection | undefined {
  if (exclude && exclude.length > 0) {
    const rules = exclude.flatMap(patternRule);
    const bringsBack = rules.some(({brings}) => !brings);
    return {
      selects: (path) => !matches(rules, path),
      rulesOut: (directory) => !bringsBack && matches(rules, directory),
    };
  }
  if (include && include.length > 0) {
    const rules = include.flatMap(patternRule);
    return {selects: (path) => matches(rules, path), rulesOut: () => false};
  }
  return undefined;
}

type PatternRule = {readonly pattern: Ignore; readonly brings: boolean};

function patternRule(text: string): readonly PatternRule[] {
  const negated = text.startsWith('!');
  const body = negated ? text.slice(1) : text;
  if (body.trim() === '' || text.startsWith('#')) return [];
  const single = body.startsWith('!') ? `\\${body}` : body;
  return [{pattern: ignore({ignoreCase: false}).add({pattern: single}), brings: !negated}];
}

function matches(rules: readonly PatternRule[], path: string): boolean {
  return rules.findLast(({pattern}) => pattern.ignores(path))?.brings ?? false;
}

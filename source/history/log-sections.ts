// Where phases begin: the first line of each phase in each attempt; and the buildpacks among them.
import type {LogSection} from '../ports/history.ts';
import type {LineRecord} from './line-index.ts';

/** Adds a section when `line` is the first of its phase in its attempt. A late line of an earlier phase begins nothing. */
export function addToSections(sections: LogSection[], {phase, attempt}: LineRecord, line: number): void {
  const newest = sections.at(-1);
  if (newest?.phase === phase && newest.attempt === attempt) return;
  if (sections.some((section) => section.phase === phase && section.attempt === attempt)) return;
  sections.push({phase, attempt, line});
}

/** Both in the order of their lines; where a phase and its first buildpack begin together the phase comes first. */
export function mergeSections(phases: readonly LogSection[], buildpacks: readonly LogSection[]): readonly LogSection[] {
  if (buildpacks.length === 0) return phases;
  return [...phases, ...buildpacks].toSorted((one, other) => one.line - other.line || rank(one) - rank(other));
}

function rank({buildpack}: LogSection): number {
  return buildpack === undefined ? 0 : 1;
}

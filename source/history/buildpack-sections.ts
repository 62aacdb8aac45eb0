// Where buildpacks begin in a log: one line of JSON each, in a small file beside the log.
import {appendFileSync, readFileSync, writeFileSync} from 'node:fs';
import type {LogSection} from '../ports/history.ts';
import {phaseCodes} from './line-index.ts';

/** Those that begin before line `total`; a line that cannot be read is left out. Throws what the system said. */
export function readBuildpackSections(path: string, total: number): readonly LogSection[] {
  return textOf(path)
    .split('\n')
    .flatMap((line) => sectionOf(line) ?? [])
    .filter((section) => section.line < total);
}

export function addBuildpackSection(path: string, section: LogSection): void {
  appendFileSync(path, `${JSON.stringify(section)}\n`, {mode: 0o600});
}

/** Before an attempt is appended: sections whose lines a crash took would else name lines of the new attempt. */
export function keepBuildpackSections(path: string, total: number): void {
  const text = textOf(path);
  const kept = readBuildpackSections(path, total).map((section) => `${JSON.stringify(section)}\n`);
  if (kept.join('') !== text) writeFileSync(path, kept.join(''), {mode: 0o600});
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function sectionOf(text: string): LogSection | undefined {
  try {
    const {phase, attempt, line, buildpack, at} = JSON.parse(text) as Partial<LogSection>;
    const whole = typeof attempt === 'number' && typeof line === 'number' && typeof at === 'number';
    if (!whole || typeof buildpack !== 'string' || phase === undefined || !Object.hasOwn(phaseCodes, phase)) {
      return undefined;
    }
    return {phase, attempt, line, buildpack, at};
  } catch {
    return undefined;
  }
}

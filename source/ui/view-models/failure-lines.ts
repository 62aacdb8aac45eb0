// What went wrong in one glance: the failure card, and the same words in the summary after quitting.
import type {Build} from '../../domain/build.ts';
import type {BuildFailure} from '../../domain/failure.ts';
import {wrapWords} from '../primitives/wrap-words.ts';
import type {Role} from '../theme/theme.ts';
import {type Line, span} from './spans.ts';

/**
 * The card's lines: what the exit code means, the first error line, what to do next; where it failed stands above them.
 * Sentences are broken at `width`; without one they stay whole.
 */
export function failureLines(failure: BuildFailure, width = Infinity): readonly Line[] {
  return [
    ...entry(failure.exitCode === undefined ? 'because' : `exit ${failure.exitCode}`, failure.meaning, 'text', width),
    ...(failure.message === '' ? [] : entry('says', oneLine(failure.message), 'strong', width)),
    ...entry('next', failure.next ?? nextStep(failure), 'accent', width),
  ];
}

const indent = 11;

function entry(name: string, text: string, role: Role, width: number): readonly Line[] {
  const rows = width === Infinity ? [text] : wrapWords(text, Math.max(8, width - indent), 4);
  return rows.map((row, at) => [span((at === 0 ? name : '').padEnd(indent), 'dim'), span(row, role)]);
}

/** The failure without colours, for the primary screen. */
export function failureText(build: Build): readonly string[] {
  if (!build.failure) return [];
  return failureLines(build.failure).map((line) => line.map(({text}) => text).join(''));
}

function nextStep({phase}: BuildFailure): string {
  return phase === 'detect'
    ? 'check the source and the order of the builder, then rebuild with r'
    : 'read the log with l, mend the cause, then rebuild with r';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

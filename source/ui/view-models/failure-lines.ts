// What went wrong in one glance: the failure card, and the same words in the summary after quitting.
import type {Build} from '../../domain/build.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import type {BuildFailure} from '../../domain/failure.ts';
import {type Line, span} from './spans.ts';

/** The card's lines: where it failed, what the exit code means, the first error line, what to do next. */
export function failureLines(failure: BuildFailure): readonly Line[] {
  return [
    [span('failed in ', 'dim'), span(failure.phase, 'failed'), ...buildpackOf(failure)],
    [...exitOf(failure), span(failure.meaning)],
    ...(failure.message === '' ? [] : [[span('says      ', 'dim'), span(oneLine(failure.message), 'strong')]]),
    [span('next      ', 'dim'), span(failure.next ?? nextStep(failure))],
  ];
}

/** The failure without colours, for the primary screen. */
export function failureText(build: Build): readonly string[] {
  if (!build.failure) return [];
  return failureLines(build.failure).map((line) => line.map(({text}) => text).join(''));
}

function buildpackOf({buildpack}: BuildFailure): Line {
  return buildpack ? [span(' of ', 'dim'), span(buildpackLabel(buildpack), 'accent')] : [];
}

function exitOf({exitCode}: BuildFailure): Line {
  return exitCode === undefined ? [span('because   ', 'dim')] : [span(`exit ${exitCode}`.padEnd(10), 'dim')];
}

function nextStep({phase}: BuildFailure): string {
  return phase === 'detect'
    ? 'check the source and the order of the builder, then rebuild with r'
    : 'read the log with l, mend the cause, then rebuild with r';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

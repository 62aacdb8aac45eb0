// Which lines are on view, folded or filtered: walked in both directions, against a list made the slow way.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createLineList, stepMatch} from '../../source/ui/log/line-list.ts';
import {filteredOutline, foldedOutline, type LogOutline} from '../../source/ui/log/log-outline.ts';
import {type LogPart, logParts, unfolded} from '../../source/ui/log/log-parts.ts';
import {firstLogView} from '../../source/ui/log/log-view.ts';
import {aBuild} from '../support/builders.ts';

function listOf(lines: readonly number[]) {
  const list = createLineList();
  list.add(lines);
  return list;
}

function aPart(from: number, to: number, folded: boolean): LogPart {
  return {key: `${from}`, phase: 'build', attempt: 1, from, to, state: 'succeeded', folded};
}

function forwards(outline: LogOutline): readonly number[] {
  const entries: number[] = [];
  for (let at = outline.from(0); at !== undefined; at = outline.next(at)) entries.push(at);
  return entries;
}

function backwards(outline: LogOutline): readonly number[] {
  const entries: number[] = [];
  for (let at = outline.upTo(Infinity); at !== undefined; at = outline.previous(at)) entries.unshift(at);
  return entries;
}

describe('an outline', () => {
  test('with folded parts holds the first line of each and every line outside, both ways', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({max: 8}), fc.boolean()), {maxLength: 8}), (sizes) => {
        let from = 0;
        const parts = sizes.map(([size, folded]) => {
          const part = aPart(from, from + size, folded);
          from += size;
          return part;
        });
        const wanted = Array.from({length: from}, (_, line) => line).filter((line) =>
          parts.every((part) => !part.folded || line < part.from || line >= part.to || line === part.from),
        );
        const outline = foldedOutline(from, parts);
        expect(forwards(outline)).toEqual(wanted);
        expect(backwards(outline)).toEqual(wanted);
      }),
    );
  });

  const total = 60;
  const someLines = fc.uniqueArray(fc.integer({min: 0, max: total - 1}), {maxLength: 40});

  test('with a filter holds the matches and what stands around them, both ways', () => {
    fc.assert(
      fc.property(someLines, fc.nat({max: 4}), (found, context) => {
        const matches = {lines: listOf(found.toSorted((a, b) => a - b)), done: true, searched: total};
        const outline = filteredOutline([], {pattern: 'x', regex: false, inverse: false, context}, matches);
        const wanted = Array.from({length: total}, (_, line) => line).filter((line) =>
          found.some((match) => Math.abs(match - line) <= context),
        );
        expect(forwards(outline)).toEqual(wanted);
        expect(backwards(outline)).toEqual(wanted);
      }),
    );
  });

  test('with a filter turned round holds every other line, both ways', () => {
    fc.assert(
      fc.property(someLines, (found) => {
        const matches = {lines: listOf(found.toSorted((a, b) => a - b)), done: true, searched: total};
        const outline = filteredOutline([], {pattern: 'x', regex: false, inverse: true, context: 2}, matches);
        const wanted = Array.from({length: total}, (_, line) => line).filter((line) => !found.includes(line));
        expect(forwards(outline)).toEqual(wanted);
        expect(backwards(outline)).toEqual(wanted);
      }),
    );
  });
});

test('n and N go round at both ends', () => {
  const lines = listOf([3, 7, 9]);
  expect([stepMatch(lines, 3, 1), stepMatch(lines, 9, 1), stepMatch(lines, 7, -1), stepMatch(lines, 3, -1)]).toEqual([
    7, 3, 3, 9,
  ]);
  expect(stepMatch(listOf([]), 3, 1)).toBeUndefined();
  expect(stepMatch(listOf([0]), 0, -1)).toBe(0);
});

describe('the parts of a log', () => {
  const sections = [
    {phase: 'restore', attempt: 1, line: 0},
    {phase: 'build', attempt: 1, line: 10},
    {phase: 'build', attempt: 1, line: 10, buildpack: 'a@1', at: 5000},
    {phase: 'build', attempt: 1, line: 20, buildpack: 'b@1', at: 7500},
  ] as const;
  const build = aBuild({
    state: 'running',
    attempts: [{number: 1, startedAt: 0, state: 'running'}],
    phases: [
      {name: 'restore', state: 'succeeded', startedAt: 1000, finishedAt: 4200},
      {name: 'build', state: 'running', startedAt: 4300},
    ],
  });
  const partsWith = (view: Partial<typeof firstLogView>, autoFold = true) =>
    logParts({sections, total: 30, build, view: {...firstLogView, ...view}, autoFold});

  test('end where the next one begins, with the time each took', () => {
    expect(partsWith({}).map(({key, from, to, state, took}) => [key, from, to, state, took])).toEqual([
      ['1/restore', 0, 10, 'succeeded', 3200],
      ['1/build', 10, 30, 'running', undefined],
      ['1/build/a@1', 10, 20, 'succeeded', 2500],
      ['1/build/b@1', 20, 30, 'running', undefined],
    ]);
  });

  test('fold by themselves when they went well, unless somebody reads in them or said otherwise', () => {
    const folded = (parts: readonly LogPart[]) => parts.filter((part) => part.folded).map(({key}) => key);
    expect(folded(partsWith({}))).toEqual(['1/restore']);
    expect(folded(partsWith({follow: false, top: 5}))).toEqual([]);
    expect(folded(partsWith({folds: {'1/restore': false, '1/build/a@1': true}}))).toEqual(['1/build/a@1']);
    expect(folded(partsWith({}, false))).toEqual([]);
  });

  test('are opened where a line in them is to be seen', () => {
    const parts = partsWith({folds: {'1/build': true, '1/build/a@1': true}});
    expect(unfolded({}, parts, 12)).toEqual({'1/build': false, '1/build/a@1': false});
    expect(unfolded({x: true}, parts, 29)).toEqual({x: true, '1/build': false});
  });
});

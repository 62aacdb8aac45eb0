// How reasons are written: all of them, and the one word of a table.
import {expect, test} from 'vitest';
import {isUserMade, type Reason, reasonOrder, reasonText, shortReason} from '../../source/domain/change.ts';

const of = (...reasons: readonly Reason[]) => reasons.map((reason) => ({reason}));

test.each<readonly [readonly Reason[], string, string]>([
  [[], '', 'UNKNOWN'],
  [['STACK'], 'STACK', 'STACK'],
  [['STACK', 'COMMIT'], 'COMMIT,STACK', 'COMMIT+'],
  [['COMMIT', 'CONFIG'], 'COMMIT,CONFIG', 'CONFIG+'],
  [['COMMIT', 'BUILDPACK'], 'COMMIT,BUILDPACK', 'COMMIT+'],
  [['STACK', 'BUILDPACK'], 'BUILDPACK,STACK', 'BUILDPACK+'],
  [['LIFECYCLE', 'STACK'], 'STACK,LIFECYCLE', 'STACK+'],
  [['BUILDPACK', 'TRIGGER'], 'TRIGGER,BUILDPACK', 'BUILDPACK+'],
  [['STACK', 'TRIGGER'], 'TRIGGER,STACK', 'TRIGGER+'],
])('%j reads "%s", in a table "%s"', (reasons, text, short) => {
  expect(reasonText(of(...reasons))).toBe(text);
  expect(shortReason(of(...reasons))).toBe(short);
});

test('a person makes TRIGGER, COMMIT and CONFIG; the rest is maintenance', () => {
  expect(reasonOrder.filter(isUserMade)).toEqual(['TRIGGER', 'COMMIT', 'CONFIG']);
});

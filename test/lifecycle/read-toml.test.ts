// Numbers in TOML as upstream's decoder takes them (toml.io/en/v1.0.0#integer, #float): what does not fit is an error, infinity is a value.
import {expect, test} from 'vitest';
import {parseTomlText} from '../../source/lifecycle/read-toml.ts';

test.each([
  ['a = 9223372036854775807', {a: 9223372036854775807n}],
  ['a = 1e308', {a: 1e308}],
  ['a = inf\nb = -inf\nc = 1e100', {a: Infinity, b: -Infinity, c: 1e100}],
])('%j is read', (text, table) => {
  expect(parseTomlText(text, '/layers/a.toml').table).toEqual(table);
});

test.each([
  ['a = 9223372036854775808', 'out of range for a 64-bit integer'],
  ['[[b]]\na = [0xffff_ffff_ffff_ffff]', 'out of range for a 64-bit integer'],
  ['a = 1e400', 'out of range for a 64-bit float'],
  ['a = inf\nb = {c = -1E+999}', 'out of range for a 64-bit float'],
  [`a = ${'9'.repeat(400)}.0`, 'out of range for a 64-bit float'],
])('%j is refused with its file', (text, problem) => {
  expect(() => parseTomlText(text, '/layers/a.toml')).toThrow(/^\/layers\/a\.toml: not valid TOML: /);
  expect(() => parseTomlText(text, '/layers/a.toml')).toThrow(problem);
});

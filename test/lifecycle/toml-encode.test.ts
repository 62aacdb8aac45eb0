import fc from 'fast-check';
import {parse} from 'smol-toml';
import {describe, expect, test} from 'vitest';
import {encodeToml, OrderedTable, RawToml} from '../../source/lifecycle/toml-encode.ts';
import {parseTomlText} from '../../source/lifecycle/read-toml.ts';
import type {TomlTable, TomlValue} from '../../source/lifecycle/toml-value.ts';

// What BurntSushi/toml v1.6.0 printed for these documents, read by itself and written again.
const rewritten = [
  {
    note: 'values before tables, tables before lists of tables by name, inline tables sorted',
    document: `a=1
z=[{b=1,a=[1,2]},{c='x'}]
[t]
x=1979-05-27T07:32:00.120+02:00
y=1979-05-27
w=07:32:00
v=1979-05-27T07:32:00
[t."q r"]
s="a\\u0001\\t\\"\\\\\\u007f é"
[[t.arr]]
k=[]
[[t.arr]]
[t.arr.sub]
mixed=[1,'a',{x=1,y={z=2},b=[]}]
`,
    expected: `a = 1

[t]
  v = 1979-05-27T07:32:00
  w = 07:32:00
  x = 1979-05-27T07:32:00.12+02:00
  y = 1979-05-27

  [[t.arr]]
    k = []

  [[t.arr]]
    [t.arr.sub]
      mixed = [1, "a", {b = [], x = 1, y = {z = 2}}]
  [t."q r"]
    s = "a\\u0001\\t\\"\\\\\\u007f é"

[[z]]
  a = [1, 2]
  b = 1

[[z]]
  c = "x"
`,
  },
  {note: 'empty things', document: 'e={}\nx=[[],[1]]\n""=1\n', expected: '"" = 1\nx = [[], [1]]\n\n[e]\n'},
];

const floats: readonly (readonly [number, string])[] = [
  [1, '1.0'],
  [10, '10.0'],
  [0.1, '0.1'],
  [123456, '123456.0'],
  [999999, '999999.0'],
  [1e6, '1e+06'],
  [1234567, '1.234567e+06'],
  [12345678.5, '1.23456785e+07'],
  [123456789012345680, '1.2345678901234568e+17'],
  [1e20, '1e+20'],
  [1e100, '1e+100'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [-2.5, '-2.5'],
  [0.1 + 0.2, '0.30000000000000004'],
];

describe('TOML as upstream writes it', () => {
  test.for(rewritten)('$note', ({document, expected}) => {
    expect(encodeToml(parseTomlText(document, 'document').table)).toBe(expected);
  });

  test.for(floats)('%d is written %s', ([value, text]) => {
    expect(encodeToml({f: value})).toBe(`f = ${text}\n`);
  });

  test('an ordered table keeps the order of its values, then of its tables, and leaves out what is undefined', () => {
    const table = new OrderedTable([
      ['tables', [new OrderedTable([['k', 'v']])]],
      ['z', 'last'],
      ['nothing', undefined],
      ['a', new RawToml('["<"]')],
      ['none', []],
    ]);
    expect(encodeToml(table)).toBe('z = "last"\na = ["<"]\nnone = []\n\n[[tables]]\n  k = "v"\n');
  });

  test('names sort by their bytes', () => {
    expect(encodeToml({'\u{1F600}': 1n, '\uFF5E': 2n})).toBe('"\uFF5E" = 2\n"\u{1F600}" = 1\n');
  });

  test('whatever is written reads back the same', () => {
    fc.assert(
      fc.property(tables, (table) => {
        expect(parseTomlText(encodeToml(table), 'written').table).toEqual(table);
      }),
      {numRuns: 300},
    );
  });

  test('an array with nothing in it is refused', () => {
    expect(() => encodeToml({a: [undefined] as unknown as TomlValue})).toThrow(/TOML can hold/);
    expect(parse('a = 1')).toEqual({a: 1});
  });
});

const keys = fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key));

const {tables} = fc.letrec<{tables: TomlTable; values: TomlValue}>((tie) => ({
  tables: fc.dictionary(keys, tie('values'), {maxKeys: 4, noNullPrototype: true}),
  values: fc.oneof(
    {maxDepth: 3},
    fc.string(),
    fc.boolean(),
    fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n}),
    fc.double({noNaN: true}),
    fc.array(tie('values'), {maxLength: 3}),
    tie('tables'),
  ),
}));

// Plain data as YAML: the text another reader understands as the same data.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {plainYaml, type PlainData} from '../../source/domain/plain-yaml.ts';

describe('plain YAML', () => {
  test('sorts keys, indents by two and leaves lists at their key', () => {
    const data = {source: {git: {url: 'u', revision: 'main'}}, env: [{value: 'v', name: 'n'}], resources: {}, none: []};
    expect(plainYaml(data)).toBe(
      'env:\n- name: "n"\n  value: v\nnone: []\nresources: {}\nsource:\n  git:\n    revision: main\n    url: u\n',
    );
  });

  test('leaves out what is undefined and keeps null', () => {
    expect(plainYaml({a: undefined, b: null})).toBe('b: null\n');
  });

  test.each([
    ['true', '"true"'],
    ['yes', '"yes"'],
    ['1', '"1"'],
    ['1.10', '"1.10"'],
    ['0x1F', '"0x1F"'],
    ['12e3', '"12e3"'],
    ['2024-01-02', '"2024-01-02"'],
    ['', '""'],
    ['~', '"~"'],
    ['1.2.3', '1.2.3'],
    ['a: b', "'a: b'"],
    ['*star', "'*star'"],
    ["it's - fine", "it's - fine"],
    ['- dash', "'- dash'"],
    ['hash # tag', "'hash # tag'"],
    ['tab\there', '"tab\\there"'],
    ['sha256:4284', 'sha256:4284'],
    ['two\nlines', '|-\n  two\n  lines'],
    ['two\nlines\n', '|\n  two\n  lines'],
    [' leading\nspace', '" leading\\nspace"'],
  ])('writes the string %j as %s', (value, written) => {
    expect(plainYaml({key: value})).toBe(`key: ${written}\n`);
  });

  test('is read back as the same data', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({unit: 'grapheme'}),
      fc.constantFrom('no', '1:30', 'a\n\nb\n', '\u0085', '\r'),
    );
    const data = fc.letrec<{value: PlainData}>((tie) => ({
      value: fc.oneof(
        {maxDepth: 3},
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), {maxLength: 3}),
        fc.dictionary(text, tie('value'), {maxKeys: 3, noNullPrototype: true}),
      ),
    })).value;
    fc.assert(
      fc.property(data, (value) => {
        expect(parse(plainYaml({value}))).toEqual({value});
      }),
      {numRuns: 300},
    );
  });
});

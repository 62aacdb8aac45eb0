import {describe, expect, test} from 'vitest';
import {parseTomlText} from '../../source/lifecycle/read-toml.ts';

const read = (text: string) => parseTomlText(text, '/layers/x.toml').table;
const written = (value: unknown) => (value instanceof Date ? value.toISOString() : value);

describe('a date of a buildpack', () => {
  test.for([
    ['2020-01-02T03:04:05.123456789Z', '2020-01-02T03:04:05.123456789Z'],
    ['2020-01-02 03:04:05.1234Z', '2020-01-02T03:04:05.1234Z'],
    ['2020-01-02T03:04:05.123456-07:30', '2020-01-02T03:04:05.123456-07:30'],
    ['2020-01-02T03:04:05.0000001', '2020-01-02T03:04:05.0000001'],
    ['03:04:05.000001', '03:04:05.000001'],
    ['2020-01-02T03:04:05.1234567891234Z', '2020-01-02T03:04:05.123456789Z'],
    ['2020-01-02T03:04:05.123Z', '2020-01-02T03:04:05.123Z'],
  ])('%s keeps its digits to nanoseconds', ([text = '', expected]) => {
    const {a, b} = read(`a = ${text} # 2020-01-02T03:04:05.123456Z\nb = [{c = ${text}}]`);
    const [inList] = b as readonly {readonly c: unknown}[];
    expect([written(a), written(inList?.c)]).toEqual([expected, expected]);
  });

  test('in quotes is a text', () => {
    const text = '2020-01-02T03:04:05.123456789Z';
    expect(read(`a = "${text}"\nb = '${text}'\nc = """\n${text}"""`)).toEqual({a: text, b: text, c: text});
  });

  test('that is none is refused', () => {
    expect(() => read('a = 2020-13-02T03:04:05.123456Z')).toThrow('/layers/x.toml: not valid TOML');
  });
});

import {describe, expect, test} from 'vitest';
import {readProjectDescriptor} from '../../source/sources/project-descriptor.ts';
import {aDirectory, writeFiles} from './a-repository.ts';

const read = (text: string, path?: string) =>
  readProjectDescriptor(writeFiles(aDirectory(), {[path ?? 'project.toml']: text}), path);

test('no descriptor is an empty one', () => {
  expect(readProjectDescriptor(aDirectory())).toEqual({env: [], notes: []});
});

test('a descriptor that the image asks for must be there', () => {
  expect(() => readProjectDescriptor(aDirectory(), 'p.toml')).toThrow('p.toml: the image asks for this');
});

test.each([
  ['0.2', '[_]\nschema-version = "0.2"\n[[io.buildpacks.build.env]]\nname = "A"\nvalue = "1"'],
  ['0.2 with its older place', '[_]\nschema-version = "0.2"\n[[io.buildpacks.env.build]]\nname = "A"\nvalue = "1"'],
  ['0.1 without a version', '[project]\nid = "x"\n[[build.env]]\nname = "A"\nvalue = "1"'],
  ['0.1', '[_]\nschema-version = "0.1"\n[[build.env]]\nname = "A"\nvalue = "1"'],
])('schema %s gives the environment', (_name, text) => {
  expect(read(text).env).toEqual([{name: 'A', value: '1'}]);
});

test('builder and buildpacks in it are ignored, and that is said', () => {
  const text =
    '[_]\nschema-version = "0.2"\n[io.buildpacks]\nbuilder = "b"\n[[io.buildpacks.group]]\nid = "x"\nversion = "1"';
  expect(read(text).notes).toEqual([
    'info: buildpacks provided in project descriptor file will be ignored',
    'info: builder provided in project descriptor file will be ignored',
  ]);
});

test('an unknown schema is left aside, and that is said', () => {
  expect(read('[_]\nschema-version = "9.9"\n[build]\nexclude = 1')).toEqual({
    env: [],
    notes: ['warning: project descriptor version "9.9" is unsupported and project.toml will be ignored'],
  });
});

describe('a mistake names its place', () => {
  test.each([
    ['[build]\n\nexclude = ["a"', /^project\.toml:3:\d+: not valid TOML/],
    ['[build]\ninclude = ["a"]\nexclude = ["b"]', /^project\.toml: build: cannot have both include and exclude/],
    [
      '[_]\nschema-version = "0.2"\n[io.buildpacks]\ninclude = []\nexclude = []',
      /^project\.toml: io\.buildpacks: cannot have both/,
    ],
    ['[build]\nexclude = "a"', /^project\.toml: build\.exclude: expected a list of patterns, got a string/],
    ['[build]\nexclude = ["a", 1]', /^project\.toml: build\.exclude\[1\]: expected a pattern in quotes, got a number/],
    ['build = 1', /^project\.toml: build: expected a table, got a number/],
    [
      '[[build.env]]\nname = "A"\nvalue = 1',
      /build\.env\[0\]\.value: expected a text, got a number\. Put it in quotes/,
    ],
    [
      '[[build.env]]\nname = "A"\nvalue = "1"\n[[build.env]]\nvalue = "1"',
      /build\.env\[1\]\.name: expected a text, got nothing/,
    ],
    ['[[build.env]]\nname = "../../etc/x"\nvalue = "1"', /cannot be the name of an environment variable/],
    ['[[build.env]]\nname = ".."\nvalue = "1"', /cannot be the name of an environment variable/],
    ['[[build.env]]\nname = "A=B"\nvalue = "1"', /cannot be the name of an environment variable/],
    ['[build]\nenv = "x"', /build\.env: expected \[\[build\.env\]\] tables, got a string/],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('a path out of the source is refused', () => {
  test.each(['/etc/hostname', '../x', 'a/../../x'])('%s', (path) => {
    expect(() => readProjectDescriptor(aDirectory(), path)).toThrow('leads out of the source');
  });

  test('through a link', () => {
    const outside = writeFiles(aDirectory(), {'p.toml': ''});
    const root = writeFiles(aDirectory(), {'project.toml': `-> ${outside}/p.toml`});
    expect(() => readProjectDescriptor(root)).toThrow('leads out of the source through a symbolic link');
  });
});

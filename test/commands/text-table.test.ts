// Tables and status blocks, character by character as kp prints them.
import {describe, expect, test} from 'vitest';
import {alignTabs, statusBlocks, table} from '../../source/commands/text-table.ts';

describe('a table', () => {
  test('has headers in capitals, columns four spaces apart and an empty line at its end', () => {
    const rows = [
      ['test-builder-1', 'true', 'io.buildpacks.stacks.centos', 'some-registry.com/test-builder-1:tag'],
      ['test-builder-2', 'false', '', ''],
      ['test-builder-3', 'true', 'io.buildpacks.stacks.bionic', 'some-registry.com/test-builder-3:tag'],
    ];
    expect(table(['Name', 'Ready', 'Stack', 'Image'], rows)).toBe(`\
NAME              READY    STACK                          IMAGE
test-builder-1    true     io.buildpacks.stacks.centos    some-registry.com/test-builder-1:tag
test-builder-2    false                                   ${''}
test-builder-3    true     io.buildpacks.stacks.bionic    some-registry.com/test-builder-3:tag

`);
  });

  test('without rows is its headers', () => {
    expect(table(['Name', 'Ready'], [])).toBe('NAME    READY\n\n');
  });

  test('keeps the padding of an empty last column', () => {
    expect(
      table(
        ['Detection Order', ''],
        [
          ['Group #1', ''],
          ['  some/one', '(Optional)'],
        ],
      ),
    ).toBe('DETECTION ORDER    \nGroup #1           \n  some/one         (Optional)\n\n');
  });
});

describe('status blocks', () => {
  test('align each block for itself, show -- for nothing and end with an empty line', () => {
    const main = [
      ['Status', 'Ready'],
      ['Message', ''],
      ['LatestImage', 'reg/app@sha256:1'],
    ] as const;
    const builder = [
      ['Name', 'base'],
      ['Kind', 'ClusterBuilder'],
    ] as const;
    expect(statusBlocks([{rows: main}, {header: 'Builder Ref', rows: builder}])).toBe(`\
Status:         Ready
Message:        --
LatestImage:    reg/app@sha256:1

Builder Ref
Name:    base
Kind:    ClusterBuilder

`);
  });

  test('align further lines of a value under its first', () => {
    expect(statusBlocks([{rows: [['Reason', 'COMMIT\n\t- old\n\t+ new']]}])).toBe(
      'Reason:    COMMIT\n           - old\n           + new\n\n',
    );
  });
});

test.each([
  ['columns are made of neighbouring lines only', ['a\tb', 'plain', 'long\tb'], ['a    b', 'plain', 'long    b']],
  [
    'an inner column ends where a line has no such cell',
    ['a\tb\tc', 'a\tb', 'a\tbbbb\tc'],
    ['a    b    c', 'a    b', 'a    bbbb    c'],
  ],
  ['characters count, not bytes', ['ä\tb', 'aaa\tb'], ['ä      b', 'aaa    b']],
])('%s', (_name, lines, expected) => {
  expect(alignTabs(lines)).toEqual(expected);
});

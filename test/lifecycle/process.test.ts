import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  mergeProcesses,
  noProcesses,
  type Process,
  type ProcessList,
  sortedProcesses,
} from '../../source/lifecycle/process.ts';

function aProcess(type: string, changes: Partial<Process> = {}): Process {
  return {type, command: ['run', 'always'], direct: true, isDefault: false, buildpackId: 'acme/a', ...changes};
}

function merged(...lists: readonly (readonly Process[])[]): ProcessList & {readonly warning?: string} {
  let list: ProcessList & {readonly warning?: string} = noProcesses;
  for (const added of lists) list = mergeProcesses(list, added);
  return list;
}

describe('processes of several buildpacks', () => {
  test('of one type the later wins', () => {
    const list = merged([aProcess('web', {buildpackId: 'one'})], [aProcess('web', {buildpackId: 'two'})]);
    expect(list.byType.get('web')?.buildpackId).toBe('two');
  });

  test('the last default is the default', () => {
    expect(merged([aProcess('web', {isDefault: true})], [aProcess('worker', {isDefault: true})]).defaultType).toBe(
      'worker',
    );
  });

  test('a default that is redefined without being default is none any more, with a warning', () => {
    const list = merged([aProcess('web', {isDefault: true})], [aProcess('web')]);
    expect(list).toMatchObject({
      defaultType: '',
      warning: expect.stringContaining('redefining the following default process type') as string,
    });
  });

  test('are listed by type, none of them marked default', () => {
    const list = merged([aProcess('web', {isDefault: true}), aProcess('a'), aProcess('B')]);
    const processes = sortedProcesses(list, {major: 0, minor: 13});
    expect(processes.map(({type}) => type)).toEqual(['B', 'a', 'web']);
    expect(processes.some(({isDefault}) => isDefault)).toBe(false);
  });

  test('before Platform API 0.10 what follows the program goes to the arguments', () => {
    const list = merged([aProcess('web', {args: ['default']})]);
    expect(sortedProcesses(list, {major: 0, minor: 9})[0]).toMatchObject({
      command: ['run'],
      args: ['always', 'default'],
    });
    expect(sortedProcesses(list, {major: 0, minor: 10})[0]).toMatchObject({
      command: ['run', 'always'],
      args: ['default'],
    });
  });

  test('the default, if there is one, is a process of the list', () => {
    const processes = fc.array(fc.record({type: fc.constantFrom('a', 'b', 'c'), isDefault: fc.boolean()}));
    fc.assert(
      fc.property(fc.array(processes), (lists) => {
        const list = merged(...lists.map((added) => added.map(({type, isDefault}) => aProcess(type, {isDefault}))));
        expect(list.defaultType === '' || list.byType.has(list.defaultType)).toBe(true);
      }),
    );
  });
});

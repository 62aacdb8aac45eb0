// What engines print of their volumes' sizes.
import {expect, test} from 'vitest';
import {volumeSizes} from '../../source/daemon/image-caches.ts';

test('docker prints JSON, podman a table; both in words', () => {
  const docker =
    '{"Images":[],"Volumes":[{"Name":"a","Size":"152.1MB"},{"Name":"b","Size":"0B"},{"Name":"c","Size":"N/A"}]}';
  expect([...volumeSizes('docker', docker)]).toEqual([
    ['a', 152_100_000],
    ['b', 0],
  ]);
  const podman = `Images space usage:\n\nREPOSITORY  SIZE\nx  1B\n\nLocal Volumes space usage:\n\nVOLUME NAME  LINKS       SIZE\na            0           1.5kB\n`;
  expect([...volumeSizes('podman', podman)]).toEqual([['a', 1500]]);
});

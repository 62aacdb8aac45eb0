// What happens when the disk refuses: on a small file system of its own (needs root and mount on Linux), and with a limit on
// the size of files in a child process.
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {openHistory} from '../../source/history/open-history.ts';
import {aBuildRef, aDirectory, anEvent, bytesOf, someEvents, thrownBy} from './a-history.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mountWorks();

if (!canMount) process.stdout.write('skipped: tests of a full disk need root and mount on Linux\n');

describe.skipIf(!canMount)('on a full disk (needs root and mount on Linux)', () => {
  test('an append throws with the code, records nothing, and works again when there is space', () => {
    const directory = aSmallDisk();
    const history = openHistory({directory, now: () => 1});
    history.append(someEvents(1, 3));
    const ballast = fill(directory);
    const error = thrownBy(() => {
      for (let sequence = 4; ; sequence++) history.append([aBigEvent(sequence)]);
    });
    expect(error).toMatchObject({kind: 'disk', code: 'ENOSPC', message: expect.stringMatching(/disk is full/)});
    const held = history.eventsSince(0, 1000).length;
    expect(thrownBy(() => history.append([aBigEvent(held + 1)]))).toMatchObject({kind: 'disk'});
    expect(thrownBy(() => history.keepSnapshot(3, {text: 'x'.repeat(1_000_000)}))).toMatchObject({kind: 'disk'});
    expect(history.eventsSince(0, 1000)).toHaveLength(held);

    rmSync(ballast);
    history.append([anEvent(held + 1)]);
    history.close();
    const again = openHistory({directory, now: () => 1});
    expect(again.load().events.map(({sequence}) => sequence)).toEqual(
      Array.from({length: held + 1}, (_, index) => index + 1),
    );
    again.close();
  });

  test('a log write throws with the code, keeps whole lines only, and goes on without loss when there is space', () => {
    const directory = aSmallDisk();
    const history = openHistory({directory, now: () => 1});
    const writer = history.logs.open(aBuildRef(), 1);
    writer.write('build', 'stdout', 1, bytesOf('before\n'.repeat(20_000)));
    const ballast = fill(directory);
    let accepted = 20_000;
    const error = thrownBy(() => {
      for (;;) {
        writer.write('build', 'stdout', 2, bytesOf('after\n'.repeat(20_000)));
        accepted += 20_000;
      }
    });
    expect(error).toMatchObject({kind: 'disk', code: 'ENOSPC'});
    const {lines} = history.logs.read(aBuildRef(), -1, 1);
    expect(['before', 'after']).toContain(lines[0]?.text);

    rmSync(ballast);
    writer.write('build', 'stdout', 3, bytesOf('last\n'));
    writer.close();
    const window = history.logs.read(aBuildRef(), -1, 1);
    expect(window.total).toBe(accepted + 1);
    expect(window.lines[0]?.text).toBe('last');
    history.close();
  });
});

describe('with a limit on the size of files', () => {
  test('a log write throws with the code and the log stays whole', () => {
    const directory = aDirectory();
    const script = join(import.meta.dirname, 'write-until-refused.ts');
    const child = spawnSync('sh', ['-c', `ulimit -f 512; exec "$0" "$1" "$2"`, process.execPath, script, directory], {
      encoding: 'utf8',
    });
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toEqual({kind: 'disk', code: 'EFBIG'});
    const history = openHistory({directory, now: () => 1});
    const {total, lines} = history.logs.read(aBuildRef(), -1, 1);
    expect(total).toBeGreaterThan(10_000);
    expect(lines[0]?.text).toMatch(/^line \d+$/);
    history.close();
  });
});

function aBigEvent(sequence: number) {
  return {
    sequence,
    event: {
      kind: 'source.failed',
      at: 1,
      namespace: 'a',
      name: 'b',
      generation: 1,
      message: 'm'.repeat(50_000),
    } as const,
  };
}

function mountWorks(): boolean {
  const directory = join('/tmp', `slipway-mount-probe-${process.pid}`);
  mkdirSync(directory, {recursive: true});
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], {stdio: 'ignore'});
    execFileSync('umount', [directory], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, {recursive: true, force: true});
  }
}

/** A file system of 8 MiB. */
function aSmallDisk(): string {
  const directory = join(aDirectory(), 'disk');
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', directory]));
  return directory;
}

/** Leaves a few hundred KiB free; the returned file gives the space back. */
function fill(directory: string): string {
  const path = join(directory, 'ballast');
  for (let kilobytes = 8192; kilobytes > 256 && !existsSync(path); kilobytes -= 256) {
    try {
      writeFileSync(path, Buffer.alloc(kilobytes * 1024));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      rmSync(path, {force: true});
    }
  }
  return path;
}

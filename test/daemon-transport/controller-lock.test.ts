// One controller per state directory.
import {type ChildProcess, spawn} from 'node:child_process';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {acquireControllerLock} from '../../source/daemon/controller-lock.ts';
import {identifyProcess, isRunning} from '../../source/daemon/process-identity.ts';
import {aDirectory} from '../history/a-history.ts';

const quiet = (): void => undefined;

describe('the controller lock', () => {
  test('is held by one, named to the others, and free again after its release', async () => {
    const home = aDirectory();
    const lock = await acquireControllerLock({home, log: quiet});
    await expect(acquireControllerLock({home, log: quiet})).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(new RegExp(`process ${process.pid}, since 20.*slipway controller stop`)),
    });
    await lock.release();
    expect(readdirSync(home)).toEqual([]);
    await (await acquireControllerLock({home, log: quiet})).release();
  });

  test.each([
    ['a process id nobody has', {pid: 2 ** 22 + 1, startedAt: '1', boot: 'x'}],
    ['this process id at another start time', {...identifyProcess(process.pid), startedAt: '1'}],
    ['this process id in another boot', {...identifyProcess(process.pid), boot: 'another'}],
  ])('of %s is taken over', async (_case, identity) => {
    const home = aDirectory();
    const holder = {...identity, token: '00000000-0000-4000-8000-000000000000', since: 1};
    writeFileSync(join(home, 'controller.lock'), JSON.stringify(holder));
    const said: string[] = [];
    const lock = await acquireControllerLock({home, log: (line) => said.push(line)});
    expect(said).toEqual([`took over the lock of process ${String(identity.pid)}, which does not run any more`]);
    await lock.release();
    expect(readdirSync(home)).toEqual([]);
  });

  test.each(['', 'not json', '{"pid":"x"}', '{"pid":1,"token":"../../etc","since":1}'])(
    'whose file says %j is taken over',
    async (text) => {
      const home = aDirectory();
      writeFileSync(join(home, 'controller.lock'), text);
      const lock = await acquireControllerLock({home, log: quiet});
      expect(readdirSync(home)).toEqual(['controller.lock']);
      await lock.release();
    },
  );

  test('left half taken over by a process that died is taken over all the same', async () => {
    const home = aDirectory();
    const dead = (digit: string) => ({
      pid: 2 ** 22 + 1,
      token: `${digit}0000000-0000-4000-8000-000000000000`,
      since: 1,
    });
    writeFileSync(join(home, 'controller.lock'), JSON.stringify(dead('1')));
    writeFileSync(join(home, `controller.lock.${dead('1').token}`), JSON.stringify(dead('2')));
    const lock = await acquireControllerLock({home, log: quiet});
    expect(JSON.parse(readFileSync(join(home, 'controller.lock'), 'utf8'))).toMatchObject({pid: process.pid});
    expect(readdirSync(home)).toEqual(['controller.lock']);
    await lock.release();
  });

  test('of a killed process goes to exactly one of those who try at once', {timeout: 60_000}, async () => {
    const home = aDirectory();
    for (let round = 0; round < 3; round++) {
      const racers = await Promise.all(Array.from({length: 4}, async () => aRacer(home)));
      const results = await Promise.all(racers.map(async (racer) => racer.race()));
      expect(results.toSorted()).toEqual(['conflict', 'conflict', 'conflict', 'won']);
      await Promise.all(racers.map(async (racer) => racer.kill()));
    }
  });
});

describe('a process', () => {
  test('is known by id and start time while it runs, and not after', async () => {
    const racer = await aRacer(aDirectory());
    const identity = identifyProcess(racer.pid);
    if (identity === undefined) throw new Error('expected the process to run');
    expect(isRunning(identity)).toBe(true);
    expect(isRunning({...identity, startedAt: 'another'})).toBe(process.platform === 'win32');
    await racer.kill();
    expect(isRunning(identity)).toBe(false);
  });
});

type Racer = {readonly pid: number; readonly race: () => Promise<string>; readonly kill: () => Promise<void>};

async function aRacer(home: string): Promise<Racer> {
  const script = join(import.meta.dirname, 'race-for-lock.ts');
  const child = spawn(process.execPath, [script, home], {stdio: ['pipe', 'pipe', 'inherit']});
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await nextLine(child)).toBe('ready');
  return {
    pid: child.pid ?? 0,
    race: async () => {
      const line = nextLine(child);
      child.stdin.write('go\n');
      return line;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function nextLine({stdout}: ChildProcess): Promise<string> {
  return new Promise((resolve) => stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())));
}

// Stories of the log: folds, filter, expressions, marks, copy, save, jumps by line and time, and the phases in the bar.
import {afterEach, describe, expect, test, vi} from 'vitest';
import {keys, openDashboard, petclinic, type Robot} from '../ui/support/dashboard.ts';
import {of} from '../ui/support/fleet-logs.ts';

let robot: Robot;

afterEach(async () => {
  await robot.quit();
  vi.useRealTimers();
});

const toPetclinic = Array.from({length: 6}, () => 'j');

async function openLog(options: Parameters<typeof openDashboard>[0] = {}): Promise<void> {
  robot = await openDashboard(options);
  await robot.press(...toPetclinic, 'l', 'f');
}

describe('folds', () => {
  test('stand for phases that have finished, with their time and size', async () => {
    await openLog();
    for (const row of ['✓ PREPARE 0.3s · 8 lines', '✓ RESTORE 1.2s · 3 lines', '===> BUILD']) {
      expect(robot.screen()).toContain(row);
    }
    expect(robot.screen()).not.toContain('Build reason(s)');
  });

  test('open and close with z at the line that ] and [ went to', async () => {
    await openLog();
    await robot.press('g', ']', 'z');
    expect(robot.screen()).toContain('2 of 3 buildpacks participating');
    expect(robot.screen()).not.toContain('Build reason(s)');
    await robot.press('z');
    expect(robot.screen()).toContain('✓ DETECT 0.1s · 3 lines');
    await robot.press('[', 'z');
    expect(robot.screen()).toContain('Build reason(s)');
  });

  test('all open with Z, and close with Z again', async () => {
    await openLog({rows: 60});
    await robot.press('Z');
    expect(robot.screen()).toContain('Build reason(s)');
    await robot.press('Z');
    expect(robot.screen()).toContain('◐ BUILD');
    expect(robot.screen()).not.toContain('Sample Node Engine');
  });

  test('open where a search finds something', async () => {
    await openLog();
    await robot.press('/', 'gitops', keys.enter);
    expect(robot.screen()).toContain('no match');
    await robot.press('/', keys.ctrl('u'), 'participating', keys.enter);
    expect(robot.screen()).toContain('2 of 3 buildpacks participating');
    expect(robot.screen()).toContain('1/1');
  });

  test('stand for a buildpack by key', async () => {
    await openLog();
    await robot.after(() => {
      robot.client.addSection(petclinic, 'build', 'sample/procfile@2.0.0');
      robot.client.addLog(petclinic, of('build', ['procfile says web', 'procfile says worker']));
    });
    expect(robot.screen()).toContain('---> sample/procfile@2.0.0');
    await robot.press('g', ']', ']', ']', ']', ']', 'z');
    expect(robot.screen()).toContain('sample/procfile@2.0.0 · 2 lines');
    expect(robot.screen()).not.toContain('procfile says');
  });

  test('stay away when the preferences say so', async () => {
    await openLog({preferences: {foldFinishedPhases: false}, rows: 60});
    expect(robot.screen()).toContain('Build reason(s)');
  });
});

describe('the filter', () => {
  test('shows matches with two lines around, and all lines again after Esc', async () => {
    await openLog();
    await robot.press('&', 'vulnerabilities', keys.enter);
    expect(robot.screen()).toContain('&vulnerabilities 1 +-2');
    expect(robot.screen()).toContain('71 packages are looking for funding');
    expect(robot.screen()).toContain('Configuring launch environment');
    expect(robot.screen()).not.toContain('npm warn deprecated');
    await robot.press(keys.escape);
    expect(robot.screen()).toContain('npm warn deprecated');
  });

  test('takes another context and an expression, and turns round', async () => {
    await openLog();
    await robot.press('&', keys.down, keys.down, keys.tab, '^ +found \\d', keys.enter);
    expect(robot.screen()).toContain('found 0 vulnerabilities');
    expect(robot.screen()).not.toContain('71 packages');
    await robot.press('&', keys.ctrl('u'), '!e', keys.enter);
    expect(robot.screen()).not.toContain('vulnerabilities');
  });

  test('says what is wrong with an expression', async () => {
    await openLog();
    await robot.press('&', keys.tab, '(', keys.enter);
    expect(robot.screen()).toMatch(/Invalid regular expression|Unterminated group/);
  });
});

describe('what is taken from the log', () => {
  test('is the line, then the screen, then everything, as c is pressed again', async () => {
    const copied: string[] = [];
    await openLog({
      ports: {
        copy: async (text) => {
          copied.push(text);
          return true;
        },
      },
    });
    await robot.press('/', 'npm warn', keys.enter, 'c', 'c', 'c');
    expect(copied[0]).toBe('      npm warn deprecated glob@7.2.3: Glob versions prior to v9 are no longer supported\n');
    expect(copied[1]).toContain('found 0 vulnerabilities\n');
    expect(copied[2]).toMatch(/^Build reason\(s\)[^]*modules\n$/);
    expect(copied.join('')).not.toContain('\u001B');
  });

  test('reaches from the mark to the line', async () => {
    const copied: string[] = [];
    await openLog({
      ports: {
        copy: async (text) => {
          copied.push(text);
          return true;
        },
      },
    });
    await robot.press('/', 'packages', keys.enter, 'm', 'n', 'c');
    expect(copied[0]?.split('\n')).toHaveLength(3);
    expect(copied[0]).toMatch(/added 412 packages[^]*71 packages/);
  });

  test('is saved byte for byte with Ctrl-S', async () => {
    const saved: Uint8Array[] = [];
    await openLog({
      ports: {
        async saveBytes(name, bytes) {
          for await (const piece of bytes) saved.push(piece);
          return `/home/user/${name}`;
        },
      },
    });
    await robot.press(keys.ctrl('s'));
    expect(robot.screen()).toContain('the log is saved as /home/user/spring-petclinic-3.log');
    expect(Buffer.concat(saved).toString()).toContain('\u001B[34;1mSample Node Engine Buildpack 1.4.2\u001B[0m\n');
  });
});

describe('jumps', () => {
  test('go to a line by its number', async () => {
    await openLog();
    robot.client.addLog(
      petclinic,
      of(
        'build',
        Array.from({length: 500}, (_, at) => `number ${at}.`),
      ),
    );
    await robot.press(':', '200', keys.enter);
    expect(robot.screen().split('\n')[2]).toContain('number 156.');
  });

  test('go to a moment', async () => {
    await openLog();
    await robot.press(':', 'since 38s', keys.enter);
    expect(robot.screen()).toMatch(/PAUSED/);
  });
});

describe('following', () => {
  const lines = (from: number, to: number) =>
    of(
      'build',
      Array.from({length: to - from}, (_, at) => `number ${from + at}.`),
    );

  test('pauses when scrolled up, counts what comes, and goes on with G', async () => {
    await openLog();
    await robot.after(() => robot.client.addLog(petclinic, lines(0, 300)));
    await robot.press('k');
    expect(robot.screen()).toContain('PAUSED +1');
    await robot.after(() => robot.client.addLog(petclinic, lines(300, 1534)));
    expect(robot.screen()).toContain('PAUSED +1 235');
    await robot.press('G');
    expect(robot.screen()).toContain('number 1533.');
    expect(robot.screen()).toContain('following');
  });

  test('keeps the top line when lines are wrapped, timed or drawn at another width', async () => {
    await openLog();
    const long = Array.from({length: 400}, (_, at) => `number ${at}. ${'word '.repeat((at % 7) * 12)}`);
    await robot.after(() => robot.client.addLog(petclinic, of('build', long)));
    await robot.press(':', '200', keys.enter);
    const top = () => /number (\d+)\./.exec(robot.screen())?.[1];
    expect(top()).toBe('156');
    for (const key of ['w', 't', 'w', 't']) {
      await robot.press(key);
      expect(top()).toBe('156');
    }
    await robot.press('w');
    await robot.resize(90, 30);
    expect(top()).toBe('156');
  });

  test('moves by rows through wrapped lines: none is passed over', async () => {
    await openLog();
    const long = Array.from({length: 30}, (_, at) => `number ${at}. ${'word '.repeat(200)} end ${at}.`);
    await robot.after(() => robot.client.addLog(petclinic, of('build', long)));
    await robot.press('Z', 'w', 'g');
    const seen = new Set<string>();
    for (let page = 0; page < 14; page++) {
      for (const [, end] of robot.screen().matchAll(/end (\d+)\./g)) seen.add(end ?? '');
      await robot.press(keys.pageDown);
    }
    expect(seen.size).toBe(30);
  });
});

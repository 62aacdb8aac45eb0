// A robot user works with the whole dashboard on an emulated terminal.
import {afterEach, describe, expect, test, vi} from 'vitest';
import {bindings} from '../../../source/ui/keymap/bindings.ts';
import {aCatalog, aFleet, aLongFleet, commitOf, fleetNow, newRun, slimRun} from '../support/a-fleet.ts';
import {keys, openDashboard, orders, petclinic, type Robot} from '../support/dashboard.ts';
import {of} from '../support/fleet-logs.ts';

let robot: Robot;
afterEach(async () => {
  if (robot.terminal.modes.alternate) await robot.press(keys.escape, keys.escape, keys.ctrl('c'), keys.ctrl('c'));
  vi.useRealTimers();
});

const toPetclinic = ['jjjjjj'];
const toOrders = ['jjjj'];

describe.each([
  [120, 40],
  [80, 24],
])('on %i×%i', (columns, rows) => {
  test('shows every image with its state, build and reason', async () => {
    robot = await openDashboard({columns, rows: Math.max(rows, 26)});
    const screen = robot.screen();
    expect(screen).toMatch(/‖ billing +(?:default +)?b1 CONFIG +paused/);
    expect(screen).toMatch(/↻ catalog +(?:default +)?b1 STACK +asks first/);
    expect(screen).toMatch(/✗ orders-api +(?:default +)?b2 COMMIT +detect 11:56/);
    expect(screen).toMatch(/◐ spring-petclinic +(?:default +)?b3 COMMIT\+ +●●●●◐○ 0:42/);
    expect(screen).toContain('✗ 1');
  });

  test('shows the six phases of the image under the cursor', async () => {
    robot = await openDashboard({columns, rows});
    await robot.press(...toPetclinic);
    expect(robot.screen()).toMatch(/✓ prepare +✓ detect +✓ analyze +≡ restore +◐ build +○ export/);
    expect(robot.screen()).toContain('5/6 build · sample/npm-install 2/2 · 0:42');
  });

  test('says at a glance why a build failed and what to do', async () => {
    robot = await openDashboard({columns, rows});
    await robot.press(...toOrders);
    const screen = robot.screen();
    expect(screen).toContain('failed in detect after 0.8s');
    expect(screen).toContain('exit 20');
    expect(screen).toContain('No buildpack groups passed detection');
    expect(screen).toContain('next');
  });

  test('opens the log of the image under the cursor', async () => {
    robot = await openDashboard({columns, rows});
    await robot.press(...toPetclinic, keys.enter);
    expect(robot.screen()).toContain('Generating SBOM for /layers/sample_npm-install/modules');
    expect(robot.screen()).toContain('following');
  });

  test('asks before it cancels, with the safe answer chosen', async () => {
    robot = await openDashboard({columns, rows});
    await robot.press(...toPetclinic, 'x');
    expect(robot.screen()).toContain('Build 3 of spring-petclinic is stopped where it is');
    await robot.press(keys.enter);
    expect(robot.client.sent).toEqual([]);
    await robot.press('x', keys.tab, keys.enter);
    expect(robot.client.sent).toEqual([
      {kind: 'build.cancel', namespace: 'default', image: 'spring-petclinic', number: 3},
    ]);
  });
});

describe('keys on an image', () => {
  test('r asks the controller for a build and says its number', async () => {
    robot = await openDashboard();
    await robot.press('j', 'j', 'r');
    expect(robot.client.sent).toEqual([{kind: 'image.trigger', namespace: 'default', name: 'checkout'}]);
    expect(robot.screen()).toContain('✓ checkout is built again as build 2');
    expect(robot.screen()).toMatch(/○ checkout +b1 TRIGGER +queued/);
  });

  test('P pauses, and lets go on', async () => {
    robot = await openDashboard();
    await robot.press('P', 'j', 'j', 'P');
    expect(robot.client.sent.map(({kind}) => kind)).toEqual(['image.resume', 'image.pause']);
  });

  test('a refusal is told in the words of the controller', async () => {
    robot = await openDashboard();
    robot.client.refuse('the disk is full; free some space and try again');
    await robot.press('r');
    expect(robot.screen()).toContain('✗ the disk is full; free some space and try again');
  });

  test('a key that cannot work now says why', async () => {
    robot = await openDashboard();
    await robot.press('x');
    expect(robot.screen()).toContain('no build of billing is running');
    expect(robot.client.sent).toEqual([]);
  });

  test('Ctrl-D deletes only after the question', async () => {
    robot = await openDashboard();
    await robot.press('j', keys.ctrl('d'));
    expect(robot.screen()).toContain('This cannot be taken back.');
    await robot.press(keys.escape);
    expect(robot.client.sent).toEqual([]);
    await robot.press(keys.ctrl('d'), keys.right, keys.enter);
    expect(robot.client.sent).toEqual([{kind: 'image.delete', namespace: 'default', name: 'catalog'}]);
    expect(robot.screen()).not.toMatch(/catalog +b1/);
  });

  test('d describes the image', async () => {
    robot = await openDashboard();
    await robot.press('d');
    expect(robot.screen()).toContain('registry.local/apps/billing');
    await robot.press(keys.escape);
    expect(robot.screen()).not.toContain('registry.local/apps/billing');
  });

  test('the cursor stays on its image when others come and go', async () => {
    robot = await openDashboard();
    await robot.press(...toPetclinic);
    await robot.after(() =>
      robot.client.happen({kind: 'image.deleted', at: fleetNow, namespace: 'default', name: 'billing'}),
    );
    expect(robot.screen()).toMatch(/▌◐ spring-petclinic/);
  });

  test('keys that come in one read are taken one by one', async () => {
    robot = await openDashboard();
    await robot.press('jjj');
    expect(robot.screen()).toMatch(/▌✓ gateway/);
  });

  test('a paste is not taken for keys', async () => {
    robot = await openDashboard();
    await robot.press('\u001B[200~rrxq\u001B[201~');
    expect(robot.client.sent).toEqual([]);
    expect(robot.terminal.modes.alternate).toBe(true);
  });
});

describe('the filter', () => {
  test('leaves what matches, and Esc brings all back', async () => {
    robot = await openDashboard();
    await robot.press('/', 'f', 'a', 'i', 'l', keys.enter);
    expect(robot.screen()).toContain('/fail 1 of 9');
    expect(robot.screen()).toMatch(/▌✗ orders-api/);
    expect(robot.screen()).not.toContain('gateway');
    await robot.press(keys.escape);
    expect(robot.screen()).toContain('gateway');
  });

  test('says so when nothing matches', async () => {
    robot = await openDashboard();
    await robot.press('/', 'z', 'z', keys.enter);
    expect(robot.screen()).toContain('no image matches "zz"');
  });
});

describe('patching', () => {
  test('a stack: tells what will happen to each image, then asks for the name, then sends', async () => {
    robot = await openDashboard();
    await robot.press('2', 'p', 's', 'l', 'i', 'm', keys.tab, keys.enter);
    const intent = {kind: 'stack.save', mode: 'patch', name: 'default', runImage: slimRun.image};
    expect(robot.client.dryRuns).toEqual([intent]);
    expect(robot.client.sent).toEqual([]);
    const screen = robot.screen();
    expect(screen).toContain('What will happen');
    expect(screen).toContain('3 rebased, 1 built again, 2 held');
    expect(screen).toContain(`- ${newRun.image}`);
    expect(screen).toContain(`+ ${slimRun.image}`);
    expect(screen).toMatch(/rebase +checkout +[0-9a-f]{8} → new +~0\.4s +STACK [0-9a-f]{8} → [0-9a-f]{8}/);
    expect(screen).toMatch(/held +billing +paused/);

    await robot.press(keys.tab, keys.enter);
    expect(robot.client.sent).toEqual([]);
    await robot.press('default', keys.enter);
    expect(robot.client.sent).toEqual([intent]);
    expect(robot.screen()).toContain('patch-1 · stack default');
    await robot.press(keys.escape);
    expect(robot.screen()).toMatch(/fleet|hint|help/);
  });

  test('a run image that cannot be found keeps what was typed and says why', async () => {
    robot = await openDashboard();
    await robot.press('2', 'p', 'nowhere', keys.enter);
    expect(robot.screen()).toContain('there is no run image nowhere');
    expect(robot.screen()).toContain('patch stack default: another run image');
    expect(robot.client.sent).toEqual([]);
  });

  test('an image: chooses another builder', async () => {
    robot = await openDashboard();
    await robot.press('j', 'j', 'p');
    expect(robot.screen()).toContain('node-only');
    await robot.press('j', keys.enter);
    expect(robot.screen()).toMatch(/- default/);
    expect(robot.screen()).toMatch(/\+ slim/);
    await robot.press(keys.tab, keys.enter);
    expect(robot.client.sent).toEqual([
      {
        kind: 'image.save',
        mode: 'patch',
        namespace: 'default',
        name: 'checkout',
        edit: {builder: {kind: 'ClusterBuilder', name: 'slim'}},
      },
    ]);
  });

  test('a builder: chooses another stack', async () => {
    robot = await openDashboard();
    await robot.press('2', 'G', 'p', keys.enter);
    expect(robot.screen()).toContain('patch builder slim');
    await robot.press(keys.escape);
    expect(robot.client.sent).toEqual([]);
  });

  test('leaving while the controller is asked opens nothing later', async () => {
    let answer: () => void = () => undefined;
    robot = await openDashboard({
      wrap: (client) => ({
        ...client,
        async send(intent, options) {
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
          return client.send(intent, options);
        },
      }),
    });
    await robot.press('2', 'p', keys.down, keys.enter);
    expect(robot.screen()).toContain('asking the controller');
    await robot.press(keys.escape);
    await robot.after(() => answer());
    expect(robot.screen()).not.toContain('What will happen');
  });
});

describe('the log', () => {
  test('follows, pauses when scrolled up and counts what is below, and follows again at the end', async () => {
    robot = await openDashboard();
    await robot.press(...toPetclinic, 'l', keys.pageUp);
    expect(robot.screen()).toMatch(/PAUSED \+\d+/);
    await robot.after(() => robot.client.addLog(petclinic, of('build', ['one more line', 'and another'])));
    expect(robot.screen()).not.toContain('and another');
    await robot.press('G');
    expect(robot.screen()).toContain('and another');
    expect(robot.screen()).toContain('following');
  });

  test('shows new lines as they come', async () => {
    robot = await openDashboard();
    await robot.press(...toPetclinic);
    await robot.after(() => robot.client.addLog(petclinic, of('export', ['Adding layer 1/1'])));
    expect(robot.screen()).toContain('===> EXPORT ───');
    expect(robot.screen()).toContain('Adding layer 1/1');
  });

  test('is searched, with a count, and n and N go round', async () => {
    robot = await openDashboard();
    await robot.press(...toPetclinic, 'l', '/', 'Restoring', keys.enter);
    expect(robot.screen()).toContain('/Restoring 1/5');
    await robot.press('n', 'n');
    expect(robot.screen()).toContain('/Restoring 3/5');
    await robot.press('N', 'N', 'N');
    expect(robot.screen()).toContain('/Restoring 5/5');
    await robot.press(keys.escape);
    expect(robot.screen()).not.toContain('/Restoring');
  });

  test('jumps between phases', async () => {
    robot = await openDashboard({rows: 30});
    await robot.press(...toPetclinic, 'l', 'g', 'Z');
    expect(robot.screen()).toContain('===> PREPARE');
    await robot.press(']');
    expect(robot.screen()).not.toContain('===> PREPARE');
    expect(robot.screen()).toContain('===> DETECT');
    await robot.press('[');
    expect(robot.screen()).toContain('===> PREPARE');
  });

  test('jumps to the first error of a failed build', async () => {
    robot = await openDashboard();
    const noise = Array.from({length: 300}, (_, at) => `noise ${at}`);
    robot.client.addLog(orders, of('detect', noise));
    await robot.press(...toOrders, 'l', 'e');
    expect(robot.screen()).toContain('ERROR: No buildpack groups passed detection.');
  });

  test('takes the whole screen with f and gives it back', async () => {
    robot = await openDashboard();
    await robot.press(...toPetclinic, 'l', 'f');
    expect(robot.screen()).not.toContain('Images');
    await robot.press('f');
    expect(robot.screen()).toContain('Images');
  });

  test('shows times and wraps long lines', async () => {
    robot = await openDashboard();
    const long = `start ${'word '.repeat(40)}the-end`;
    robot.client.addLog(petclinic, of('build', [long]));
    await robot.press(...toPetclinic, 'l');
    expect(robot.screen()).not.toContain('the-end');
    await robot.press('w');
    expect(robot.screen()).toContain('the-end');
    await robot.press('t');
    expect(robot.screen()).toMatch(/12:0\d:\d\d {3}Generating SBOM/);
  });

  test('reaches every line of a long log, fetching windows as they are looked at', async () => {
    robot = await openDashboard();
    const lines = Array.from({length: 5000}, (_, at) => `line number ${at}.`);
    robot.client.addLog(petclinic, of('build', lines));
    await robot.press(...toPetclinic, 'l', 'f');
    expect(robot.screen()).toContain('line number 4999.');
    await robot.press('g');
    expect(robot.screen()).toContain('✓ PREPARE 0.3s · 8 lines');
    await robot.press('/', 'number 2500.', keys.enter);
    expect(robot.screen()).toContain('line number 2500.');
    expect(robot.screen()).toContain('line number 2510.');
  });
});

describe('history and why', () => {
  test('choosing an older build shows its phases and log', async () => {
    robot = await openDashboard();
    await robot.press(...toPetclinic, 'h', 'j');
    expect(robot.screen()).toContain('spring-petclinic · build 2');
    expect(robot.screen()).toMatch(/✓ prepare +✓ rebase/);
    expect(robot.screen()).toContain('rebased in 0.4s');
  });

  test('why shows each reason with old and new', async () => {
    robot = await openDashboard({columns: 200, rows: 60});
    await robot.press(...toPetclinic);
    expect(robot.screen()).toContain('made from');
    const [old, next] = [commitOf('spring-petclinic 1'), commitOf('spring-petclinic 2')];
    expect(robot.screen()).toContain(`COMMIT    ${old.slice(0, 8)} → ${next.slice(0, 8)}`);
  });
});

describe('help', () => {
  test('lists every bound key', async () => {
    robot = await openDashboard({columns: 120, rows: 140});
    await robot.press('?');
    const screen = robot.screen();
    for (const {help} of bindings) expect(screen).toContain(help);
  });

  test('is filtered by typing, and Enter runs the key', async () => {
    robot = await openDashboard();
    await robot.press('j', 'j', '?', 'rebuild');
    expect(robot.screen()).toContain('rebuild the image now');
    expect(robot.screen()).not.toContain('wrap long lines');
    await robot.press(keys.enter);
    expect(robot.client.sent).toEqual([{kind: 'image.trigger', namespace: 'default', name: 'checkout'}]);
  });
});

describe('getting about', () => {
  test('Tab, Shift-Tab and digits move the focus', async () => {
    robot = await openDashboard();
    await robot.press('6');
    expect(robot.screen()).toContain('the first build of the image');
    await robot.press(keys.shiftTab);
    expect(robot.screen()).toContain('BUILD STATUS');
    await robot.press(keys.tab, keys.tab);
    expect(robot.screen()).toMatch(/r rebuild/);
  });

  test('+ zooms, _ and Esc go back', async () => {
    robot = await openDashboard();
    await robot.press('2', '+');
    expect(robot.screen()).not.toContain('Images');
    await robot.press('_');
    expect(robot.screen()).toContain('Images');
    await robot.press('+', keys.escape);
    expect(robot.screen()).toContain('Images');
  });

  test('resizing draws for the new size at once', async () => {
    robot = await openDashboard();
    await robot.resize(60, 20);
    expect(robot.screen()).toContain('Images  2 Stacks');
    await robot.resize(30, 8);
    expect(robot.screen()).toContain('needs 40x10');
    expect(robot.screen()).toContain('✗ 1');
    await robot.resize(120, 40);
    expect(robot.screen()).toContain('Stacks & builders');
  });

  test('says when the connection is lost, and that changes have to wait', async () => {
    robot = await openDashboard();
    await robot.after(() => robot.client.connect({kind: 'reconnecting', why: 'socket closed'}));
    expect(robot.screen()).toContain('connection lost, trying again');
    await robot.press('r');
    expect(robot.screen()).toContain('the controller cannot be reached right now');
    await robot.after(() => robot.client.connect({kind: 'connected'}));
    expect(robot.screen()).not.toContain('connection lost');
  });

  test('an empty workspace says what to do', async () => {
    robot = await openDashboard({state: aCatalog().state()});
    expect(robot.screen()).toContain('slipway image create');
  });

  test('a thousand images scroll', async () => {
    robot = await openDashboard({state: aLongFleet(1000).state()});
    await robot.press('G');
    expect(robot.screen()).toContain('▌✓ app-0999');
    await robot.press(keys.pageUp, 'k');
    expect(robot.screen()).not.toContain('app-0999 ');
  });
});

describe('the terminal', () => {
  test('is left as it was found, and the session is summed up', async () => {
    robot = await openDashboard();
    expect(robot.terminal.modes).toEqual({alternate: true, cursorHidden: true, raw: true, bracketedPaste: true});
    await robot.after(() => robot.client.happen({kind: 'build.cancelled', at: fleetNow + 1000, ...petclinic}));
    robot.terminal.type('q');
    await robot.terminal.settle();
    const {lines} = await robot.ended;
    expect(lines).toEqual(['■ spring-petclinic build 3 COMMIT,BUILDPACK cancelled after 43s']);
    expect(robot.terminal.modes).toEqual({alternate: false, cursorHidden: false, raw: false, bracketedPaste: false});
  });

  test('is left as it was found when drawing fails', async () => {
    let broken = false;
    robot = await openDashboard({
      wrap: (client) => ({
        ...client,
        state: {
          ...client.state,
          read: () => {
            if (broken) throw new Error('the state cannot be read');
            return client.state.read();
          },
        },
      }),
    });
    broken = true;
    robot.terminal.type('j');
    await robot.terminal.settle();
    await expect(robot.ended).rejects.toThrow('the state cannot be read');
    expect(robot.terminal.modes).toEqual({alternate: false, cursorHidden: false, raw: false, bracketedPaste: false});
  });

  test('is not written to while nothing happens', async () => {
    robot = await openDashboard({state: aLongFleet(20).state()});
    const before = robot.terminal.writes.length;
    await robot.wait(10_000);
    expect(robot.terminal.writes.length).toBe(before);
  });

  test('gets at most four frames a second while a build runs and its log is quiet', async () => {
    robot = await openDashboard({preferences: {still: false}});
    await robot.press(...toPetclinic);
    const before = robot.terminal.writes.length;
    await robot.wait(10_000);
    const frames = robot.terminal.writes.length - before;
    expect(frames).toBeGreaterThan(10);
    expect(frames).toBeLessThanOrEqual(40);
  });

  test('gets each frame in one write and is never cleared after the first', async () => {
    robot = await openDashboard();
    const before = robot.terminal.writes.length;
    await robot.press(...toPetclinic, 'l', 'f', keys.pageUp, 'f', keys.tab, '?', keys.escape, '2', 'p', keys.escape);
    const frames = robot.terminal.writes.slice(before);
    expect(frames.length).toBeGreaterThan(8);
    for (const frame of frames) {
      expect(frame.startsWith('\u001B[?2026h')).toBe(true);
      expect(frame.endsWith('\u001B[?2026l')).toBe(true);
      expect(frame).not.toContain('\u001B[2J');
      expect(frame).not.toContain('\u001B[3J');
      expect(frame).not.toContain('\u001B[J');
    }
  });

  test('gets no colour when it has none, and states can still be told apart', async () => {
    robot = await openDashboard({colorDepth: 1});
    expect(robot.terminal.writes.join('')).not.toMatch(/\u001B\[(?:\d+;)*[34]8;/);
    expect(robot.screen()).toMatch(/✗ orders-api/);
  });

  test('gets only ASCII when asked', async () => {
    robot = await openDashboard({preferences: {ascii: true}, logs: false});
    await robot.press(...toPetclinic);
    expect(robot.screen()).toMatch(/^[\u0000-\u007E]*$/);
  });
});

test('the fleet of these tests shows every state', () => {
  expect(Object.keys(aFleet().state().images)).toHaveLength(9);
});

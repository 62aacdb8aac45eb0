// The dashboard in a real terminal, on a real controller: builds are seen running, keys work, and the terminal is left as it was found.
import stringWidth from 'string-width';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {findProgram} from '../examples/sample-workspace.ts';
import {aGate, knock, type Gate} from './support/a-gate.ts';
import {aHome, type TestHome} from './support/a-home.ts';
import {aTerminal, prompt, type Terminal} from './support/a-terminal.ts';
import {eventually} from './support/processes.ts';
import {shippedProgram} from './support/program.ts';
import {createImage, makeApp, makeSmallWorld} from './support/small-world.ts';

const hasTmux = findProgram('tmux') !== undefined;

let home: TestHome;
let gate: Gate;

beforeAll(async () => {
  if (!hasTmux) return;
  home = await aHome();
  gate = await aGate();
  await makeSmallWorld(home);
  await createImage(home, 'quick', await makeApp(home, 'quick', {'a.txt': 'a'}), '--wait');
  await createImage(home, 'slow', await makeApp(home, 'slow', {'build.sh': `echo hello from slow\n${knock(gate)}`}));
  await gate.visitor();
}, 60_000);

afterAll(async () => {
  if (!hasTmux) return;
  await home.ok('build', 'cancel', 'slow');
  await home.remove();
  await gate.close();
}, 30_000);

describe.for([
  [120, 40],
  [80, 24],
] as const)('at %ix%i', ([columns, rows]) => {
  let terminal: Terminal;

  beforeEach(async (context) => {
    if (!hasTmux) context.skip('tmux is not installed on this machine');
    terminal = await aTerminal(home.files, columns, rows);
    return () => terminal.close();
  });

  const open = async () => {
    await terminal.type(`'${process.execPath}' '${shippedProgram}' --home '${home.path}'`);
    await terminal.press('Enter');
    return terminal.waitFor(/◐.*1 building/);
  };

  test('shows the build that runs, takes keys, says what a patch would do, and quits without a trace', async () => {
    const before = await terminal.modes();
    const first = await open();
    expect(first).toMatch(/quick +old +b1/);
    expect(first).toMatch(/slow +old +b1/);
    expect(first.split('\n').every((line) => stringWidth(line) <= columns)).toBe(true);
    expect(await terminal.modes()).toMatchObject({alternate: true, cursor: false});

    // The cursor is on the first image; down to the one that is being built, and back.
    await terminal.press('j');
    await terminal.waitFor(/▌◐ slow/);
    await terminal.waitFor('hello from slow');
    await terminal.press('k');
    await terminal.waitFor(/▌✓ quick/);

    // p asks for the builder, shows what will happen, and changes nothing when Cancel is chosen.
    await terminal.press('p');
    await terminal.waitFor(/patch image quick: another builder[^]*▌ new +on new/);
    await terminal.press('Enter');
    await terminal.waitFor(/What will happen +1 rebased .*\n.*rebase +quick .*STACK \w{8} → \w{8}[^]*› Cancel/);
    await terminal.press('Enter');
    await terminal.waitFor(/▌✓ quick[^]*p patch/);
    expect(await home.ok('build', 'list', 'quick')).not.toMatch(/^2 /m);

    await terminal.press('Enter');
    await terminal.waitFor(/s follow|search/);
    await terminal.press('Escape');
    await terminal.waitFor(/r rebuild/);

    await terminal.press('q');
    await terminal.waitFor(new RegExp(`slow build 1 CONFIG goes on in the controller\n${prompt}`));
    await eventually('the shell is in front', async () => (await terminal.modes()).program === before.program);
    expect(await terminal.modes()).toEqual(before);
    // The shell reads and echoes as before.
    await terminal.type('echo still $((40 + 2))');
    await terminal.press('Enter');
    await terminal.waitFor(/^still 42$/m);
    expect(await home.ok('build', 'list', 'slow')).toMatch(/^1 +BUILDING/m);
  }, 60_000);

  test('asked to end from outside, it leaves the terminal as it found it too', async () => {
    const before = await terminal.modes();
    await open();
    process.kill(await terminal.foreground(), 'SIGTERM');
    await eventually('the shell is in front', async () => (await terminal.modes()).program === before.program);
    await terminal.waitFor(new RegExp(`${prompt} *$`, 'm'));
    expect(await terminal.modes()).toEqual(before);
    await terminal.type('stty -a | grep -o " [-]*echo\\b\\| [-]*icanon\\b"');
    await terminal.press('Enter');
    await terminal.waitFor(/^ icanon\n echo$/m);
  }, 60_000);
});

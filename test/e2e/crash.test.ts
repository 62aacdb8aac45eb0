// The controller killed in the middle of a build, and started again: what was acknowledged stays, what ran runs again.
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {aGate, knock, type Gate} from './support/a-gate.ts';
import {aHome, type TestHome} from './support/a-home.ts';
import type {BuildList} from './support/resources.ts';
import {eventually, expectNoProcesses} from './support/processes.ts';
import {createImage, makeApp, makeSmallWorld} from './support/small-world.ts';

let home: TestHome;
let gate: Gate;

beforeAll(async () => {
  home = await aHome();
  gate = await aGate();
  await makeSmallWorld(home);
}, 60_000);

afterAll(async () => {
  await home.remove();
  await gate.close();
}, 30_000);

const numbersAndAttempts = ({items}: BuildList) =>
  items.map(({metadata, status}) => [Number(metadata.labels['image.kpack.io/buildNumber']), status.attempts]);

test('a build whose controller is killed dies with it, and runs again under its number as its next attempt', async () => {
  const app = await makeApp(home, 'killed', {'build.sh': `echo "first words"\n${knock(gate)}`});
  await createImage(home, 'killed', app);
  const first = await gate.visitor();
  const logFile = join(home.path, 'logs', 'default', 'killed', '1.log');
  await eventually('the words are in the log', async () => (await readFile(logFile, 'utf8')).includes('first words'));

  await home.killController();

  await first.gone;
  await expectNoProcesses(home.path);
  expect(await readdir(join(home.path, 'work')), 'what the killed controller left').toHaveLength(1);

  const again = gate.visitor();
  await home.ok('controller', 'start');
  const second = await again;
  expect(await readdir(join(home.path, 'work'))).toEqual(['default.killed.1.2']);
  expect(numbersAndAttempts(await home.json('build', 'list', 'killed'))).toEqual([[1, 2]]);
  second.pass();

  const log = await home.ok('build', 'logs', 'killed');
  const [before = '', after = ''] = log.split('*** Attempt 1 was interrupted; the build runs again as attempt 2\n');
  expect(before).toContain('first words');
  expect(after).toContain('===> EXPORT');
  expect(numbersAndAttempts(await home.json('build', 'list', 'killed'))).toEqual([[1, 2]]);
  expect(await readdir(join(home.path, 'work'))).toEqual([]);
}, 60_000);

test('an image that was acknowledged is there after a kill at the very moment of the answer, and is built once', async () => {
  const app = await makeApp(home, 'acknowledged', {'index.txt': 'acknowledged\n'});
  await createImage(home, 'acknowledged', app);
  await home.killController();

  await home.ok('build', 'logs', 'acknowledged');
  const {items} = await home.json<BuildList>('build', 'list', 'acknowledged');
  expect(items.map(({status}) => status.conditions[0]?.status)).toEqual(['True']);
}, 60_000);

test('a controller that is told to stop ends its build as interrupted; the next one goes on with it', async () => {
  const app = await makeApp(home, 'stopped', {'build.sh': knock(gate)});
  await createImage(home, 'stopped', app);
  const first = await gate.visitor();

  await home.ok('controller', 'stop');
  await first.gone;
  await expectNoProcesses(home.path);
  expect(await readdir(join(home.path, 'work'))).toEqual([]);

  gate.stayOpen();
  await home.ok('build', 'logs', 'stopped');
  expect(numbersAndAttempts(await home.json('build', 'list', 'stopped'))).toEqual([[1, 2]]);
  const kinds = (await home.events()).filter(({image}) => image === 'stopped').map(({kind}) => kind);
  expect(kinds.filter((kind) => kind === 'build.interrupted')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'build.started')).toHaveLength(2);
}, 60_000);

// The dashboard for a screen reader: lines only, every change said once, everything reached by command.
import {afterAll, expect, test} from 'vitest';
import {type AccessibleOptions, runAccessible} from '../../source/ui/run-accessible.ts';
import {fakeClient} from '../support/fake-client.ts';
import {aFleet, fleetNow} from './support/a-fleet.ts';
import {ordersLog, petclinicLog} from './support/fleet-logs.ts';
import {openGoldens} from './support/screen-golden.ts';

const goldens = openGoldens();
afterAll(() => goldens.save());

async function spoken(commands: readonly string[], more: Pick<AccessibleOptions, 'guide'> = {}) {
  const client = fakeClient({state: aFleet().state(), now: () => fleetNow});
  client.addLog({namespace: 'default', image: 'spring-petclinic', number: 3}, petclinicLog);
  client.addLog({namespace: 'default', image: 'orders-api', number: 2}, ordersLog);
  const written: string[] = [];
  async function* lines() {
    for (const command of commands) {
      yield command;
      // What was asked is answered before the next line is typed.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
  }
  const write = (text: string) => void written.push(text);
  await runAccessible({client, lines: lines(), write, now: () => fleetNow, title: 'demo', ...more});
  return {client, text: written.join(''), lines: written.join('').split('\n')};
}

test('it greets with the counts and moves no cursor', async () => {
  const {text} = await spoken(['list', 'help', 'why']);
  expect(text.split('\n')[0]).toMatch(/^slipway demo\. 9 images: .*1 failed/);
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
});

test('an image is rebuilt by command; what follows is said in one line', async () => {
  const {client, lines} = await spoken(['rebuild gateway']);
  expect(client.sent).toEqual([{kind: 'image.trigger', namespace: 'default', name: 'gateway'}]);
  expect(lines.filter((line) => line.startsWith('image gateway triggered'))).toHaveLength(1);
  expect(lines).toContain('gateway, ready, 11:00');
});

test('what is destructive is asked and done only after yes', async () => {
  const no = await spoken(['delete catalog', 'no']);
  expect(no.text).toContain('type yes or no');
  expect(no.client.sent).toEqual([]);
  const yes = await spoken(['delete catalog', 'yes']);
  expect(yes.client.sent).toEqual([{kind: 'image.delete', namespace: 'default', name: 'catalog'}]);
});

test('a stack is patched: the new image typed, the plan read out, the name typed', async () => {
  const {client, text} = await spoken(['patch stack default', 'oci:/srv/bases:run-slim', 'default']);
  expect(text).toContain('3 rebased, 1 built again, 2 held');
  expect(client.sent.map(({kind}) => kind)).toEqual(['stack.save']);
});

test('the guide of somebody who is shown around can be read', async () => {
  const {text} = await spoken(['help', 'guide'], {guide: {title: 'What to try', steps: ['press p', 'then z']}});
  expect(text).toContain('guide says what to try: What to try');
  expect(text).toContain('1. press p\n2. then z\n');
  expect((await spoken(['guide'])).text).toContain('there is no command "guide"');
});

test('what is no command says so', async () => {
  expect((await spoken(['dance'])).text).toContain('there is no command "dance"');
});

/** What a sighted user finds on each screen, and the commands that say it. */
test.each([
  ['dashboard', ['list', 'stacks', 'go orders-api']],
  ['help', ['help']],
  ['history', ['go spring-petclinic', 'history', 'build 2', 'build 99']],
  ['why', ['go spring-petclinic', 'why', 'go orders-api', 'why']],
  ['log', ['go spring-petclinic', 'logs', 'line 3', 'line 9999']],
  [
    'log-search',
    ['next', 'go spring-petclinic', 'find layer', 'next', 'next-match', 'previous', 'search', 'npm', 'find nowhere'],
  ],
  ['describe', ['describe gateway', 'no', 'describe stack default', 'no', 'describe builder default']],
  ['failure', ['go orders-api', 'failure', 'go gateway', 'failure']],
  ['yaml', ['yaml gateway']],
  ['filter', ['filter', 'stack']],
  ['confirm', ['cancel spring-petclinic', 'no', 'delete stack default']],
  ['choose', ['patch gateway', '99', 'no']],
  ['patch-preview', ['patch stack default', 'oci:/srv/bases:run-slim', 'no']],
])('the screen "%s" is said as it was said before', async (screen, commands) => {
  const {text} = await spoken(commands);
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
  expect(text.trimEnd()).toBe(await goldens.kept('spoken', screen, text.trimEnd()));
});

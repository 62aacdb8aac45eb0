// The private root, with plain commands: what is out of sight, what cannot be written, what dies with it.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {createSandbox} from '../../source/executors/create-sandbox.ts';
import {probeSandbox} from '../../source/executors/probe-sandbox.ts';
import type {Mount, SandboxCommand, SandboxRoom} from '../../source/executors/sandbox.ts';

const statement = await probeSandbox();
const canHide = statement.kind === 'private-root';
if (!canHide) console.log(`skipped the private root: ${statement.why}`);

let home: string;
let room: SandboxRoom;
let mounts: readonly Mount[];

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway sandbox-'));
  for (const name of ['room', 'given', 'writable', 'hidden']) await mkdir(path.join(home, name));
  await writeFile(path.join(home, 'given', 'file'), 'given\n');
  await writeFile(path.join(home, 'hidden', 'secret'), 'secret\n');
  room = await createSandbox(statement).open(path.join(home, 'room'), {uid: 1000, gid: 1000});
  mounts = [{from: path.join(home, 'given'), to: '/given', writable: false}];
});

afterAll(() => rm(home, {recursive: true, force: true}));

function aShell(script: string, more: Partial<SandboxCommand> = {}): SandboxCommand {
  return {
    name: 'shell',
    mounts,
    program: ['/bin/sh', '-c', script],
    environment: {GIVEN: 'yes'},
    workingDirectory: '/',
    ...more,
  };
}

async function run(script: string, more: Partial<SandboxCommand> = {}): Promise<{code: number | null; out: string}> {
  const child = await room.start(aShell(`exec 2>&1; ${script}`, more), ['ignore', 'pipe', 'ignore']);
  const out = text(child.stdout as NodeJS.ReadableStream);
  const [code] = (await once(child, 'exit')) as [number | null];
  return {code, out: await out};
}

describe.runIf(canHide)('a private root', () => {
  const rows: readonly [string, string, string][] = [
    ['runs as the build user', 'id -u; id -g; id -G', '1000\n1000\n1000\n'],
    ['knows the build user by name', 'id -un', 'cnb\n'],
    ['has no capability left', 'grep -E "Cap(Prm|Eff|Amb)" /proc/self/status | tr -d "A-Za-z:\\t\\n0"', ''],
    ['gains none by a setuid program', 'grep NoNewPrivs /proc/self/status | tr -d "A-Za-z:\\t"', '1\n'],
    [
      'has a few top-level entries and no more',
      'ls / | tr "\\n" " " | sed "s/lib[0-9x]*//g; s/  */ /g"',
      'bin dev etc given home mnt proc run sbin tmp usr var ',
    ],
    ['has no home but its own', 'ls -A /home /home/cnb; ls -d /root 2>/dev/null', '/home:\ncnb\n\n/home/cnb:\n'],
    ['has an empty /tmp', 'ls -A /tmp | wc -l', '0\n'],
    ['has an empty /run, so no engine socket', 'ls -A /run /var/run 2>/dev/null | wc -l', '1\n'],
    ['sees its own processes alone', 'ls -d /proc/[0-9]* | wc -l | xargs test 6 -gt && echo few', 'few\n'],
    ['reads what it is given', 'cat /given/file', 'given\n'],
    [
      'has the device files a program expects',
      'ls /dev | tr "\\n" " "',
      'fd full null random shm stderr stdin stdout tty urandom zero ',
    ],
    ['writes with umask 022', 'umask', '0022\n'],
    [
      'has a PATH of its own',
      'echo $PATH $HOME $GIVEN',
      '/slipway/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /home/cnb yes\n',
    ],
  ];
  test.each(rows)('%s', async (_, script, expected) => {
    expect((await run(script)).out).toBe(expected);
  });

  test.each([
    'echo x > /usr/x',
    'echo x > /x',
    'echo x > /etc/passwd',
    'echo x > /given/file',
    'mkdir /given/x',
    'rm /bin',
    'mount -t tmpfs none /tmp',
    'umount /usr',
    'mount -o remount,rw /given',
    'chroot / true',
    'mknod /tmp/disk b 8 0',
    'kill -9 1 && test -e /proc/1/nothing',
    'cat /proc/1/root/etc/shadow',
    'ls /mnt/*',
  ])('refuses `%s`', async (script) => {
    expect((await run(`${script} && echo done`)).out).not.toContain('done');
  });

  test('hides what the machine holds elsewhere, by whatever path', async () => {
    const hidden = path.join(home, 'hidden');
    const {out} = await run(`cat "$1/secret" "/proc/1/root$1/secret" "/proc/self/cwd/..$1/secret"`, {
      program: ['/bin/sh', '-c', `exec 2>&1; cat "$1/secret" "/proc/1/root$1/secret"`, 'sh', hidden],
    });
    expect(out).not.toContain('secret\n\n');
    expect(out.match(/No such file/g)).toHaveLength(2);
  });

  test('gives every command a /tmp and home of its own', async () => {
    await run('echo x > /tmp/left; echo x > /home/cnb/left');
    expect((await run('ls /tmp /home/cnb | grep left')).out).toBe('');
  });

  test('lets a command write where it may, as a user the machine can tell apart', async () => {
    const directory = path.join(home, 'writable');
    if (statement.kind === 'private-root' && statement.as === 'root') {
      const {chown} = await import('node:fs/promises');
      await chown(directory, 1000, 1000);
    }
    await run('echo written > /writable/file', {mounts: [{from: directory, to: '/writable', writable: true}]});
    expect(await readFile(path.join(directory, 'file'), 'utf8')).toBe('written\n');
  });

  test.each([
    ['exit 7', 7],
    ['exit 0', 0],
  ])('passes on the exit code of `%s`', async (script, code) => {
    expect((await run(script)).code).toBe(code);
  });

  test('ends with 125 when it cannot be set up', async () => {
    expect((await run('true', {workingDirectory: '/nowhere'})).code).toBe(125);
  });

  test('takes everything with it when it is killed, daemons in sessions of their own too', async () => {
    const marker = `${Date.now()}.5`;
    const child = await room.start(
      aShell(`setsid sleep ${marker} & (setsid setsid sleep ${marker} &) ; echo up; wait`),
      ['ignore', 'pipe', 'inherit'],
    );
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    await waitFor(async () => (await processesWith(marker)) >= 2);
    const started = performance.now();
    room.kill(child);
    await once(child, 'exit');
    expect(await processesWith(marker)).toBe(0);
    expect(performance.now() - started).toBeLessThan(300);
  });

  test('dies with the process that started it', async () => {
    const marker = `${Date.now()}.25`;
    const starter = startStarter(marker);
    await waitFor(async () => (await processesWith(marker)) === 1).catch((error: unknown) => {
      starter.kill('SIGKILL');
      throw error;
    });
    starter.kill('SIGKILL');
    await waitFor(async () => (await processesWith(marker)) === 0);
    expect(await processesWith(marker)).toBe(0);
  });
});

const canBecomeAnother = canHide && process.getuid?.() === 0;
if (canHide && !canBecomeAnother) console.log('skipped the ordinary user: the tests are not run by root');

describe.runIf(canBecomeAnother)('an ordinary user', () => {
  test('gets a private root too', async () => {
    const script = `import {probeSandbox} from ${JSON.stringify(path.resolve('source/executors/probe-sandbox.ts'))};
      console.log(JSON.stringify(await probeSandbox()));`;
    const child = spawn(
      'setpriv',
      ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, '--input-type=module', '-e', script],
      {stdio: ['ignore', 'pipe', 'inherit'], env: {PATH: process.env['PATH'] ?? ''}},
    );
    expect(JSON.parse(await text(child.stdout))).toEqual({kind: 'private-root', as: 'user'});
  });
});

/** A Node process that starts a sleeping command in a private root and would wait for it. */
function startStarter(marker: string): ChildProcess {
  const script = `
    import {createSandbox} from ${JSON.stringify(path.resolve('source/executors/create-sandbox.ts'))};
    import {mkdtemp} from 'node:fs/promises';
    const directory = await mkdtemp(${JSON.stringify(path.join(home, 'starter-'))});
    const room = await createSandbox(${JSON.stringify(statement)}).open(directory, {uid: 1000, gid: 1000});
    await room.start({name: 'x', mounts: [], program: ['/bin/sleep', '${marker}'], environment: {}, workingDirectory: '/'}, 'ignore');
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'ignore', 'inherit']});
}

/** How many sleeping processes the machine has with these words in their command line. */
async function processesWith(words: string): Promise<number> {
  const {readdir} = await import('node:fs/promises');
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => /^[/\w]*sleep\0/.test(line) && line.includes(words)).length;
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('expected the condition to come true within 5 seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

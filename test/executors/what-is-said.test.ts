// The parts that turn values into words, and words of strangers into values: reasons, events, failures, orders, staged images.
import {link, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {StoredBuildpack} from '../../source/domain/buildpack.ts';
import {changeText} from '../../source/executors/change-text.ts';
import {describeFailure, type PhaseEnd} from '../../source/executors/describe-failure.ts';
import {createOutputTail} from '../../source/executors/output-tail.ts';
import {createEventReader, type PhaseEvent} from '../../source/executors/phase-events.ts';
import {buildpackPath, reachableBuildpacks} from '../../source/executors/reachable-buildpacks.ts';
import {checkStagedImage} from '../../source/executors/staged-image.ts';

test("reasons are printed as kpack's change logger prints them", () => {
  const green = (text: string) => `\u001B[0;32m${text}\u001B[0m`;
  const red = (text: string) => `\u001B[0;31m${text}\u001B[0m`;
  const text = changeText([
    {reason: 'COMMIT', old: 'abc', new: 'def'},
    {
      reason: 'CONFIG',
      old: {resources: {}, source: {}},
      new: {resources: {}, source: {git: {url: 'https://example.org/app.git', revision: 'edd446bc'}}},
    },
  ]);
  expect(text).toBe(
    [
      'Build reason(s): COMMIT,CONFIG',
      'COMMIT:',
      `\t${red('-')} ${red('abc')}`,
      `\t${green('+')} ${green('def')}`,
      'CONFIG:',
      '\tresources: {}',
      `\t${red('-')} ${red('source: {}')}`,
      `\t${green('+')} ${green('source:')}`,
      `\t${green('+')} ${green('  git:')}`,
      `\t${green('+')} ${green('    revision: edd446bc')}`,
      `\t${green('+')} ${green('    url: https://example.org/app.git')}`,
      '',
    ].join('\n'),
  );
});

describe('events of the lifecycle', () => {
  function read(phase: Parameters<typeof createEventReader>[0], ...pieces: (string | Buffer)[]): readonly PhaseEvent[] {
    const events: PhaseEvent[] = [];
    const take = createEventReader(phase, (event) => events.push(event));
    for (const piece of pieces) take(Buffer.from(piece));
    return events;
  }
  const started = {kind: 'buildpack.started', id: 'acme/a', version: '1.0.0', index: 1, of: 2};

  test('are read across pieces', () => {
    const line = `${JSON.stringify(started)}\n`;
    expect(read('build', line.slice(0, 7), line.slice(7) + line.slice(0, 3), line.slice(3))).toEqual([
      started,
      started,
    ]);
  });

  test.each([
    ['of another phase', 'export', JSON.stringify(started)],
    ['that are no JSON', 'build', '{"kind":'],
    ['that are no object', 'build', '[1]'],
    ['of a kind nobody knows', 'build', '{"kind":"phase.finished","exitCode":0}'],
    ['with a field of the wrong type', 'build', JSON.stringify({...started, index: '1'})],
    ['with a number out of bounds', 'build', JSON.stringify({...started, of: 1e9})],
    ['with a text too long', 'build', JSON.stringify({...started, id: 'a'.repeat(2000)})],
    ['with a digest that is none', 'export', '{"kind":"image.exported","digest":"latest"}'],
    ['that are binary', 'build', '\u0000\u00ff{'],
  ] as const)('%s are dropped, and the next one is taken', (_, phase, line) => {
    const next = {kind: 'failure', message: 'no'};
    expect(read(phase, `${line}\n${JSON.stringify(next)}\n`)).toEqual([next]);
  });

  test('on a line without an end cost no memory', () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const next = {kind: 'failure', message: 'no'};
    expect(read('build', ...Array<Buffer>(6).fill(megabyte), '\n', `${JSON.stringify(next)}\n`)).toEqual([next]);
  });

  test('are taken up to a number no honest phase reaches', () => {
    expect(read('build', `${JSON.stringify(started)}\n`.repeat(20_010))).toHaveLength(20_000);
  });
});

describe('a failure', () => {
  const end: PhaseEnd = {exitCode: 51, signal: null, stdout: [], stderr: []};

  test.each<[string, Partial<PhaseEnd>, string]>([
    [
      'names the line that reads like an error',
      {stdout: ['npm ERR! no script', 'bye'], reported: 'exit status 1'},
      'exit status 1: npm ERR! no script',
    ],
    [
      'does not repeat what the lifecycle printed',
      {stdout: ['cannot do', 'ERROR: exit status 1'], reported: 'exit status 1'},
      'exit status 1: cannot do',
    ],
    [
      'takes the last line when none reads like an error',
      {stdout: ['one', 'two'], reported: 'exit status 1'},
      'exit status 1: two',
    ],
    [
      'has what the lifecycle said',
      {exitCode: 62, stdout: ['error'], reported: 'failed to export: no space'},
      'failed to export: no space',
    ],
    [
      'has the last of stderr when the lifecycle said nothing',
      {exitCode: 1, stderr: ['warning', 'oops'], stdout: ['x']},
      'oops',
    ],
    ['says so when nobody said anything', {exitCode: 1}, 'it ended without saying why'],
  ])('%s', (_, more, message) => {
    expect(describeFailure('build', {...end, ...more}).message).toBe(message);
  });

  test('is at most 800 characters, without escapes', () => {
    const reported = `\u001B[31m${'x'.repeat(2000)}\u001B[0m`;
    expect(describeFailure('build', {...end, exitCode: 52, reported}).message).toBe('x'.repeat(800));
  });

  test.each([20, 21, 22, 32, 42, 51, 52, 62, 125, 1])(
    'with exit code %i has a meaning and a next step of one sentence',
    (exitCode) => {
      const {meaning, next} = describeFailure('build', {...end, exitCode});
      expect(meaning.length).toBeGreaterThan(10);
      expect(next).toMatch(/^[A-Z].*\.$/);
    },
  );

  test('by a SIGKILL that unshare could not pass on says so all the same', () => {
    const stderr = ['oops', 'unshare: sigprocmask unblock failed: Invalid argument'];
    const failure = describeFailure('build', {...end, exitCode: 1, stderr});
    expect(failure).toMatchObject({exitCode: undefined, meaning: expect.stringContaining('SIGKILL'), message: 'oops'});
  });

  test('by a signal says which', () => {
    expect(describeFailure('build', {...end, exitCode: null, signal: 'SIGKILL'}).meaning).toContain('SIGKILL');
  });
});

test('the tail of an output keeps the end, whatever the pieces are', () => {
  const tail = createOutputTail();
  tail.add(Buffer.alloc(100_000, 'x'));
  tail.add(Buffer.from('\n\u001B[1mlast\u001B[0m\r\n\n'));
  expect(tail.lines().at(-1)).toBe('last');
  expect(tail.lines()).toHaveLength(2);
});

describe('an order', () => {
  const stored = (id: string, version: string, order?: StoredBuildpack['order']): StoredBuildpack => ({
    id,
    version,
    api: '0.10',
    digest: 'sha256:0',
    directory: `/stored/${id}`,
    source: 'test',
    order,
  });

  test('reaches composite members once, and nothing else', () => {
    const all = [
      stored('acme/all', '1.0.0', [
        {
          group: [
            {id: 'acme/a', version: '2.0.0'},
            {id: 'acme/all', version: '1.0.0'},
          ],
        },
      ]),
      stored('acme/a', '2.0.0'),
      stored('acme/a', '10.0.0'),
      stored('acme/unused', '1.0.0'),
    ];
    const {order, buildpacks} = reachableBuildpacks([{group: [{id: 'acme/all'}, {id: 'acme/a', optional: true}]}], all);
    expect(buildpacks.map(buildpackPath)).toEqual(['acme_all/1.0.0', 'acme_a/2.0.0', 'acme_a/10.0.0']);
    expect(order).toEqual([
      {
        group: [
          {id: 'acme/all', version: '1.0.0'},
          {id: 'acme/a', version: '10.0.0', optional: true},
        ],
      },
    ]);
  });

  test.each([
    ['../../etc', '1.0.0'],
    ['acme/a', '../1'],
    ['acme/a', '1/0'],
    ['', '1'],
    ['-rf', '1'],
  ])('refuses %s@%s, which would leave its directory', (id, version) => {
    expect(() => reachableBuildpacks([{group: [{id, version}]}], [stored(id, version)])).toThrow(
      'expected a buildpack id',
    );
  });

  test('names what is missing', () => {
    expect(() => reachableBuildpacks([{group: [{id: 'acme/gone', version: '1'}]}], [])).toThrow('acme/gone 1');
  });
});

describe('a staged image', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const owner = process.getuid?.() ?? 0;
  let layout: string;
  let blobs: string;

  beforeEach(async () => {
    layout = await mkdtemp(path.join(tmpdir(), 'slipway-staged-'));
    blobs = path.join(layout, 'blobs', 'sha256');
    await mkdir(blobs, {recursive: true});
    await writeFile(path.join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(path.join(layout, 'index.json'), JSON.stringify({manifests: [{digest}]}));
    await writeFile(path.join(blobs, 'a'.repeat(64)), '{}');
  });
  afterEach(() => rm(layout, {recursive: true, force: true}));

  test('gives the digest of its one manifest', async () => {
    expect(await checkStagedImage(layout, owner)).toBe(digest);
  });

  const blob = () => path.join(blobs, 'b'.repeat(64));
  test.each<[string, () => Promise<unknown>]>([
    ['a link in the place of a blob', () => symlink('/etc/shadow', blob())],
    ['a blob with a second name', () => link(path.join(layout, 'oci-layout'), blob())],
    ['a directory in the place of a blob', () => mkdir(blob())],
    ['a file that no layout has', () => writeFile(path.join(layout, 'extra'), '')],
    ['a blob whose name is no digest', () => writeFile(path.join(blobs, 'x'), '')],
    ['no manifest', () => writeFile(path.join(layout, 'index.json'), '{"manifests":[]}')],
    [
      'a manifest without a digest',
      () => writeFile(path.join(layout, 'index.json'), '{"manifests":[{"digest":"latest"}]}'),
    ],
  ])('with %s is refused', async (_, spoil) => {
    await spoil();
    await expect(checkStagedImage(layout, owner)).rejects.toThrow(/^expected /);
  });

  test('of somebody else is refused', async () => {
    await expect(checkStagedImage(layout, owner + 1)).rejects.toThrow(`a file of user ${owner + 1}`);
  });
});

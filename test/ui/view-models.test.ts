// Values as words: durations, digests, changes, failures, and the summary after quitting.
import {describe, expect, test} from 'vitest';
import type {BuildConfig, Change} from '../../source/domain/change.ts';
import {makeTheme, themeName} from '../../source/ui/theme/make-theme.ts';
import {palettes} from '../../source/ui/theme/palettes.ts';
import {describeImage, describeStack} from '../../source/ui/view-models/describe-lines.ts';
import {stackRows} from '../../source/ui/view-models/stack-rows.ts';
import {changeLines, configDiff} from '../../source/ui/view-models/change-lines.ts';
import {clockText, elapsedText, momentText, tookText} from '../../source/ui/view-models/durations.ts';
import {countText, groupDigits, shortDigest, sizeText} from '../../source/ui/view-models/names.ts';
import {outlookLines, outlookSummary} from '../../source/ui/view-models/outlook-lines.ts';
import {phaseCells} from '../../source/ui/view-models/phase-bar.ts';
import {sessionSummary} from '../../source/ui/view-models/session-summary.ts';
import {imageStatus} from '../../source/state/image-status.ts';
import type {State} from '../../source/state/state.ts';
import {imageRows} from '../../source/ui/view-models/image-rows.ts';
import {whyLines} from '../../source/ui/view-models/why-lines.ts';
import {aCommit, aRecord, aState} from '../support/builders.ts';
import {aFleet, buildOf, digestOf, fleetNow} from './support/a-fleet.ts';

test.each([
  [0, '0:00'],
  [42_900, '0:42'],
  [727_000, '12:07'],
  [3_723_000, '1:02:03'],
  [-5, '0:00'],
])('%i ms have elapsed: %s', (milliseconds, text) => {
  expect(elapsedText(milliseconds)).toBe(text);
});

test.each([
  [40, '40ms'],
  [320, '0.3s'],
  [42_000, '42s'],
  [72_000, '1m 12s'],
  [7_500_000, '2h 5m'],
])('%i ms took %s', (milliseconds, text) => {
  expect(tookText(milliseconds)).toBe(text);
});

test('a moment is a time today and a date before', () => {
  expect(clockText(fleetNow)).toBe('12:04:31');
  expect(momentText(fleetNow - 60_000, fleetNow)).toBe('12:03');
  expect(momentText(fleetNow - 86_400_000, fleetNow)).toBe('Mar 13');
});

test('digests, commits, counts and sizes are short', () => {
  expect(shortDigest(digestOf('x'))).toMatch(/^[0-9a-f]{8}$/);
  expect(shortDigest(`name@${digestOf('x')}`)).toBe(shortDigest(digestOf('x')));
  expect(shortDigest('a'.repeat(40))).toBe('aaaaaaaa');
  expect(shortDigest('oci:/srv/bases:run')).toBe('oci:/srv/bases:run');
  expect(countText(1, 'image')).toBe('1 image');
  expect(groupDigits(1_234_567)).toBe('1 234 567');
  expect(sizeText(84_300_000)).toBe('84.3 MB');
});

describe('a change', () => {
  const config = (env: BuildConfig['env'], revision = 'main'): BuildConfig => ({
    env,
    resources: {},
    source: {git: {url: 'u', revision}},
  });
  const words = (change: Change) => changeLines([change], '→').map((line) => line.map(({text}) => text).join(''));

  test('of the configuration names the fields that differ, environment variables by name', () => {
    const before = config([
      {name: 'A', value: '1'},
      {name: 'B', value: '2'},
    ]);
    const after = config([{name: 'B', value: '3'}]);
    expect(configDiff(before, after)).toEqual([
      {path: 'env.A', before: '1', after: undefined},
      {path: 'env.B', before: '2', after: '3'},
    ]);
    expect(words({reason: 'CONFIG', old: before, new: after})).toEqual([
      'CONFIG    env.A',
      '          - 1',
      '          env.B',
      '          - 2',
      '          + 3',
    ]);
  });

  test.each<[Change, readonly string[]]>([
    [{reason: 'COMMIT', old: 'a'.repeat(40), new: 'b'.repeat(40)}, ['COMMIT    aaaaaaaa → bbbbbbbb']],
    [{reason: 'LIFECYCLE', old: '1', new: '2'}, ['LIFECYCLE 1 → 2']],
    [{reason: 'TRIGGER', old: '', new: 'by hand'}, ['TRIGGER   by hand']],
    [
      {
        reason: 'BUILDPACK',
        old: [
          {id: 'a', version: '1'},
          {id: 'b', version: '2'},
        ],
        new: null,
      },
      ['BUILDPACK - a@1  no longer in the builder', '          - b@2'],
    ],
    [{reason: 'CONFIG', old: {resources: {}, source: {}}, new: config([])}, ['CONFIG    the first build of the image']],
  ])('%j reads %j', (change, lines) => {
    expect(words(change)).toEqual(lines);
  });
});

test('phases never run tell why, cached ones are marked', () => {
  const state = aFleet().state();
  expect(phaseCells(buildOf(state, 'orders-api'), fleetNow).map(({look, under}) => `${look} ${under}`)).toEqual([
    'succeeded 0.3s',
    'failed 0.4s',
    'skipped skipped',
    'skipped skipped',
    'skipped skipped',
    'skipped skipped',
  ]);
  expect(phaseCells(buildOf(state, 'spring-petclinic'), fleetNow).map(({look}) => look)).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
    'cached',
    'running',
    'pending',
  ]);
});

test('an outlook puts first what runs, and sums up', () => {
  const stack = {reason: 'STACK', old: digestOf('a'), new: digestOf('b')} as const;
  const due = [{change: stack, since: 0}];
  const outlook = [
    {namespace: 'n', name: 'b', decision: {kind: 'hold', hold: {kind: 'paused', message: 'paused'}, due}},
    {namespace: 'n', name: 'c', decision: {kind: 'rebase', due}},
    {namespace: 'n', name: 'a', decision: {kind: 'rebase', due}},
  ] as const;
  expect(outlookSummary(outlook)).toBe('2 rebased, 1 held');
  expect(outlookLines(outlook, '→').map((line) => line.map(({text}) => text).join(''))).toEqual([
    `rebase   a  STACK ${shortDigest(stack.old)} → ${shortDigest(stack.new)}`,
    `rebase   c  STACK ${shortDigest(stack.old)} → ${shortDigest(stack.new)}`,
    'held     b  paused',
  ]);
});

test('the summary tells what ended in this session, with the reason of a failure', () => {
  const {lines, failed} = sessionSummary(aFleet().state(), fleetNow - 9 * 60_000);
  expect(failed).toBe(true);
  expect(lines).toEqual([
    '✗ orders-api build 2 COMMIT failed in detect after 0.8s',
    '    exit 20    no group of buildpacks passed detection: this source is nothing the builder knows how to build',
    '    says       ERROR: No buildpack groups passed detection.',
    '    next       add a package.json or a pom.xml to the source, or give the image another builder with p',
    '… spring-petclinic build 3 COMMIT,BUILDPACK goes on in the controller',
  ]);
});

test('an image whose source went away says so in its line, and why and since when beside its build', () => {
  const since = fleetNow - 60_000;
  const source = {generation: 1, resolved: aCommit(), problem: 'no such directory', problemSince: since};
  const state = aState([aRecord({source})]);
  const [row] = imageRows(state, '', fleetNow);
  expect(row).toMatchObject({state: 'ready', tail: 'source unreadable'});
  const record = aRecord({source});
  const lines = whyLines(record.builds[0], imageStatus(record, state), {arrow: '→'}).map((line) =>
    line.map(({text}) => text).join(''),
  );
  expect(lines.slice(0, 3)).toEqual([
    'now',
    'source cannot be read: no such directory; what was built stays',
    'since Mar 14 12:03',
  ]);
});

describe('a theme', () => {
  test.each([
    ['dark', '#0d1117'],
    ['light', '#ffffff'],
    ['high-contrast', '#000000'],
  ] as const)('%s has text that can be read on its background', (name, background) => {
    const borders = ['border', 'border-focused'];
    for (const [role, style] of Object.entries(palettes[name])) {
      if (!style.color || borders.includes(role)) continue;
      const found = {role, readable: contrast(style.color, style.background ?? background) >= 4.5};
      expect(found).toEqual({role, readable: true});
    }
  });

  test.each(['dark', 'light', 'high-contrast'] as const)('%s can be read on a chosen row', (name) => {
    const {selected, text, ready, failed, running, reason} = palettes[name];
    if (!selected.background) return;
    for (const style of [text, ready, failed, running, reason]) {
      expect(contrast(style.color ?? '', selected.background)).toBeGreaterThanOrEqual(3.5);
    }
  });

  test('uses as many colours as the terminal has', () => {
    expect(makeTheme({colorDepth: 24}).paint('failed', 'x')).toBe('\u001B[38;2;244;112;103mx\u001B[39m');
    expect(makeTheme({colorDepth: 8}).paint('failed', 'x')).toMatch(/^\u001B\[38;5;\d+mx/);
    expect(makeTheme({colorDepth: 4}).paint('failed', 'x')).toBe('\u001B[91mx\u001B[39m');
    expect(makeTheme({colorDepth: 1, name: 'dark'}).paint('failed', 'x')).toBe('\u001B[1mx\u001B[22m');
  });

  test('of an unknown name is the dark one', () => {
    expect(themeName('constructor')).toBe('dark');
    expect(themeName('light')).toBe('light');
  });
});

/** WCAG 2.2: relative luminance of the lighter over that of the darker. */
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('what describe says', () => {
  const fleet = aFleet().state();
  const textsOf = (lines: readonly (readonly {readonly text: string}[])[]) =>
    lines.map((line) =>
      line
        .map(({text}) => text)
        .join('')
        .replaceAll(/ +/g, ' ')
        .trim(),
    );
  const record = fleet.images['default/gateway']!;
  const builder = fleet.builders['ClusterBuilder/slim']!;
  const inContainers = {...builder, spec: {...builder.spec, executor: 'container', engine: 'podman'} as const};

  test.each([
    ['layout', builder, 'export layout'],
    ['registry', builder, 'export registry'],
    [undefined, builder, 'export layout (what its builder does)'],
    [undefined, inContainers, 'export engine (what its builder does)'],
    [undefined, undefined, 'export not known without its builder'],
  ] as const)('of where builds go: %s', (target, own, expected) => {
    const {export: _export, ...spec} = record.image.spec;
    const image = {...record.image, spec: {...spec, ...(target ? {export: target} : {})}};
    const state: State = {...fleet, builders: own ? {'ClusterBuilder/slim': own} : {}};
    const seen = {...record, image};
    expect(textsOf(describeImage(seen, imageStatus(seen, state), state))).toContain(expected);
  });

  test.each([
    [
      {kind: 'podman', state: 'ready', version: '5.4.2', rootless: true, limits: ['no memory limits']},
      ['podman 5.4.2, rootless', 'no memory limits'],
    ],
    [
      {kind: 'podman', state: 'silent', problem: 'podman does not answer', next: 'systemctl --user start podman'},
      ['podman does not answer', 'systemctl --user start podman'],
    ],
  ] as const)('of the engine of a builder: $0.state', (engine, expected) => {
    const state = {
      ...fleet,
      builders: {'ClusterBuilder/slim': inContainers},
      controller: {...fleet.controller!, engines: [engine]},
    };
    const row = stackRows(state).find((one) => one.kind === 'builder')!;
    const texts = textsOf(describeStack(row, state));
    expect(texts).toContain('executor container/podman');
    expect(texts).toEqual(expect.arrayContaining([...expected]));
  });
});

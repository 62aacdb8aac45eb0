// Primitives and panels drawn by themselves.
import {bindings} from '../../source/ui/keymap/bindings.ts';
import {render} from 'ink-testing-library';
import stringWidth from 'string-width';
import stripAnsi from 'strip-ansi';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {imageStatus} from '../../source/state/image-status.ts';
import type {FrameSpot, PanelId} from '../../source/ui/layout/layout.ts';
import {BuildPanel} from '../../source/ui/panels/build-panel.tsx';
import {Footer} from '../../source/ui/panels/footer.tsx';
import {HistoryPanel} from '../../source/ui/panels/history-panel.tsx';
import {ImagesPanel} from '../../source/ui/panels/images-panel.tsx';
import {StacksPanel} from '../../source/ui/panels/stacks-panel.tsx';
import {columnWidths, tableRow} from '../../source/ui/primitives/columns.ts';
import {cutText, fitText, textWidth} from '../../source/ui/primitives/fit-text.ts';
import {Frame} from '../../source/ui/primitives/frame.tsx';
import {listWindow, scrollThumb} from '../../source/ui/primitives/list-window.ts';
import {editField, emptyField, fieldText, fieldWith} from '../../source/ui/primitives/text-field.ts';
import {wrapWords} from '../../source/ui/primitives/wrap-words.ts';
import {asciiGlyphs, unicodeGlyphs} from '../../source/ui/theme/glyphs.ts';
import {makeTheme} from '../../source/ui/theme/make-theme.ts';
import {historyRows} from '../../source/ui/view-models/history-rows.ts';
import {imageRows} from '../../source/ui/view-models/image-rows.ts';
import {stackRows} from '../../source/ui/view-models/stack-rows.ts';
import {aFleet, buildOf, fleetNow} from './support/a-fleet.ts';

const theme = makeTheme({colorDepth: 24});
const state = aFleet().state();
const look = {...theme.glyphs.frame, ellipsis: '…', border: (text: string) => text};

afterEach(() => {
  vi.useRealTimers();
});

function drawn(node: Parameters<typeof render>[0]): string {
  const {lastFrame, unmount} = render(node);
  const frame = stripAnsi(lastFrame() ?? '');
  unmount();
  return frame;
}

function spot(panel: PanelId, width: number, height: number): FrameSpot {
  return {panel, tabs: [panel], width, height};
}

describe('a frame', () => {
  test('has exactly its width and height, whatever its rows', () => {
    const frame = drawn(
      <Frame
        width={20}
        height={5}
        title="Title"
        note="note"
        rows={['one', 'x'.repeat(90), '構築'.repeat(9)]}
        look={look}
      />,
    );
    expect(frame).toBe(
      [
        '╭─ Title ─── note ─╮',
        '│one               │',
        `│${'x'.repeat(17)}…│`,
        '│構築構築構築構築… │',
        '╰──────────────────╯',
      ].join('\n'),
    );
  });

  test('drops its note before its title', () => {
    const frame = drawn(<Frame width={14} height={3} title="A long title" note="note" rows={[]} look={look} />);
    expect(frame.split('\n')[0]).toBe('╭─ A long … ─╮');
  });
});

describe('text', () => {
  test.each([
    ['abc', 5, 'left', 'abc  '],
    ['abc', 5, 'right', '  abc'],
    ['abc', 6, 'center', ' abc  '],
    ['abcdef', 4, 'left', 'abc…'],
    ['構築中', 5, 'left', '構築…'],
    ['構築中', 4, 'left', '構… '],
    ['abc', 0, 'left', ''],
  ] as const)('%s in %i cells, %s, is "%s"', (text, width, align, fitted) => {
    expect(fitText(text, width, align)).toBe(fitted);
  });

  test('of the themes is measured as the terminal measures it', () => {
    const glyphs = [unicodeGlyphs, asciiGlyphs].flatMap((set) => [...Object.values(set), ...Object.values(set.frame)]);
    for (const glyph of glyphs.filter((one) => typeof one === 'string')) {
      expect({glyph, width: textWidth(`\u001B[31m${glyph}\u001B[39m`)}).toEqual({glyph, width: stringWidth(glyph)});
    }
  });

  test('is cut inside its colour', () => {
    expect(cutText('\u001B[31mabcdef\u001B[39m', 4)).toBe('\u001B[31mabc…\u001B[39m');
  });

  test('is broken at spaces, and a word too long in the middle', () => {
    expect(wrapWords('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapWords('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrapWords('one two three four', 5, 2)).toEqual(['one', 'two…']);
  });
});

describe('a list window', () => {
  test.each([
    [5, 0, 10, 0, 5],
    [100, 0, 10, 0, 10],
    [100, 50, 10, 45, 55],
    [100, 99, 10, 90, 100],
    [0, 0, 10, 0, 0],
  ])('of %i rows at %i in %i rows is %i to %i', (count, cursor, height, from, to) => {
    expect(listWindow(count, cursor, height)).toEqual({from, to});
  });

  test('has a thumb only when there is more than fits', () => {
    expect(scrollThumb(10, 0, 10)).toBeUndefined();
    expect(scrollThumb(100, 0, 10)).toEqual({from: 0, to: 0});
    expect(scrollThumb(100, 90, 10)).toEqual({from: 9, to: 9});
  });
});

describe('a table', () => {
  const columns = [{width: 4}, {width: 5, flex: true}, {width: 6, drop: 1}, {width: 3, align: 'right'} as const];

  test('gives what is left to the flexible column', () => {
    expect(columnWidths(columns, 30)).toEqual([4, 14, 6, 3]);
  });

  test('drops a column that has no room', () => {
    expect(columnWidths(columns, 16)).toEqual([4, 7, 0, 3]);
    expect(tableRow([{text: 'abcdef'}, {text: 'x'}, {text: 'gone'}, {text: '7'}], columns, [4, 7, 0, 3])).toBe(
      'abc… x         7',
    );
  });
});

describe('a text field', () => {
  test('is edited by graphemes', () => {
    const family = '👩‍👩‍👧';
    const field = editField(editField(emptyField, {kind: 'insert', text: `a${family}b`}), {kind: 'left'});
    expect(editField(field, {kind: 'backspace'})).toEqual({text: 'ab', cursor: 1});
  });

  test('takes no control characters', () => {
    expect(editField(emptyField, {kind: 'insert', text: 'a\u001B[2J\nb'}).text).toBe('a[2Jb');
  });

  test('deletes a word, and everything', () => {
    expect(editField(fieldWith('one two '), {kind: 'delete-word'}).text).toBe('one ');
    expect(editField(fieldWith('one two'), {kind: 'clear'})).toEqual(emptyField);
  });

  test('scrolls so that the cursor is seen', () => {
    const shown = fieldText(fieldWith('x'.repeat(50)), 10, (text) => `[${text}]`);
    expect(shown.endsWith('[ ]')).toBe(true);
    expect(textWidth(shown)).toBeLessThanOrEqual(12);
  });
});

describe('the build panel', () => {
  const build = buildOf(state, 'spring-petclinic');
  const record = state.images['default/spring-petclinic'];
  const panel = (width: number, still = true) => (
    <BuildPanel
      spot={spot('build', width, 9)}
      focused
      theme={theme}
      name="spring-petclinic"
      build={build}
      builds={record?.builds ?? []}
      tail={[]}
      status={record && imageStatus(record, state)}
      now={fleetNow}
      still={still}
    />
  );

  test('shows phases, progress and reasons', () => {
    expect(drawn(panel(80)).split('\n')).toEqual([
      '╭─ 3 spring-petclinic · build 3 ──────────────────────────── COMMIT,BUILDPACK ─╮',
      '│ ✓ prepare    ✓ detect     ✓ analyze    ≡ restore    ◐ build      ○ export    │',
      '│ ━━━━━━━━━━━━ ━━━━━━━━━━━━ ━━━━━━━━━━━━ ━━━━━━━━━━━━ ━━━━━━╍╍╍╍╍╍ ─────────── │',
      '│ 0.3s         0.1s         60ms         1.2s cached  0:40                     │',
      '│ 5/6 build · sample/npm-install 2/2 · 0:42 · layers 3 restored                │',
      '│ COMMIT    4a6dbe4f → f0271cfa                                                │',
      '│ BUILDPACK - sample/procfile@1.0.0  no longer in the builder                  │',
      '│                                                                              │',
      '╰──────────────────────────────────────────────────────────────────────────────╯',
    ]);
  });

  test('moves three dots behind the running phase, and nothing else', async () => {
    vi.useFakeTimers();
    const {lastFrame, unmount} = render(panel(80, false));
    const first = stripAnsi(lastFrame() ?? '').split('\n');
    await vi.advanceTimersByTimeAsync(900);
    const later = stripAnsi(lastFrame() ?? '').split('\n');
    unmount();
    const moved = first.flatMap((row, at) => (row === later[at] ? [] : [at]));
    expect(moved).toEqual([3]);
    expect(first[3]).toContain('0:40 .');
    expect(later[3]).toContain('0:40 ...');
    for (const row of [...first, ...later]) expect(stringWidth(row)).toBe(80);
  });

  test.each([40, 60, 100])('keeps its width at %i columns', (width) => {
    for (const row of drawn(panel(width)).split('\n')) expect(stringWidth(row)).toBe(width);
  });
});

describe('lists', () => {
  test('of images keep their columns in line', () => {
    const rows = imageRows(state, '', fleetNow);
    const frame = drawn(
      <ImagesPanel
        spot={spot('images', 60, 11)}
        focused
        theme={theme}
        rows={rows}
        at={2}
        all={9}
        filter=""
        marks={[]}
        sort={{column: 'name', descending: false}}
        column="name"
      />,
    );
    expect(frame.split('\n').slice(1, 5)).toEqual([
      '│   IMAGE↑              STACK    BUILD REASON         STATE│',
      '│ ‖ billing             default     b1 CONFIG        paused│',
      '│ ↻ catalog             default     b1 STACK     asks first│',
      '│▌✓ checkout            default     b1 CONFIG         10:08│',
    ]);
  });

  test('of stacks say how many images stand on each', () => {
    const rows = stackRows(state);
    const frame = drawn(<StacksPanel spot={spot('stacks', 60, 10)} focused theme={theme} rows={rows} at={1} />);
    expect(frame).toMatch(/▌ {2}default +run c91c3d06 +7 images/);
    expect(frame).toMatch(/slim +on slim +1 image│/);
  });

  test('of builds are a table', () => {
    const rows = historyRows(state.images['default/orders-api']?.builds ?? [], fleetNow);
    const frame = drawn(
      <HistoryPanel name="orders-api" spot={spot('history', 72, 6)} focused theme={theme} rows={rows} at={0} />,
    );
    expect(frame).toMatch(/BUILD STATUS +REASON +STARTED +TOOK IMAGE/);
    expect(frame).toMatch(/2 ✗ FAILURE +COMMIT +11:56 +0\.8s/);
  });
});

test('the hints keep help and quit in sight on a narrow screen', () => {
  const facts = {hasBuild: true, hasFailure: false, hasSearch: false, zoomed: false, connected: true};
  const row = drawn(
    <Footer panel="images" keymap={bindings} facts={facts} toast={undefined} columns={40} theme={theme} />,
  );
  expect(row).toContain('? help');
  expect(row).toContain('q quit');
});

// The screen at every size: frames tile it exactly, no row is wider than the terminal, and nothing throws on the way.
import fc from 'fast-check';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {layoutScreen, type LayoutWish, type PanelId, panelOrder} from '../../source/ui/layout/layout.ts';
import {of} from './support/fleet-logs.ts';
import {keys, openDashboard, petclinic} from './support/dashboard.ts';

afterEach(() => {
  vi.useRealTimers();
});

const wish = fc.record({
  columns: fc.integer({min: 1, max: 320}),
  rows: fc.integer({min: 1, max: 110}),
  focus: fc.constantFrom<PanelId>(...panelOrder),
  recent: fc.uniqueArray(fc.constantFrom<PanelId>(...panelOrder)),
  zoomed: fc.boolean(),
  wanted: fc.record({
    images: fc.nat(50),
    stacks: fc.nat(50),
    history: fc.nat(50),
  }),
  wantedRows: fc.integer({min: 3, max: 30}),
  guideRows: fc.option(fc.integer({min: 1, max: 40}), {nil: undefined}),
});

type Asked = Omit<LayoutWish, 'wantedBuild' | 'wantedGuide'> & {
  readonly wantedRows: number;
  readonly guideRows?: number | undefined;
};

function laidOut({wantedRows, guideRows, ...rest}: Asked) {
  const guide = guideRows === undefined ? {} : {wantedGuide: () => guideRows};
  return layoutScreen({...rest, ...guide, wantedBuild: () => wantedRows});
}

describe('the layout', () => {
  test('fills the screen between header and footer exactly, with frames that can hold a row', () => {
    fc.assert(
      fc.property(wish, (one) => {
        const layout = laidOut(one);
        if (layout.kind === 'card') return one.columns < 40 || one.rows < 10;
        const width = layout.body.reduce((sum, column) => sum + column.width, 0);
        expect(width).toBe(one.columns);
        for (const {frames, ...column} of layout.body) {
          expect(frames.reduce((sum, frame) => sum + frame.height, 0)).toBe(one.rows - 2);
          for (const frame of frames) {
            expect(frame.width).toBe(column.width);
            expect(frame.height).toBeGreaterThanOrEqual(3);
          }
        }
        return true;
      }),
      {numRuns: 2000},
    );
  });

  test('always shows the panel that has the focus', () => {
    fc.assert(
      fc.property(wish, (one) => {
        const layout = laidOut(one);
        if (layout.kind === 'card') return true;
        if (one.guideRows === undefined && one.focus === 'guide') return true;
        return layout.body.some(({frames}) => frames.some(({panel}) => panel === one.focus));
      }),
      {numRuns: 2000},
    );
  });

  test.each([
    [83, 1],
    [84, 2],
    [159, 2],
    [160, 3],
  ])('of %i columns stands in %i columns of frames', (columns, count) => {
    const wanted = {images: 9, stacks: 6, history: 4};
    const layout = laidOut({columns, rows: 40, focus: 'images', recent: [], zoomed: false, wanted, wantedRows: 6});
    expect(layout.kind === 'frames' && layout.body.length).toBe(count);
  });
});

/** From 20×6 to 300×100 and back, sixty-six sizes. */
const sizes = (() => {
  const there = Array.from({length: 33}, (_, at) => [20 + Math.round((at * 280) / 32), 6 + ((at * 37) % 95)] as const);
  return [...there, ...there.toReversed().map(([columns, rows]) => [columns, Math.max(6, 106 - rows)] as const)];
})();

/** Wide, joined, combining, right-to-left, tabs, carriage returns, and escapes that try to move the cursor. */
const strange = [
  '構築中の行は幅が二つ分です 構築中の行は幅が二つ分です 構築中の行は幅が二つ分です',
  '👩‍👩‍👧‍👦 family 🏳️‍🌈 flag ❤️ heart e\u0301 combining',
  'عربي שלום right to left \u202Eoverride',
  'tab\there\tand\tthere',
  'progress 10%\rprogress 100%',
  '\u001B[2J\u001B[H\u001B]0;title\u0007\u001B[10;10Hmoved\u001B[?1049l',
];

/** Six sizes a test: each has many times the time that it needs, also on a busy machine. */
const legs = Array.from({length: 11}, (_, at) => sizes.slice(at * 6, at * 6 + 6)).map((leg) => ({
  leg,
  from: leg[0]?.join('×'),
  to: leg.at(-1)?.join('×'),
}));

test('there are sixty-six sizes, and each of them is tried', () => {
  expect(legs.flatMap(({leg}) => leg)).toEqual(sizes);
  expect(sizes).toHaveLength(66);
});

test.each(legs)(
  'from $from to $to no row is wider than the terminal, in the middle of a stream',
  async ({leg}) => {
    const robot = await openDashboard({columns: 120, rows: 40});
    await robot.press('jjjjjj');
    for (const [at, [columns, rows]] of leg.entries()) {
      robot.client.addLog(petclinic, of('build', [`${at}`, ...strange]));
      await robot.resize(columns, rows);
      expect(robot.terminal.wrapped, `${columns}×${rows}`).toBe(false);
      expect(robot.terminal.rows()).toHaveLength(rows);
      if (columns < 40 || rows < 10) continue;
      expect(robot.screen()).toContain('slipway');
      // Every row of the body ends with a border, in the last column and nowhere else.
      for (const row of robot.terminal.cells().slice(1, -1)) {
        expect(['│', '┃', '╮', '╯'], `${columns}×${rows}`).toContain(row[columns - 1]?.text);
      }
    }
    await robot.press('?', keys.escape);
    await robot.quit();
  },
  60_000,
);

test('borders stay in line whatever a log prints', async () => {
  const robot = await openDashboard({columns: 120, rows: 40});
  robot.client.addLog(petclinic, of('build', strange));
  await robot.press('jjjjjj', 'l', 'f');
  const cells = robot.terminal.cells();
  for (const row of cells.slice(2, -2)) {
    expect(row[0]?.text).toBe('│');
    expect(['│', '┃']).toContain(row.at(-1)?.text);
  }
  await robot.quit();
});

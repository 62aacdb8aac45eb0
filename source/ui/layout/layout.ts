// Where everything stands on a screen of any size: pure arithmetic from columns × rows to rectangles.

export type PanelId = 'images' | 'stacks' | 'build' | 'log' | 'history' | 'why' | 'guide';

/** The panels in the order of their digit keys. The guide is there when somebody is guided. */
export const panelOrder: readonly PanelId[] = ['images', 'stacks', 'build', 'log', 'history', 'why', 'guide'];

/** A frame on the screen. `tabs` are the panels that share it; `panel` is the one it shows. */
export type FrameSpot = {
  readonly panel: PanelId;
  readonly tabs: readonly PanelId[];
  readonly width: number;
  readonly height: number;
};

export type LayoutColumn = {readonly width: number; readonly frames: readonly FrameSpot[]};

export type Layout =
  /** Too small for frames: a card that tells the counts. */
  | {readonly kind: 'card'; readonly columns: number; readonly rows: number}
  | {
      readonly kind: 'frames';
      readonly columns: number;
      readonly rows: number;
      readonly body: readonly LayoutColumn[];
    };

export type LayoutWish = {
  readonly columns: number;
  readonly rows: number;
  readonly focus: PanelId;
  /** Panels focused before, newest first: a frame of several tabs shows the newest of them. */
  readonly recent: readonly PanelId[];
  readonly zoomed: boolean;
  /** How many rows each panel has to show. */
  readonly wanted: Readonly<Record<'images' | 'stacks' | 'history', number>>;
  /** The same for the build panel, which breaks sentences at its width. */
  readonly wantedBuild: (width: number) => number;
  /** The same for the guide; without it there is none. */
  readonly wantedGuide?: (width: number) => number;
};

/** The smallest screen that gets frames, and the width below which they stand under each other. */
export const smallest = {columns: 40, rows: 10};
export const portraitBelow = 84;
const wideFrom = 160;

/** The layout of a screen; header and footer take one row each, frames fill the rest exactly. */
export function layoutScreen(wish: LayoutWish): Layout {
  const {columns, rows} = wish;
  if (columns < smallest.columns || rows < smallest.rows) return {kind: 'card', columns, rows};
  return {kind: 'frames', columns, rows, body: bodyOf(wish, rows - 2)};
}

/** The frame that shows a panel, when it is on the screen. */
export function panelSpot(layout: Layout, panel: PanelId): FrameSpot | undefined {
  if (layout.kind === 'card') return undefined;
  return layout.body.flatMap(({frames}) => frames).find((frame) => frame.panel === panel);
}

/** Content rows of a panel where it stands; 0 when it is not on the screen. */
export function panelRows(layout: Layout, panel: PanelId): number {
  const spot = panelSpot(layout, panel);
  return spot ? Math.max(0, spot.height - 2) : 0;
}

function bodyOf(wish: LayoutWish, height: number): readonly LayoutColumn[] {
  const {columns, focus} = wish;
  if (wish.zoomed) return [column(columns, [{panel: focus, tabs: [focus], width: columns, height}])];
  if (columns < portraitBelow) return [column(columns, portrait(wish, height))];
  if (columns >= wideFrom && height >= 24) return wide(wish, height);
  return landscape(wish, height);
}

function column(width: number, frames: readonly FrameSpot[]): LayoutColumn {
  return {width, frames};
}

type Group = readonly PanelId[];

/** The panels under each other; the focused frame gets the most room. On few rows only the focused one is there. */
function portrait(wish: LayoutWish, height: number): readonly FrameSpot[] {
  const {columns, focus, wanted, wantedBuild} = wish;
  if (height < 15) return [spot(wish, panelOrder, columns, height)];
  const lists: Group = ['images', 'stacks'];
  const texts: Group = ['log', 'history', 'why', 'guide'];
  const build = Math.min(wantedBuild(columns) + 2, Math.max(6, Math.floor(height * 0.5)));
  const least = 5;
  const lower = lists.includes(focus) ? least : Math.max(least, Math.floor((height - build) * 0.6));
  const upperWanted = Math.max(wanted.images, wanted.stacks) + 2;
  const upper = Math.max(least, Math.min(upperWanted, height - build - lower));
  return [
    spot(wish, lists, columns, upper),
    spot(wish, ['build'], columns, build),
    spot(wish, texts, columns, height - build - upper),
  ];
}

function landscape(wish: LayoutWish, height: number): readonly LayoutColumn[] {
  const left = clamp(Math.round(wish.columns * 0.4), 34, 56);
  const right = wish.columns - left;
  return [column(left, listColumn(wish, left, height)), column(right, textColumn(wish, right, height))];
}

function wide(wish: LayoutWish, height: number): readonly LayoutColumn[] {
  const left = clamp(Math.round(wish.columns * 0.3), 48, 72);
  const right = clamp(Math.round(wish.columns * 0.28), 52, 72);
  const middle = wish.columns - left - right;
  const build = buildHeight(wish, middle, height);
  const guide = wish.wantedGuide ? clamp(wish.wantedGuide(right) + 2, 6, Math.floor(height * 0.4)) : 0;
  const history = Math.max(8, Math.floor((height - guide) * 0.4));
  return [
    column(left, listColumn(wish, left, height)),
    column(middle, [spot(wish, ['build'], middle, build), spot(wish, ['log'], middle, height - build)]),
    column(right, [
      ...(guide > 0 ? [spot(wish, ['guide'], right, guide)] : []),
      spot(wish, ['why'], right, height - guide - history),
      spot(wish, ['history'], right, history),
    ]),
  ];
}

function listColumn(wish: LayoutWish, width: number, height: number): readonly FrameSpot[] {
  if (height < 16) return [spot(wish, ['images', 'stacks'], width, height)];
  const stacks = clamp(wish.wanted.stacks + 2, 5, Math.floor(height * 0.4));
  return [spot(wish, ['images'], width, height - stacks), spot(wish, ['stacks'], width, stacks)];
}

function textColumn(wish: LayoutWish, width: number, height: number): readonly FrameSpot[] {
  if (height < 13) return [spot(wish, ['build', 'log', 'history', 'why', 'guide'], width, height)];
  const build = buildHeight(wish, width, height);
  if (height < 28) {
    return [spot(wish, ['build'], width, build), spot(wish, ['log', 'history', 'why', 'guide'], width, height - build)];
  }
  const wanted = Math.max(wish.wanted.history, wish.wantedGuide?.(width) ?? 0, 5);
  const lower = clamp(wanted + 2, 7, Math.floor(height * 0.28));
  return [
    spot(wish, ['build'], width, build),
    spot(wish, ['log'], width, height - build - lower),
    spot(wish, ['history', 'why', 'guide'], width, lower),
  ];
}

function buildHeight({wantedBuild}: LayoutWish, width: number, height: number): number {
  return clamp(wantedBuild(width) + 2, 6, Math.max(6, Math.floor(height * 0.5)));
}

function spot({focus, recent, wantedGuide}: LayoutWish, group: Group, width: number, height: number): FrameSpot {
  const tabs = wantedGuide ? group : group.filter((one) => one !== 'guide');
  const panel = [focus, ...recent].find((one) => tabs.includes(one)) ?? tabs[0] ?? focus;
  return {panel, tabs, width, height};
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

// What colours and glyphs mean on the screen: panels name a role, never a colour.

/** What a piece of text is, for its colour. Nothing is said by a role alone: a glyph or a word says it too. */
export type Role =
  | 'text'
  | 'strong'
  | 'dim'
  | 'faint'
  | 'border'
  | 'border-focused'
  | 'accent'
  | 'key'
  | 'ready'
  | 'running'
  | 'queued'
  | 'failed'
  | 'held'
  | 'out-of-date'
  | 'reason'
  | 'added'
  | 'removed'
  | 'match'
  | 'warning'
  | 'selected'
  | 'selected-away'
  | 'badge'
  | 'brand';

export type Glyphs = {
  readonly ready: string;
  readonly running: string;
  readonly queued: string;
  readonly failed: string;
  readonly held: string;
  readonly outOfDate: string;
  readonly unknown: string;
  readonly pending: string;
  readonly skipped: string;
  readonly cached: string;
  readonly cancelled: string;
  readonly done: string;
  readonly cursor: string;
  readonly marked: string;
  readonly up: string;
  readonly down: string;
  readonly arrow: string;
  readonly dot: string;
  /** Before how much a figure may be off. */
  readonly plusMinus: string;
  readonly ellipsis: string;
  readonly barDone: string;
  readonly barRunning: string;
  readonly barPending: string;
  readonly scrollThumb: string;
  readonly scrollTrack: string;
  readonly caret: string;
  readonly frame: FrameGlyphs;
};

export type FrameGlyphs = {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly horizontal: string;
  readonly vertical: string;
};

export const themeNames = ['dark', 'light', 'high-contrast', 'sixteen', 'none'] as const;
export type ThemeName = (typeof themeNames)[number];

export type Theme = {
  readonly name: ThemeName;
  readonly glyphs: Glyphs;
  /** The text in the role's colours; what was painted inside stays as it is. */
  readonly paint: (role: Role, text: string) => string;
  /** A theme for what lies behind a dialog: the same glyphs, everything faint. */
  readonly behind: Theme;
};

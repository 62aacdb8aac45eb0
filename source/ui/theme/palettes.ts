// The colours of each theme by role, as hexadecimal sRGB and as one of the terminal's own sixteen. Text roles keep a
// contrast of at least 4.5:1 against the background the theme is meant for (dark: #0d1117, light: #ffffff).
import type {Role, ThemeName} from './theme.ts';

export type Style = {
  /** `#rrggbb`, for terminals with 256 colours or more. */
  readonly color?: string;
  readonly background?: string;
  /** SGR foreground code for terminals with sixteen colours. */
  readonly ansi?: number;
  readonly ansiBackground?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
};

export type Palette = Readonly<Record<Role, Style>>;

const dark: Palette = {
  text: {color: '#d1d7e0', ansi: 37},
  strong: {color: '#f0f6fc', ansi: 97, bold: true},
  dim: {color: '#9198a1', ansi: 37},
  faint: {color: '#7d858f', ansi: 90},
  border: {color: '#3d444d', ansi: 90},
  'border-focused': {color: '#4c8dd6', ansi: 94},
  accent: {color: '#6cb6ff', ansi: 94},
  key: {color: '#6cb6ff', ansi: 94, bold: true},
  ready: {color: '#57ab5a', ansi: 32},
  running: {color: '#6cb6ff', ansi: 94},
  queued: {color: '#c69026', ansi: 33},
  failed: {color: '#f47067', ansi: 91},
  held: {color: '#9198a1', ansi: 37},
  'out-of-date': {color: '#e0823d', ansi: 33},
  reason: {color: '#b392f0', ansi: 35},
  added: {color: '#57ab5a', ansi: 32},
  removed: {color: '#f47067', ansi: 91},
  match: {color: '#0d1117', background: '#daaa3f', ansi: 30, ansiBackground: 43},
  warning: {color: '#daaa3f', ansi: 93},
  selected: {background: '#1f3350', ansiBackground: 44},
  'selected-away': {background: '#1c2129', ansiBackground: 100},
  badge: {color: '#0d1117', background: '#6cb6ff', ansi: 30, ansiBackground: 104, bold: true},
  brand: {color: '#6cb6ff', ansi: 94, bold: true},
};

const light: Palette = {
  text: {color: '#1f2328', ansi: 30},
  strong: {color: '#010409', ansi: 30, bold: true},
  dim: {color: '#59636e', ansi: 90},
  faint: {color: '#656d76', ansi: 90},
  border: {color: '#d1d9e0', ansi: 37},
  'border-focused': {color: '#0969da', ansi: 34},
  accent: {color: '#0969da', ansi: 34},
  key: {color: '#0969da', ansi: 34, bold: true},
  ready: {color: '#1a7f37', ansi: 32},
  running: {color: '#0969da', ansi: 34},
  queued: {color: '#8a5d00', ansi: 33},
  failed: {color: '#cf222e', ansi: 31},
  held: {color: '#59636e', ansi: 90},
  'out-of-date': {color: '#b04400', ansi: 33},
  reason: {color: '#7a3fd0', ansi: 35},
  added: {color: '#1a7f37', ansi: 32},
  removed: {color: '#cf222e', ansi: 31},
  match: {color: '#1f2328', background: '#ffd866', ansi: 30, ansiBackground: 43},
  warning: {color: '#8a5d00', ansi: 33},
  selected: {background: '#d8ebff', ansiBackground: 106},
  'selected-away': {background: '#eef1f4', ansiBackground: 47},
  badge: {color: '#ffffff', background: '#0969da', ansi: 97, ansiBackground: 44, bold: true},
  brand: {color: '#0969da', ansi: 34, bold: true},
};

const highContrast: Palette = {
  text: {color: '#ffffff', ansi: 97},
  strong: {color: '#ffffff', ansi: 97, bold: true},
  dim: {color: '#d9d9d9', ansi: 37},
  faint: {color: '#c0c0c0', ansi: 37},
  border: {color: '#a0a0a0', ansi: 37},
  'border-focused': {color: '#ffff00', ansi: 93, bold: true},
  accent: {color: '#00ffff', ansi: 96, bold: true},
  key: {color: '#ffff00', ansi: 93, bold: true},
  ready: {color: '#00ff66', ansi: 92},
  running: {color: '#00ffff', ansi: 96, bold: true},
  queued: {color: '#ffff00', ansi: 93},
  failed: {color: '#ff8080', ansi: 91, bold: true},
  held: {color: '#d9d9d9', ansi: 37},
  'out-of-date': {color: '#ffb000', ansi: 93},
  reason: {color: '#ff9cff', ansi: 95},
  added: {color: '#00ff66', ansi: 92},
  removed: {color: '#ff8080', ansi: 91},
  match: {color: '#000000', background: '#ffff00', ansi: 30, ansiBackground: 103},
  warning: {color: '#ffff00', ansi: 93, bold: true},
  selected: {inverse: true},
  'selected-away': {underline: true},
  badge: {color: '#000000', background: '#ffff00', ansi: 30, ansiBackground: 103, bold: true},
  brand: {color: '#00ffff', ansi: 96, bold: true},
};

/** No colour at all: weight, underline and inverse only (https://no-color.org). */
const none: Palette = {
  text: {},
  strong: {bold: true},
  dim: {},
  faint: {dim: true},
  border: {dim: true},
  'border-focused': {bold: true},
  accent: {},
  key: {bold: true},
  ready: {},
  running: {bold: true},
  queued: {},
  failed: {bold: true},
  held: {},
  'out-of-date': {},
  reason: {},
  added: {},
  removed: {},
  match: {inverse: true},
  warning: {bold: true},
  selected: {inverse: true},
  'selected-away': {underline: true},
  badge: {inverse: true, bold: true},
  brand: {bold: true},
};

/** The terminal's own sixteen colours, whatever it can show: what its user chose for them is respected. */
const sixteen = Object.fromEntries(
  Object.entries(dark).map(([role, {color: _color, background: _background, ...own}]) => [role, own]),
) as Palette;

export const palettes: Readonly<Record<ThemeName, Palette>> = {
  dark,
  light,
  'high-contrast': highContrast,
  sixteen,
  none,
};

/** What lies behind a dialog, by theme. */
export const behindStyles: Readonly<Record<ThemeName, {readonly text: Style; readonly border: Style}>> = {
  dark: {text: {color: '#5b636d', ansi: 90}, border: {color: '#2a3038', ansi: 90}},
  light: {text: {color: '#9aa4ae', ansi: 37}, border: {color: '#e4e9ed', ansi: 37}},
  'high-contrast': {text: {color: '#8a8a8a', ansi: 90}, border: {color: '#5a5a5a', ansi: 90}},
  sixteen: {text: {ansi: 90}, border: {ansi: 90}},
  none: {text: {dim: true}, border: {dim: true}},
};

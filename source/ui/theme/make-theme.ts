// Makes a theme for a terminal: the palette in as many colours as the terminal shows, and the glyphs it can draw.
import {type CustomThemes, customPalette} from './custom-themes.ts';
import {asciiGlyphs, unicodeGlyphs} from './glyphs.ts';
import {behindStyles, type Palette, palettes, type Style} from './palettes.ts';
import type {Glyphs, Role, Theme, ThemeName} from './theme.ts';

export type ThemeWish = {
  readonly name?: string | undefined;
  readonly ascii?: boolean | undefined;
  /** Bits of colour, as `WriteStream.getColorDepth` counts them: 1 (none), 4, 8 or 24. */
  readonly colorDepth: number;
  /** Themes of the user, by name. */
  readonly custom?: CustomThemes;
};

/** The theme wished for, within what the terminal can show. An unknown name gives the dark theme. */
export function makeTheme(wish: ThemeWish): Theme {
  const custom = wish.name === undefined ? undefined : wish.custom?.[wish.name];
  const name = wish.colorDepth < 4 ? 'none' : themeName(custom ? custom.base : wish.name);
  const glyphs = wish.ascii ? asciiGlyphs : unicodeGlyphs;
  const palette = custom && name !== 'none' ? customPalette(custom, palettes[name]) : palettes[name];
  const {text, border} = behindStyles[name];
  const faint = Object.fromEntries(
    Object.keys(palette).map((role) => [role, role.startsWith('border') ? border : text]),
  ) as Palette;
  const behind = {...themeOf(name, glyphs, faint, wish.colorDepth)};
  return {...themeOf(name, glyphs, palette, wish.colorDepth), behind};
}

/** `value` as the name of a theme. */
export function themeName(value: string | undefined): ThemeName {
  return value !== undefined && Object.hasOwn(palettes, value) ? (value as ThemeName) : 'dark';
}

function themeOf(name: ThemeName, glyphs: Glyphs, palette: Palette, depth: number): Theme {
  const codes = Object.fromEntries(
    Object.entries(palette).map(([role, style]) => [role, escapes(style, depth)]),
  ) as Record<Role, Escapes>;
  const theme: Theme = {
    name,
    glyphs,
    paint: (role, text) => (text === '' ? '' : codes[role].open + text + codes[role].close),
    get behind() {
      return theme;
    },
  };
  return theme;
}

type Escapes = {readonly open: string; readonly close: string};

function escapes(style: Style, depth: number): Escapes {
  const open: string[] = [];
  const close: string[] = [];
  const add = (on: string, off: string) => {
    open.push(on);
    close.unshift(off);
  };
  const foreground = depth >= 8 && style.color ? colorCode(style.color, depth, 38) : style.ansi?.toString();
  const background =
    depth >= 8 && style.background ? colorCode(style.background, depth, 48) : style.ansiBackground?.toString();
  if (foreground) add(foreground, '39');
  if (background) add(background, '49');
  if (style.bold) add('1', '22');
  if (style.dim) add('2', '22');
  if (style.underline) add('4', '24');
  if (style.inverse) add('7', '27');
  if (open.length === 0) return {open: '', close: ''};
  return {open: `\u001B[${open.join(';')}m`, close: `\u001B[${close.join(';')}m`};
}

function colorCode(hex: string, depth: number, target: 38 | 48): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return depth >= 24 ? `${target};2;${red};${green};${blue}` : `${target};5;${nearest256(red, green, blue)}`;
}

/** The nearest colour of the 256: the grey ramp for greys, else the 6×6×6 cube. */
function nearest256(red: number, green: number, blue: number): number {
  if (Math.max(red, green, blue) - Math.min(red, green, blue) < 12) {
    const level = Math.round(((red + green + blue) / 3 - 8) / 10);
    if (level < 0) return 16;
    return level > 23 ? 231 : 232 + level;
  }
  const step = (value: number) => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

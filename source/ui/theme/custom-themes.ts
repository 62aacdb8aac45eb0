// Themes of the user: a theme of this program with other colours for some roles.
import type {Palette, Style} from './palettes.ts';
import {type Role, themeNames} from './theme.ts';

export type CustomTheme = {
  /** The theme that gives what is not said; dark unless told. */
  readonly base?: string;
  /** `#rrggbb` by role. */
  readonly colors: Readonly<Record<string, string>>;
};
export type CustomThemes = Readonly<Record<string, CustomTheme>>;

/** The palette with the user's colours in it. */
export function customPalette({colors}: CustomTheme, base: Palette): Palette {
  const changed = Object.entries(colors).filter(([role]) => Object.hasOwn(base, role));
  return {
    ...base,
    ...Object.fromEntries(changed.map(([role, color]) => [role, styled(base[role as Role], color)])),
  };
}

/** What fills cells gets the colour behind the text, everything else in the text. */
function styled(style: Style, color: string): Style {
  return style.background === undefined ? {...style, color} : {...style, background: color};
}

/** What is wrong with the themes of the preferences, and where. */
export function themeProblems(
  themes: CustomThemes,
  known: Palette,
): readonly {readonly path: readonly string[]; readonly message: string}[] {
  return Object.entries(themes).flatMap(([name, {base, colors}]) => [
    ...(base === undefined || themeNames.some((one) => one === base)
      ? []
      : [{path: [name, 'base'], message: `expected one of ${themeNames.join(', ')}, got "${base}"`}]),
    ...Object.entries(colors).flatMap(([role, color]) => {
      const path = [name, 'colors', role];
      if (!Object.hasOwn(known, role))
        return [{path, message: `expected one of ${Object.keys(known).join(', ')}, got "${role}"`}];
      if (/^#[0-9a-f]{6}$/i.test(color)) return [];
      return [{path, message: `expected a colour like #57ab5a, got "${color}"`}];
    }),
  ]);
}

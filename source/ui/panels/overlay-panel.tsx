// The dialogs: help, descriptions, choices, previews and questions, each as a frame in the middle of the screen.
import {neededName, suggestions} from '../ui-state/overlay-facts.ts';
import type {Keymap} from '../keymap/bindings.ts';
import {helpKeys, helpRows} from '../keymap/help-rows.ts';
import {Dialog} from '../primitives/dialog.tsx';
import {fitText} from '../primitives/fit-text.ts';
import {listWindow, scrollThumb} from '../primitives/list-window.ts';
import {fieldText, type TextField} from '../primitives/text-field.ts';
import {wrapWords} from '../primitives/wrap-words.ts';
import type {Theme} from '../theme/theme.ts';
import type {Overlay} from '../ui-state/ui-state.ts';
import type {ChangeRequest} from '../view-models/change-request.ts';
import {describeImage, describeStack} from '../view-models/describe-lines.ts';
import {shortDigest} from '../view-models/names.ts';
import {differenceLines, differenceSummary} from '../view-models/difference-lines.ts';
import {tookText} from '../view-models/durations.ts';
import {fleetOf} from '../view-models/fleet-rows.ts';
import {outlookEstimate, outlookLines, outlookSummary} from '../view-models/outlook-lines.ts';
import type {Scene} from '../view-models/scene.ts';
import type {Line} from '../view-models/spans.ts';
import {wrapLine} from '../view-models/wrap-line.ts';
import {fleetContent} from './fleet-content.ts';
import type {OverlayContent, OverlaySize} from './overlay-content.ts';
import {paletteContent} from './palette-content.ts';
import {paintLine} from './paint-line.ts';
import {frameLook} from './panel-frame.tsx';

export type OverlayPanelProps = {
  readonly overlay: Overlay;
  readonly scene: Scene;
  readonly keymap: Keymap;
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
};

/** The open dialog, or nothing. */
export function OverlayPanel(props: OverlayPanelProps) {
  const content = contentOf(props);
  if (!content) return null;
  const {columns, rows, theme} = props;
  const {title, foot = '', lines, scroll} = content;
  const width = Math.min(columns - 2, content.width);
  const height = Math.min(rows - 2, lines.length + 2);
  const thumb = scroll && scrollThumb(scroll.count, scroll.from, height - 2);
  return (
    <Dialog
      columns={columns}
      rowsOfScreen={rows}
      width={width}
      height={height}
      title={theme.paint('brand', title)}
      foot={theme.paint('faint', foot)}
      rows={lines.map((line) => fitText(line, width - 2))}
      look={frameLook(theme, true)}
      thumb={thumb ? {...thumb, glyph: theme.glyphs.scrollThumb} : undefined}
    />
  );
}

type Content = OverlayContent;
type Size = OverlaySize;
type Of<K extends Overlay['kind']> = Extract<Overlay, {kind: K}>;

function contentOf({overlay, scene, keymap, now, columns, rows, theme}: OverlayPanelProps): Content | undefined {
  const size = {width: Math.min(columns - 2, 92), height: Math.max(3, rows - 6)};
  switch (overlay.kind) {
    case 'none':
    case 'filter':
    case 'search':
      return undefined;
    case 'help':
      return helpContent(overlay, keymap, size, theme);
    case 'palette':
      return paletteContent(overlay, scene, keymap, size, theme);
    case 'text':
      return textContent(overlay, size, theme);
    case 'fleet':
      return fleetOverlay(overlay, scene, now, {...size, width: Math.min(columns - 2, 140)}, theme);
    case 'describe':
      return describeContent(overlay, scene, size, theme);
    case 'choose':
      return chooseContent(overlay, size, theme);
    case 'run-image':
      return runImageContent(overlay, size, theme);
    case 'asking':
      return {
        title: overlay.request.title,
        width: size.width,
        lines: ['', `  ${theme.paint('dim', 'asking the controller what would happen')}`, ''],
      };
    case 'preview':
      return previewContent(
        overlay,
        {...size, width: Math.min(columns - 2, 110)},
        scene.state.settings.maxConcurrentBuilds,
        theme,
      );
    case 'confirm':
      return confirmContent(overlay, size, theme);
    default:
      return overlay satisfies never;
  }
}

function helpContent(overlay: Of<'help'>, keymap: Keymap, size: Size, theme: Theme): Content {
  const {paint, glyphs} = theme;
  const width = Math.min(size.width, 92);
  const rows = helpRows(overlay.field.text, keymap);
  const chosen = helpKeys(rows)[overlay.at];
  const at = chosen ? rows.indexOf(chosen) : 0;
  const room = Math.max(1, Math.min(size.height, rows.length + 2) - 2);
  const window = listWindow(rows.length, at, room);
  const lines = rows.slice(window.from, window.to).map((row) => {
    if (row.kind === 'heading') return ` ${paint('strong', row.text)}`;
    const mark = row === chosen ? paint('accent', glyphs.cursor) : ' ';
    const line = fitText(
      `${mark}  ${paint('key', fitText(row.keys, 16))} ${paint('text', row.binding.help)}`,
      width - 2,
    );
    return row === chosen ? paint('selected', line) : line;
  });
  return {
    title: 'Keys',
    foot: 'Enter runs it, Esc closes',
    width,
    lines: [
      ` ${paint('faint', '/')} ${typed(overlay.field, width - 6, theme)}`,
      '',
      ...(lines.length > 0 ? lines : [`   ${paint('dim', 'no key does that')}`]),
    ],
    scroll: {count: rows.length, from: window.from},
  };
}

function describeContent({of, top}: Of<'describe'>, scene: Scene, size: Size, theme: Theme): Content {
  const {image, status, stack} = scene;
  const facts: readonly Line[] =
    of === 'image'
      ? image && status
        ? describeImage(image, status, scene.state)
        : []
      : stack
        ? describeStack(stack, scene.state)
        : [];
  const lines = facts.flatMap((line) => wrapLine(line, size.width - 6));
  const from = Math.max(0, Math.min(top, lines.length - (size.height - 2)));
  const shown = lines.slice(from, from + size.height - 2);
  const name = of === 'image' ? `image ${image?.image.name ?? ''}` : `${stack?.kind ?? ''} ${stack?.name ?? ''}`;
  return {
    title: name,
    foot: 'Esc closes',
    width: size.width,
    lines: ['', ...shown.map((line) => `  ${paintLine(line, size.width - 6, theme)}`), ''],
    scroll: {count: lines.length, from},
  };
}

function chooseContent({title, options, at}: Of<'choose'>, size: Size, theme: Theme): Content {
  const {paint, glyphs} = theme;
  const width = Math.min(size.width, 64);
  const window = listWindow(options.length, at, Math.max(1, size.height - 2));
  const longest = Math.max(...options.map(({label}) => label.length));
  const lines = options.slice(window.from, window.to).map(({label, note}, offset) => {
    const chosen = window.from + offset === at;
    const mark = chosen ? paint('accent', glyphs.cursor) : ' ';
    const line = fitText(
      `${mark} ${paint(chosen ? 'strong' : 'text', label.padEnd(longest))}  ${paint('dim', note)}`,
      width - 2,
    );
    return chosen ? paint('selected', line) : line;
  });
  return {title, foot: 'Enter shows what will happen, Esc leaves', width, lines: ['', ...lines, '']};
}

function runImageContent(overlay: Of<'run-image'>, size: Size, theme: Theme): Content {
  const {paint, glyphs} = theme;
  const {width} = size;
  const known = suggestions(overlay).slice(0, Math.max(1, size.height - 8));
  const list = known.map((reference, index) => {
    const chosen = index === overlay.at;
    const mark = chosen ? paint('accent', glyphs.cursor) : ' ';
    const line = fitText(`${mark}            ${paint(chosen ? 'strong' : 'dim', reference)}`, width - 2);
    return chosen ? paint('selected', line) : line;
  });
  return {
    title: `patch stack ${overlay.stack}: another run image`,
    foot: 'Tab completes, Enter shows what will happen, Esc leaves',
    width,
    lines: [
      '',
      `  ${paint('dim', 'now        ')}${paint('text', overlay.now)}`,
      `  ${paint('dim', 'run image  ')}${typed(overlay.field, width - 17, theme)}`,
      ...(overlay.problem ? [`  ${paint('failed', `${glyphs.failed} ${overlay.problem}`)}`] : ['']),
      ...(list.length > 0 ? list : []),
      '',
    ],
  };
}

function previewContent(overlay: Of<'preview'>, size: Size, slots: number, theme: Theme): Content {
  const {paint, glyphs} = theme;
  const {request, outlook, changed} = overlay;
  const width = size.width;
  const needed = neededName(overlay);
  const difference = differenceRows(overlay, size, theme);
  const told = request.lines.flatMap((line) => wrapWords(line, width - 6)).map((line) => `  ${paint('warning', line)}`);
  const used = 9 + difference.length + told.length + (needed === undefined ? 0 : 2);
  const room = Math.max(1, size.height - used);
  const estimate = outlookEstimate(outlook, slots);
  const from = Math.max(0, Math.min(overlay.top, outlook.length - room));
  const lines = outlookLines(outlook, glyphs.arrow).slice(from, from + room);
  const summary = outlook.length === 0 ? 'no image is touched' : outlookSummary(outlook);
  return {
    title: request.title,
    foot: needed === undefined ? 'Tab moves, Enter chooses' : 'type the name, Tab to Patch, Enter',
    width,
    lines: [
      '',
      ...whatLine(request, theme),
      ...told,
      '',
      `  ${paint('strong', 'What will happen')}  ${paint('dim', changed ? summary : 'nothing: it is so already')}${estimate === undefined ? '' : paint('dim', `, about ${tookText(estimate)}`)}`,
      ...lines.map((line) => `  ${paintLine(line, width - 6, theme)}`),
      ...(outlook.length > room ? [`  ${paint('faint', `${outlook.length - room} more, Up and Down`)}`] : []),
      '',
      ...difference,
      ...(needed === undefined
        ? []
        : [
            `  ${paint('dim', 'several images: type ')}${paint('strong', needed)}  ${paint('accent', glyphs.caret)} ${typed(overlay.field, 30, theme)}`,
            '',
          ]),
      buttons(request, overlay.button, width, theme),
      '',
    ],
    scroll: {count: outlook.length, from},
  };
}

/** What the new run image brings, as soon as that is known. */
function differenceRows({difference, request}: Of<'preview'>, size: Size, theme: Theme): readonly string[] {
  const {paint, glyphs} = theme;
  if (!request.bases) return [];
  const head = `  ${paint('strong', 'The run image')}  `;
  if (!difference) return [`${head}${paint('faint', 'comparing packages')}`, ''];
  const most = Math.max(0, Math.min(8, Math.floor(size.height / 4)));
  const lines = differenceLines(difference, glyphs.arrow, most);
  return [
    head + paint('dim', differenceSummary(difference)),
    ...lines.map((line) => `  ${paintLine(line, size.width - 6, theme)}`),
    '',
  ];
}

function textContent({title, text, top}: Of<'text'>, size: Size, theme: Theme): Content {
  const lines = text.trimEnd().split('\n');
  const room = Math.max(1, Math.min(size.height, lines.length));
  const from = Math.max(0, Math.min(top, lines.length - room));
  return {
    title,
    foot: 'c copies, Esc closes',
    width: size.width,
    lines: lines.slice(from, from + room).map((line) => `  ${yamlText(line, theme)}`),
    scroll: {count: lines.length, from},
  };
}

/** A key in one colour, its value in another. */
function yamlText(line: string, {paint}: Theme): string {
  const [, lead = '', key, rest = ''] = /^(\s*(?:- )*)([\w.-]+:)(.*)$/.exec(line) ?? [];
  return key === undefined ? paint('text', line) : `${lead}${paint('accent', key)}${paint('text', rest)}`;
}

function fleetOverlay({patch: id, top}: Of<'fleet'>, scene: Scene, now: number, size: Size, theme: Theme): Content {
  const patch = scene.state.patches[id];
  if (patch) return fleetContent(fleetOf(patch, scene.state, now), top, size, theme);
  return {
    title: `patch ${id}`,
    width: size.width,
    lines: ['', `  ${theme.paint('dim', 'there is no such patch')}`, ''],
  };
}

function confirmContent({request, button}: Of<'confirm'>, size: Size, theme: Theme): Content {
  const width = Math.min(size.width, Math.max(56, ...request.lines.map((line) => line.length + 6)));
  return {
    title: request.title,
    foot: 'Tab moves, Enter chooses',
    width,
    lines: [
      '',
      ...request.lines.map((line) => `  ${theme.paint('text', line)}`),
      '',
      buttons(request, button, width, theme),
      '',
    ],
  };
}

function whatLine({what}: ChangeRequest, {paint, glyphs}: Theme): readonly string[] {
  if (!what) return [];
  const [old, next] = [shortDigest(what.old), shortDigest(what.new)];
  return [
    `  ${paint('dim', what.field)}`,
    `    ${paint('removed', `- ${old}`)}`,
    `    ${paint('added', `+ ${next}`)}${old === next ? ` ${paint('faint', glyphs.dot)}` : ''}`,
  ];
}

function buttons({back, go}: ChangeRequest, button: 'back' | 'go', width: number, {paint, glyphs}: Theme): string {
  const face = (text: string, on: boolean) =>
    on ? paint('badge', ` ${glyphs.caret} ${text} `) : paint('dim', `   ${text} `);
  return fitText(`${face(back, button === 'back')}   ${face(go, button === 'go')}  `, width - 2, 'right');
}

function typed(field: TextField, width: number, {paint}: Theme): string {
  return fieldText(field, width, (text) => paint('badge', text));
}

// The log of the selected build: a window of it, followed or paused, with matches and headings.
import type {LogBuffer, LogSnapshot} from '../log/log-buffer.ts';
import type {LogMatches} from '../log/log-search.ts';
import type {LogView} from '../ui-state/ui-state.ts';
import {type LogRows, logRows} from '../view-models/log-rows.ts';
import {countText, groupDigits} from '../view-models/names.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';

export type LogPanelProps = PanelProps & {
  readonly snapshot: LogSnapshot;
  readonly buffer: LogBuffer | undefined;
  readonly view: LogView;
  readonly matches: LogMatches;
  readonly colours: boolean;
  /** There is a build whose log this is. */
  readonly hasBuild: boolean;
  readonly running: boolean;
};

export function LogPanel(props: LogPanelProps) {
  const {spot, focused, theme, snapshot, view} = props;
  const shown = visibleLog(props);
  return (
    <PanelFrame
      spot={spot}
      focused={focused}
      theme={theme}
      note={noteOf(props, shown)}
      foot={footOf(props)}
      rows={shown.rows.length > 0 ? shown.rows.map((row) => ` ${row}`) : emptyRows(props)}
      scroll={{count: snapshot.total, from: view.follow ? snapshot.total : shown.from}}
    />
  );
}

/** The rows on the screen, and the lines they come from. */
function visibleLog({spot, snapshot, buffer, view, theme, colours}: LogPanelProps): LogRows {
  if (!buffer) return {rows: [], from: 0, to: 0};
  const height = Math.max(0, spot.height - 2);
  return logRows({
    ...view,
    total: snapshot.total,
    sections: snapshot.sections,
    line: buffer.line,
    width: Math.max(1, spot.width - 4),
    height,
    theme,
    colours,
  });
}

function noteOf({snapshot, view, theme, running, spot}: LogPanelProps, shown: LogRows): string {
  const {paint, glyphs} = theme;
  if (snapshot.total === 0) return '';
  const count = spot.width >= 50 ? paint('faint', ` ${glyphs.dot} ${countText(snapshot.total, 'line')}`) : '';
  const unseen = Math.max(0, snapshot.total - shown.to);
  if (!view.follow && (running || unseen > 0)) return paint('warning', `PAUSED +${groupDigits(unseen)}`) + count;
  return running ? paint('running', 'following') + count : paint('faint', countText(snapshot.total, 'line'));
}

function footOf({view, matches, theme}: LogPanelProps): string {
  const {paint, glyphs} = theme;
  const modes = [view.wrap ? 'wrap' : '', view.times ? 'times' : ''].filter(Boolean).join(' ');
  const mode = modes === '' ? '' : paint('faint', modes);
  if (view.query === '') return mode;
  const place = view.hit === undefined ? 0 : matches.lines.indexOf(view.hit) + 1;
  const more = matches.done ? '' : glyphs.ellipsis;
  const words =
    matches.problem ??
    (matches.lines.length === 0 && matches.done ? 'no match' : `${place}/${matches.lines.length}${more}`);
  return `${mode}${mode && ' '}${paint('warning', `/${view.query}`)} ${paint('dim', words)}`;
}

function emptyRows({snapshot, hasBuild, running, theme}: LogPanelProps): readonly string[] {
  const words =
    snapshot.problem ??
    (hasBuild ? (running || !snapshot.loaded ? '' : 'this build wrote no log') : 'no build, no log');
  return words === '' ? [] : ['', ` ${theme.paint(snapshot.problem ? 'failed' : 'dim', words)}`];
}

// The log of the selected build: a window of it, followed or paused, with matches, headings and folded parts.
import {type LogRows, logRows} from '../log/log-rows.ts';
import type {LogSight} from '../log/log-sight.ts';
import type {LogMatches} from '../log/log-search.ts';
import {filterText, type LogView} from '../log/log-view.ts';
import {countText, groupDigits} from '../view-models/names.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';

export type LogPanelProps = PanelProps & {
  readonly sight: LogSight | undefined;
  readonly shown: LogRows;
  readonly view: LogView;
  /** There is a build whose log this is. */
  readonly hasBuild: boolean;
  readonly running: boolean;
};

export function LogPanel(props: LogPanelProps) {
  const {spot, focused, theme, sight, shown} = props;
  return (
    <PanelFrame
      spot={spot}
      focused={focused}
      theme={theme}
      note={noteOf(props)}
      foot={footOf(props)}
      rows={shown.rows.length > 0 ? shown.rows : emptyRows(props)}
      scroll={sight ? scrollOf(sight, shown) : undefined}
    />
  );
}

/** The rows on the screen, and the lines they come from. */
export function visibleLog(sight: LogSight | undefined, {hit, mark}: LogView): LogRows {
  if (!sight) return {rows: [], entries: [], from: 0, to: 0};
  return logRows({...sight.space, place: sight.place, hit, mark});
}

/** The thumb of the scroll bar by the share of entries above the window; none where everything is seen. */
function scrollOf({outline, space}: LogSight, {from, to}: LogRows): {count: number; from: number} | undefined {
  if (outline.previous(from) === undefined && outline.from(to) === undefined) return undefined;
  const count = Math.max(space.height + 1, outline.total);
  return {count, from: outline.from(to) === undefined ? count : Math.round(outline.share(from) * count)};
}

function noteOf({sight, shown, view, theme, running, spot}: LogPanelProps): string {
  const total = sight?.snapshot.total ?? 0;
  const {paint, glyphs} = theme;
  if (total === 0) return '';
  const count = spot.width >= 50 ? paint('faint', ` ${glyphs.dot} ${countText(total, 'line')}`) : '';
  const unseen = Math.max(0, total - Math.max(shown.to, view.filter ? total : 0));
  if (!view.follow && (running || unseen > 0))
    return paint('warning', unseen > 0 ? `PAUSED +${groupDigits(unseen)}` : 'PAUSED') + count;
  return running ? paint('running', 'following') + count : paint('faint', countText(total, 'line'));
}

function footOf({view, sight, theme}: LogPanelProps): string {
  const {paint} = theme;
  const modes = [view.wrap ? 'wrap' : '', view.times ? 'times' : ''].filter(Boolean).join(' ');
  const filter = view.filter
    ? `${paint('warning', `&${filterText(view.filter)}`)} ${paint('dim', filterWords(view, sight, theme.glyphs.ellipsis))}`
    : '';
  const search =
    view.query === ''
      ? ''
      : `${paint('warning', `/${view.query}`)} ${paint('dim', searchWords(view, sight, theme.glyphs.ellipsis))}`;
  return [modes === '' ? '' : paint('faint', modes), filter, search].filter(Boolean).join(' ');
}

/** `3/17`, and an ellipsis for as long as there may be more. */
function searchWords({hit}: LogView, sight: LogSight | undefined, ellipsis: string): string {
  const matches = sight?.matches;
  if (!matches) return '';
  const {lines, done, problem} = matches;
  if (problem !== undefined) return problem;
  if (lines.count === 0 && done) return 'no match';
  const place = hit !== undefined && lines.has(hit) ? lines.rank(hit) + 1 : 0;
  return `${groupDigits(place)}/${groupDigits(lines.count)}${done ? '' : ellipsis}`;
}

function filterWords({filter}: LogView, sight: LogSight | undefined, ellipsis: string): string {
  const filtered: LogMatches | undefined = sight?.filtered;
  if (!filtered || !filter) return '';
  const {lines, done, problem, searched} = filtered;
  if (problem !== undefined) return problem;
  const count = filter.inverse ? searched - lines.count : lines.count;
  return `${groupDigits(count)}${filter.inverse || filter.context === 0 ? '' : ` +-${filter.context}`}${done ? '' : ellipsis}`;
}

function emptyRows({sight, view, hasBuild, running, theme}: LogPanelProps): readonly string[] {
  const snapshot = sight?.snapshot;
  const nothing = hasBuild
    ? running || !snapshot?.loaded
      ? ''
      : 'this build wrote no log'
    : 'the log of the chosen build stands here';
  const filtered = view.filter && sight?.filtered.done ? 'the filter leaves no line; Esc takes it away' : '';
  const words = snapshot?.problem ?? (snapshot && snapshot.total > 0 ? filtered : nothing);
  return words === '' ? [] : ['', ` ${theme.paint(snapshot?.problem ? 'failed' : 'dim', words)}`];
}

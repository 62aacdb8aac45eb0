// Connects the log panel to the log it shows: draws when the log grows, fetches what comes into view, goes to the first match.
import {useEffect} from 'react';
import type {Build} from '../../domain/build.ts';
import {useLogChanges} from '../hooks/use-log.ts';
import {placeOf} from '../log/log-rows.ts';
import {unfolded} from '../log/log-parts.ts';
import type {LogReader} from '../log/log-reader.ts';
import {firstPlace, type LogSight, logSight} from '../log/log-sight.ts';
import type {LogView} from '../log/log-view.ts';
import type {UiMessage} from '../ui-state/reduce-ui.ts';
import {LogPanel, visibleLog} from './log-panel.tsx';
import type {PanelProps} from './panel-frame.tsx';

export type LogPaneProps = PanelProps & {
  readonly reader: LogReader | undefined;
  readonly view: LogView;
  readonly build: Build | undefined;
  readonly colours: boolean;
  readonly autoFold: boolean;
  readonly tell: (message: UiMessage) => void;
};

export function LogPane({reader, view, build, colours, autoFold, tell, ...place}: LogPaneProps) {
  const {spot, theme} = place;
  useLogChanges(reader, view);
  const wish = {view, build, width: spot.width - 4, height: Math.max(0, spot.height - 2), theme, colours, autoFold};
  const sight = reader && logSight(reader, wish);
  const shown = visibleLog(sight, view);
  // After every drawing: what is on view is fetched, and stays while new lines push older ones out.
  useEffect(() => {
    reader?.buffer.want(new Set(shown.entries));
  });
  useFirstMatch(sight, view, tell);
  return (
    <LogPanel
      {...place}
      sight={sight}
      shown={shown}
      view={view}
      hasBuild={build !== undefined}
      running={build?.state === 'running'}
    />
  );
}

/** The first match after the top of the screen, as soon as there is one. */
function useFirstMatch(sight: LogSight | undefined, view: LogView, tell: LogPaneProps['tell']): void {
  const found = view.query !== '' && view.hit === undefined ? sight?.matches : undefined;
  useEffect(() => {
    if (!sight || !found) return;
    const from = firstPlace(sight).top;
    const hit = found.lines.from(from) ?? (found.done ? found.lines.at(0) : undefined);
    if (hit === undefined) return;
    const above = Math.floor(sight.space.height / 2);
    const folds = unfolded(view.folds, sight.parts, hit);
    tell({kind: 'log', view: {hit, folds, follow: false, ...placeOf(sight.space, hit, above)}});
  });
}

// The log as keys find it: what is seen at the moment of the key.
import type {Client} from '../client-types.ts';
import {type Layout, panelSpot} from '../layout/layout.ts';
import {findFailureLine} from '../log/find-failure-line.ts';
import {foldedOutline} from '../log/log-outline.ts';
import {createLogPainter} from '../log/log-painter.ts';
import type {LogReader} from '../log/log-reader.ts';
import {logRows} from '../log/log-rows.ts';
import {noMatches} from '../log/log-search.ts';
import {firstPlace, type LogSight, logSight} from '../log/log-sight.ts';
import type {LogView} from '../log/log-view.ts';
import type {Theme} from '../theme/theme.ts';
import type {Scene} from '../view-models/scene.ts';
import type {ActionWorld} from './action-world.ts';

export type LogWorldWish = {
  readonly view: LogView;
  readonly scene: Scene;
  readonly layout: Layout;
  readonly theme: Theme;
  readonly client: Client;
  readonly autoFold: boolean;
};

/** What `ActionWorld` says of the log; of a log that is not there it says that it is empty. */
export function logWorld(reader: LogReader | undefined, wish: LogWorldWish): ActionWorld['log'] {
  const {view, scene, layout, theme, client, autoFold} = wish;
  const spot = panelSpot(layout, 'log');
  const size = {width: (spot?.width ?? 80) - 4, height: Math.max(1, (spot?.height ?? 3) - 2)};
  const seen = {...size, view, build: scene.build, theme, colours: true, autoFold};
  const {snapshot, place, ...sight} = reader ? logSight(reader, seen) : noSight(size, theme);
  return {
    ...sight,
    total: snapshot.total,
    from: firstPlace({place, space: sight.space}).top,
    entries: () => logRows({...sight.space, place}).entries,
    failureLine: () => findFailureLine(client, scene.build),
  };
}

function noSight({width, height}: {readonly width: number; readonly height: number}, theme: Theme): LogSight {
  const outline = foldedOutline(0, []);
  const painter = createLogPainter({width, wrap: false, times: false, query: undefined, theme, colours: true});
  return {
    snapshot: {version: 0, total: 0, sections: [], loaded: false},
    matches: noMatches,
    filtered: noMatches,
    parts: [],
    outline,
    space: {outline, painter, line: () => undefined, height},
    place: undefined,
  };
}

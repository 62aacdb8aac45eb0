// What the screen shows of the state: the lists, and what is chosen in them.
import type {Build} from '../../domain/build.ts';
import {type ImageStatus, imageStatus, latestBuild} from '../../state/image-status.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import type {KeyFacts} from '../keymap/disabled-reason.ts';
import {cursorIndex, type UiState} from '../ui-state/ui-state.ts';
import {type HistoryRow, historyRows} from './history-rows.ts';
import {type ImageRow, imageRows} from './image-rows.ts';
import {proposes, type StackRow, stackRows} from './stack-rows.ts';

export type Scene = {
  readonly state: State;
  readonly images: readonly ImageRow[];
  readonly imageAt: number;
  readonly image?: ImageRecord | undefined;
  readonly status?: ImageStatus | undefined;
  readonly build?: Build | undefined;
  readonly history: readonly HistoryRow[];
  readonly historyAt: number;
  readonly stacks: readonly StackRow[];
  readonly stackAt: number;
  readonly stack?: Exclude<StackRow, {kind: 'heading'}> | undefined;
  readonly anythingRuns: boolean;
};

/** The scene for what the user has chosen. */
export function makeScene(state: State, ui: UiState, now: number): Scene {
  const images = imageRows(state, ui.filter, now, ui.sort);
  const imageAt = cursorIndex(
    ui.images,
    images.map(({key}) => key),
  );
  const image = state.images[images[imageAt]?.key ?? ''];
  const build = image && chosenBuild(image, ui.build);
  const history = image ? historyRows(image.builds, now) : [];
  const stacks = stackRows(state);
  const stackAt = choosable(
    stacks,
    cursorIndex(
      ui.stacks,
      stacks.map((row) => (row.kind === 'heading' ? undefined : row.key)),
    ),
    1,
  );
  const stack = stacks[stackAt];
  return {
    state,
    images,
    imageAt,
    image,
    status: image && imageStatus(image, state),
    build,
    history,
    historyAt: Math.max(
      0,
      history.findIndex(({number}) => number === build?.number),
    ),
    stacks,
    stackAt,
    stack: stack?.kind === 'heading' ? undefined : stack,
    anythingRuns: Object.values(state.images).some((record) => latestBuild(record)?.state === 'running'),
  };
}

/** The row at `at`, or the nearest one in direction `by` (then in the other) that is no heading. */
export function choosable(rows: readonly StackRow[], at: number, by: 1 | -1): number {
  for (let row = at; row >= 0 && row < rows.length; row += by) if (rows[row]?.kind !== 'heading') return row;
  for (let row = at; row >= 0 && row < rows.length; row -= by) if (rows[row]?.kind !== 'heading') return row;
  return Math.max(0, at);
}

/** What keys need to know about the scene. */
export function keyFacts(scene: Scene, ui: UiState, connected: boolean, readOnly = false): KeyFacts {
  const {image, stack, build} = scene;
  return {
    ...(image ? {image: {name: image.image.name, running: latestBuild(image)?.state === 'running'}} : {}),
    ...(stack
      ? {stack: {name: stack.name, used: !stack.uses.startsWith('0 '), proposes: proposes(stack, scene.state)}}
      : {}),
    hasBuild: build !== undefined,
    hasFailure: build?.failure !== undefined,
    hasSearch: ui.log.query !== '',
    hasPatch: Object.keys(scene.state.patches).length > 0,
    readOnly,
    zoomed: ui.zoomed,
    connected,
  };
}

function chosenBuild(image: ImageRecord, number: number | undefined): Build | undefined {
  return image.builds.find((build) => build.number === number) ?? latestBuild(image);
}

// The selected build: its phases, where it stands, why it runs, and what went wrong or came out.
import type {Build} from '../../domain/build.ts';
import {reasonText} from '../../domain/change.ts';
import type {ImageStatus} from '../../state/image-status.ts';
import {cutText, textWidth} from '../primitives/fit-text.ts';
import type {RowContent} from '../primitives/row.tsx';
import {wrapWords} from '../primitives/wrap-words.ts';
import type {Role, Theme} from '../theme/theme.ts';
import {changeLines} from '../view-models/change-lines.ts';
import {failureLines} from '../view-models/failure-lines.ts';
import {sinceSuccessLines} from '../view-models/since-success-lines.ts';
import {cleanLogText} from '../view-models/log-text.ts';
import {shortDigest, sizeText} from '../view-models/names.ts';
import {phaseCells, progressText} from '../view-models/phase-bar.ts';
import {tookText} from '../view-models/durations.ts';
import {timeLeft, usualPhases} from '../view-models/time-left.ts';
import {type Line, type Span, span} from '../view-models/spans.ts';
import {paintLine} from './paint-line.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';
import {phaseBarRows} from './phase-bar.tsx';

export type BuildPanelProps = PanelProps & {
  readonly name: string | undefined;
  readonly build: Build | undefined;
  /** All builds of the image: what is usual. */
  readonly builds: readonly Build[];
  readonly status: ImageStatus | undefined;
  /** The last lines of a failed build's log; shown where there is room. */
  readonly tail: readonly string[];
  readonly now: number;
  readonly still: boolean;
};

export function BuildPanel({
  name,
  build,
  builds,
  status,
  tail,
  now,
  still,
  spot,
  focused,
  selected,
  theme,
}: BuildPanelProps) {
  const width = Math.max(0, spot.width - 2);
  const rows = build
    ? [...buildRows({build, builds, status, now, width, theme, still}), ...tailRows(tail, width, theme)]
    : emptyRows(name, status, width, theme);
  const title = build ? `${build.image} ${theme.glyphs.dot} build ${build.number}` : (name ?? 'Build');
  return (
    <PanelFrame
      spot={spot}
      focused={focused}
      selected={selected}
      theme={theme}
      title={title}
      note={build ? theme.paint('reason', reasonText(build.changes)) : ''}
      rows={rows}
    />
  );
}

/** How many rows the panel would like to have when it is `width` cells wide. */
export function buildPanelRows(
  build: Build | undefined,
  builds: readonly Build[],
  status: ImageStatus | undefined,
  width: number,
): number {
  if (!build) return 5;
  return 4 + detailLines(build, builds, status, '', width - 4).length;
}

type BuildLook = {
  readonly build: Build;
  readonly builds: readonly Build[];
  readonly status: ImageStatus | undefined;
  readonly now: number;
  readonly width: number;
  readonly theme: Theme;
  readonly still: boolean;
};

function buildRows({build, builds, status, now, width, theme, still}: BuildLook): readonly RowContent[] {
  const role = outcomeRoles[build.state];
  const {dot, arrow} = theme.glyphs;
  const usual = usualPhases(build, builds);
  const progress = fittingParts(
    [[span(progressText(build, now, dot), role)], ...timeParts(build, builds, now, theme), ...countsOf(build, theme)],
    width - 2,
  );
  return [
    ...phaseBarRows(phaseCells(build, now, usual), width - 1, theme, still),
    ` ${paintLine(progress, width - 2, theme)}`,
    ...detailLines(build, builds, status, arrow, width - 2).map((line) => ` ${paintLine(line, width - 2, theme)}`),
  ];
}

/** The end of the log under the failure. */
function tailRows(tail: readonly string[], width: number, theme: Theme): readonly string[] {
  if (tail.length === 0) return [];
  const rule = theme.glyphs.frame.horizontal.repeat(Math.max(0, width - 18));
  return [
    ` ${theme.paint('dim', `last ${tail.length} lines`)} ${theme.paint('border', rule)}`,
    ...tail.map((line) => ` ${cutText(cleanLogText(line, theme.name !== 'none'), width - 2, theme.glyphs.ellipsis)}`),
  ];
}

/** As many parts as fit whole, in their order: half a word says less than none. */
function fittingParts(parts: readonly Line[], width: number): Line {
  const shown: Span[] = [];
  let room = width;
  for (const [at, part] of parts.entries()) {
    room -= part.reduce((sum, {text}) => sum + textWidth(text), 0);
    if (room < 0 && at > 0) break;
    shown.push(...part);
  }
  return shown;
}

/** `about 20s left (n=6, ±5s)`; nothing when the image's own history does not say. */
function timeParts(build: Build, builds: readonly Build[], now: number, {glyphs}: Theme): readonly Line[] {
  const {dot} = glyphs;
  const left = build.state === 'running' ? timeLeft(build, builds, now) : undefined;
  if (!left) return [];
  const known = `(n=${left.count} ${glyphs.plusMinus}${Math.ceil(left.spread / 1000)}s)`;
  const word = left.late
    ? span('slower than usual', 'warning')
    : span(`about ${tookText(left.milliseconds)} left`, 'text');
  return [[span(` ${dot} `, 'dim'), word], [span(` ${known}`, 'faint')]];
}

const outcomeRoles: Readonly<Record<Build['state'], Role>> = {
  running: 'strong',
  interrupted: 'warning',
  succeeded: 'ready',
  failed: 'failed',
  cancelled: 'held',
};

function countsOf({layers, result}: Build, {glyphs}: Theme): readonly Line[] {
  const words = [
    layers.restored > 0 ? `${layers.restored} restored` : '',
    layers.reused > 0 ? `${layers.reused} reused` : '',
    layers.added > 0 ? `${layers.added} added` : '',
    layers.cached > 0 ? `${layers.cached} cached` : '',
  ].filter(Boolean);
  const gave = result ? [[span(` ${glyphs.dot} ${shortDigest(result.digest)} ${sizeText(result.size)}`, 'dim')]] : [];
  const counts = words.length > 0 ? [[span(` ${glyphs.dot} layers ${words.join(', ')}`, 'dim')]] : [];
  return [...gave, ...counts];
}

function detailLines(
  build: Build,
  builds: readonly Build[],
  status: ImageStatus | undefined,
  arrow: string,
  width: number,
): readonly Line[] {
  const failed =
    build.state === 'failed' && build.failure
      ? [...failureLines(build.failure, width), ...sinceSuccessLines(build, builds, arrow)]
      : [];
  const held = status?.hold && status.state !== 'failed' && status.state !== 'building';
  return [
    ...failed,
    ...(build.remark ? [[span(build.remark, 'warning')]] : []),
    ...(failed.length === 0 ? changeLines(build.changes, arrow).slice(0, 4) : []),
    ...(status?.sourceProblem
      ? wrapWords(status.sourceProblem.message, width, 2).map((row) => [span(row, 'warning')])
      : []),
    ...(held && status.hold ? wrapWords(status.hold.message, width, 3).map((row) => [span(row, 'warning')]) : []),
  ];
}

function emptyRows(
  name: string | undefined,
  status: ImageStatus | undefined,
  width: number,
  theme: Theme,
): readonly string[] {
  const {paint} = theme;
  if (name === undefined) return ['', ` ${paint('dim', 'choose an image to see its builds')}`];
  const message = status?.hold?.message ?? 'the first build has not started yet';
  return [
    '',
    ` ${paint('strong', 'No build yet')}`,
    ...wrapWords(message, width - 2).map((row) => ` ${paint('dim', row)}`),
  ];
}

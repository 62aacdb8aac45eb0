// The selected build: its phases, where it stands, why it runs, and what went wrong or came out.
import type {Build} from '../../domain/build.ts';
import {reasonText} from '../../domain/change.ts';
import type {ImageStatus} from '../../state/image-status.ts';
import {cutText} from '../primitives/fit-text.ts';
import type {RowContent} from '../primitives/row.tsx';
import {wrapWords} from '../primitives/wrap-words.ts';
import type {Role, Theme} from '../theme/theme.ts';
import {changeLines} from '../view-models/change-lines.ts';
import {failureLines} from '../view-models/failure-lines.ts';
import {cleanLogText} from '../view-models/log-text.ts';
import {shortDigest, sizeText} from '../view-models/names.ts';
import {phaseCells, progressText} from '../view-models/phase-bar.ts';
import {tookText} from '../view-models/durations.ts';
import {timeLeft, usualPhases} from '../view-models/time-left.ts';
import {type Line, span} from '../view-models/spans.ts';
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
export function buildPanelRows(build: Build | undefined, status: ImageStatus | undefined, width: number): number {
  if (!build) return 5;
  return 4 + detailLines(build, status, '', width - 4).length;
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
  const progress = [
    span(progressText(build, now, dot), role),
    ...timeSpans(build, builds, now, dot),
    ...countsOf(build, theme),
  ];
  return [
    ...phaseBarRows(phaseCells(build, now, usual), width - 1, theme, still),
    ` ${paintLine(progress, width - 2, theme)}`,
    ...detailLines(build, status, arrow, width - 2).map((line) => ` ${paintLine(line, width - 2, theme)}`),
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

/** `about 20s left (n=6, ±5s)`; nothing when the image's own history does not say. */
function timeSpans(build: Build, builds: readonly Build[], now: number, dot: string): Line {
  const left = build.state === 'running' ? timeLeft(build, builds, now) : undefined;
  if (!left) return [];
  const known = `(n=${left.count} ±${Math.ceil(left.spread / 1000)}s)`;
  if (left.late) return [span(` ${dot} `, 'dim'), span('slower than usual', 'warning'), span(` ${known}`, 'faint')];
  return [
    span(` ${dot} `, 'dim'),
    span(`about ${tookText(left.milliseconds)} left`, 'text'),
    span(` ${known}`, 'faint'),
  ];
}

const outcomeRoles: Readonly<Record<Build['state'], Role>> = {
  running: 'strong',
  interrupted: 'warning',
  succeeded: 'ready',
  failed: 'failed',
  cancelled: 'held',
};

function countsOf({layers, result}: Build, {glyphs}: Theme): Line {
  const words = [
    layers.restored > 0 ? `${layers.restored} restored` : '',
    layers.reused > 0 ? `${layers.reused} reused` : '',
    layers.added > 0 ? `${layers.added} added` : '',
    layers.cached > 0 ? `${layers.cached} cached` : '',
  ].filter(Boolean);
  const counts = words.length > 0 ? [span(`  ${glyphs.dot}  layers ${words.join(', ')}`, 'dim')] : [];
  const gave = result ? [span(`  ${glyphs.dot}  ${shortDigest(result.digest)} ${sizeText(result.size)}`, 'dim')] : [];
  return [...counts, ...gave];
}

function detailLines(build: Build, status: ImageStatus | undefined, arrow: string, width: number): readonly Line[] {
  const failed = build.state === 'failed' && build.failure ? failureLines(build.failure, width) : [];
  const held = status?.hold && status.state !== 'failed' && status.state !== 'building';
  return [
    ...failed,
    ...(build.remark ? [[span(build.remark, 'warning')]] : []),
    ...(failed.length === 0 ? changeLines(build.changes, arrow).slice(0, 4) : []),
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

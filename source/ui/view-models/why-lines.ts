// Why the selected build was made, what it was made from, and what the image waits for now.
import type {Build} from '../../domain/build.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import type {ImageStatus} from '../../state/image-status.ts';
import {buildDifferences} from './build-differences.ts';
import {changeLines} from './change-lines.ts';
import {dayAndTimeText} from './durations.ts';
import {shortDigest, sizeText} from './names.ts';
import {type Line, span} from './spans.ts';
import {wrapLine} from './wrap-line.ts';

export type WhyLook = {
  readonly arrow: string;
  /** Cells; what is longer goes on in the next row. */
  readonly width?: number;
  /** The build to compare with. */
  readonly compared?: Build | undefined;
};

/** The lines of the why panel. */
export function whyLines(
  build: Build | undefined,
  status: ImageStatus | undefined,
  {arrow, width = Infinity, compared}: WhyLook,
): readonly Line[] {
  const lines =
    build && compared && compared.number !== build.number
      ? comparedLines(compared, build, arrow)
      : [...nowLines(status, arrow), ...(build ? buildLines(build, arrow) : [])];
  return lines.flatMap((line) => wrapLine(line, width));
}

/** What differs between two builds, the older first. */
function comparedLines(one: Build, other: Build, arrow: string): readonly Line[] {
  const [old, next] = one.number < other.number ? [one, other] : [other, one];
  const lines = buildDifferences(old, next, arrow);
  const same: readonly Line[] = [[span('made from the same', 'dim')]];
  return [[span(`build ${old.number} ${arrow} build ${next.number}`, 'strong')], ...(lines.length > 0 ? lines : same)];
}

function nowLines(status: ImageStatus | undefined, arrow: string): readonly Line[] {
  if (!status || (!status.hold && !status.sourceProblem && status.due.length === 0)) return [];
  const {sourceProblem} = status;
  return [
    [span('now', 'strong')],
    ...(sourceProblem ? [[span(sourceProblem.message, 'warning')]] : []),
    ...(sourceProblem?.since === undefined ? [] : [[span(`since ${dayAndTimeText(sourceProblem.since)}`, 'dim')]]),
    ...(status.hold ? [[span(status.hold.message, 'warning')]] : []),
    ...changeLines(
      status.due.map(({change}) => change),
      arrow,
    ),
    [],
  ];
}

function buildLines(build: Build, arrow: string): readonly Line[] {
  const {inputs, result} = build;
  return [
    [span(`build ${build.number}`, 'strong'), span(build.strategy === 'rebase' ? '  a rebase' : '', 'dim')],
    ...changeLines(build.changes, arrow),
    [],
    [span('made from', 'strong')],
    field('source', `${inputs.source.kind} ${shortDigest(inputs.source.revision)}`),
    field('builder', inputs.builder.name),
    field('stack', `${inputs.stackName} (${inputs.stackId})`),
    field('run image', `${inputs.runImage.name} ${shortDigest(inputs.runImage.digest)}`),
    field('lifecycle', `${inputs.lifecycleVersion} ${inputs.executor}`),
    ...build.buildpacks.map((buildpack, at) => field(at === 0 ? 'buildpacks' : '', buildpackLabel(buildpack))),
    ...(build.remark ? [field('remark', build.remark)] : []),
    ...(result
      ? [
          [],
          [span('gave', 'strong')],
          field('digest', shortDigest(result.digest)),
          field('size', sizeText(result.size)),
        ]
      : []),
    ...(result?.tags.map((tag, at) => field(at === 0 ? 'tags' : '', tag)) ?? []),
  ];
}

function field(name: string, value: string): Line {
  return [span(name.padEnd(11), 'dim'), span(value)];
}

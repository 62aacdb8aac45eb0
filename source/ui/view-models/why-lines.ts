// Why the selected build was made, what it was made from, and what the image waits for now.
import type {Build} from '../../domain/build.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import type {ImageStatus} from '../../state/image-status.ts';
import {changeLines} from './change-lines.ts';
import {shortDigest, sizeText} from './names.ts';
import {type Line, span} from './spans.ts';

/** The lines of the why panel. */
export function whyLines(build: Build | undefined, status: ImageStatus | undefined, arrow: string): readonly Line[] {
  return [...nowLines(status, arrow), ...(build ? buildLines(build, arrow) : [])];
}

function nowLines(status: ImageStatus | undefined, arrow: string): readonly Line[] {
  if (!status || (!status.hold && status.due.length === 0)) return [];
  return [
    [span('now', 'strong')],
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

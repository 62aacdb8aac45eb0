// What differs between what two builds were made from, and between what they gave.
import type {Build} from '../../domain/build.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import {configDiff} from './change-lines.ts';
import {shortDigest, sizeText} from './names.ts';
import {type Line, span} from './spans.ts';

/** One line for each difference, old to new; none when both were made from the same. */
export function buildDifferences(old: Build, next: Build, arrow: string): readonly Line[] {
  const made = [...madeFrom(old), ...gave(old)];
  const after = new Map([...madeFrom(next), ...gave(next)]);
  const between = made.flatMap(([name, before]): readonly Line[] => {
    const now = after.get(name);
    // What only one of the two has, as the digest of a build that failed, is no difference between them.
    if (now === undefined || before === now) return [];
    return [[span(name.padEnd(11), 'dim'), ...oldToNew(before, now, arrow)]];
  });
  // The revision is said as the source's already.
  const config = configDiff(old.inputs.config, next.inputs.config).filter(({path}) => !path.endsWith('.revision'));
  return [
    ...between,
    ...config.map(({path, before, after: is}) => [span(`${path} `.padEnd(11), 'dim'), ...oldToNew(before, is, arrow)]),
  ];
}

function oldToNew(old: string | undefined, next: string | undefined, arrow: string): Line {
  const [before, after] = [
    span(old === undefined ? 'unset' : shortDigest(old), 'removed'),
    span(next === undefined ? 'unset' : shortDigest(next), 'added'),
  ];
  return [before, span(` ${arrow} `, 'dim'), after];
}

type Fact = readonly [name: string, value: string];

function madeFrom({inputs, buildpacks}: Build): readonly Fact[] {
  return [
    ['source', shortDigest(inputs.source.revision)],
    ['builder', inputs.builder.name],
    ['stack', inputs.stackName],
    ['run image', shortDigest(inputs.runImage.digest)],
    ['lifecycle', inputs.lifecycleVersion],
    // A build that failed before it had a group says nothing about buildpacks.
    ...(buildpacks.length === 0
      ? []
      : [['buildpacks', buildpacks.map((one) => buildpackLabel(one)).join(' ')] as const]),
  ];
}

function gave({result}: Build): readonly Fact[] {
  return result
    ? [
        ['digest', shortDigest(result.digest)],
        ['size', sizeText(result.size)],
      ]
    : [];
}

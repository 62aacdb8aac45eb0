// The rules about who may import whom: they read every file, hold today, and fail when broken.
import {execa} from 'execa';
import {describe, expect, test} from 'vitest';
import {inPlantedTree, root} from './planted-tree.ts';
import {sourceFiles} from './source-files.ts';

type Cruise = {
  readonly modules: readonly {readonly source: string}[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: {readonly name: string};
    }[];
  };
};

describe('the import rules', () => {
  test('read every file of the program and find nothing', async () => {
    const files = await sourceFiles(root);
    const {modules, summary} = await cruise(root, files.includes('cli.tsx') ? ['source', 'cli.tsx'] : ['source']);
    const read = modules.map(({source}) => source).filter((source) => /^(source\/|cli\.tsx$)/.test(source));
    expect(read.toSorted()).toEqual(files);
    expect(files.length).toBeGreaterThan(0);
    expect(summary.violations.map(({rule, from, to}) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  test('find each planted violation, a type-only import too', async () => {
    const {summary} = await inPlantedTree(planted, (folder) => cruise(folder, ['source', 'cli.tsx']));
    const found = new Set(summary.violations.map(({rule, from}) => `${from} breaks ${rule.name}`));
    for (const violation of expected) expect(found).toContain(violation);
  });

  test('let the allowed imports pass', async () => {
    const {modules, summary} = await inPlantedTree(allowed, (folder) => cruise(folder, ['source', 'cli.tsx']));
    expect(modules.map(({source}) => source)).toEqual(expect.arrayContaining(Object.keys(allowed)));
    expect(summary.violations).toEqual([]);
  });
});

const planted: Readonly<Record<string, string>> = {
  'cli.tsx': `import {lost} from './source/lost.ts';\nexport const cli = lost;\n`,
  'source/lost.ts': `export const lost = 1;\n`,
  'source/domain/up.ts': `import type {State} from '../state/state.ts';\nexport type Up = State;\n`,
  'source/domain/clock.ts': `import {hrtime} from 'node:process';\nexport const clock = hrtime;\n`,
  'source/domain/package.ts': `import {z} from 'zod';\nexport const schema = z.string();\n`,
  'source/state/state.ts': `export type State = 1;\nexport const state = 1;\n`,
  'source/ports/reads-state.ts': `import type {State} from '../state/state.ts';\nexport type Port = State;\n`,
  'source/controller/disk.ts': `import {readFileSync} from 'node:fs';\nexport const disk = readFileSync;\n`,
  'source/oci/calls-lifecycle.ts': `import {detect} from '../lifecycle/detect.ts';\nexport const calls = detect;\n`,
  'source/lifecycle/detect.ts': `import type {State} from '../state/state.ts';\nexport const detect: State = 1;\n`,
  'source/sources/acts.ts': `import {run} from '../executors/run.ts';\nexport const acts = run;\n`,
  'source/executors/run.ts': `import {state} from '../state/state.ts';\nexport const run = state;\n`,
  'source/history/asks.ts': `import {state} from '../state/state.ts';\nexport const asks = state;\n`,
  'source/preferences/asks.ts': `import {state} from '../state/state.ts';\nexport const asks = state;\n`,
  'source/protocol/dials.ts': `import {connect} from 'node:net';\nexport const dials = connect;\n`,
  'source/daemon/draws.ts': `import {draw} from '../ui/draw.tsx';\nexport const draws = draw;\n`,
  'source/client/send.ts': `import {acts} from '../daemon/acts.ts';\nexport const send = acts;\n`,
  'source/daemon/acts.ts': `export const acts = 1;\n`,
  'source/commands/plays.ts': `import {step} from '../walkthrough/step.ts';\nexport const plays = step;\n`,
  'source/walkthrough/step.ts': `import {acts} from '../daemon/acts.ts';\nexport const step = acts;\n`,
  'source/ui/draw.tsx': `import {send} from '../client/send.ts';\nexport const draw = <>{send}</>;\n`,
  'source/ui/disk.ts': `import {readFileSync} from 'node:fs';\nexport const disk = readFileSync;\n`,
  'source/ui/tests.ts': `import {test} from 'vitest';\nexport const tests = test;\n`,
  'source/ui/missing.ts': `import {gone} from './gone.ts';\nexport const missing = gone;\n`,
  'source/ui/primitives/table.tsx': `import type {State} from '../../state/state.ts';\nexport type Table = State;\n`,
  'source/ui/primitives/themed.tsx': `import {disk} from '../disk.ts';\nexport const themed = disk;\n`,
  'source/domain/ring-a.ts': `import type {B} from './ring-b.ts';\nexport type A = B | 1;\n`,
  'source/domain/ring-b.ts': `import type {A} from './ring-a.ts';\nexport type B = A | 2;\n`,
};

const expected: readonly string[] = [
  'cli.tsx breaks every-file-lives-in-a-room',
  'source/domain/up.ts breaks domain-imports-only-its-rooms',
  'source/domain/clock.ts breaks pure-rooms-import-no-node-module',
  'source/domain/package.ts breaks core-rooms-import-no-package',
  'source/ports/reads-state.ts breaks ports-imports-only-its-rooms',
  'source/controller/disk.ts breaks pure-rooms-import-no-node-module',
  'source/oci/calls-lifecycle.ts breaks oci-imports-only-its-rooms',
  'source/lifecycle/detect.ts breaks lifecycle-imports-only-its-rooms',
  'source/sources/acts.ts breaks sources-imports-only-its-rooms',
  'source/executors/run.ts breaks executors-imports-only-its-rooms',
  'source/history/asks.ts breaks history-imports-only-its-rooms',
  'source/preferences/asks.ts breaks preferences-imports-only-its-rooms',
  'source/protocol/dials.ts breaks protocol-touches-nothing',
  'source/daemon/draws.ts breaks daemon-imports-only-its-rooms',
  'source/client/send.ts breaks client-imports-only-its-rooms',
  'source/commands/plays.ts breaks commands-imports-only-its-rooms',
  'source/walkthrough/step.ts breaks walkthrough-imports-only-its-rooms',
  'source/ui/draw.tsx breaks ui-names-only-types-of-client-preferences-walkthrough',
  'source/ui/disk.ts breaks pure-rooms-import-no-node-module',
  'source/ui/tests.ts breaks the-program-imports-no-development-package',
  'source/ui/missing.ts breaks nothing-unresolved',
  'source/ui/primitives/table.tsx breaks primitives-import-only-primitives',
  'source/ui/primitives/themed.tsx breaks primitives-import-only-primitives',
  'source/domain/ring-a.ts breaks no-circle',
];

const allowed: Readonly<Record<string, string>> = {
  'cli.tsx': `import {Panel} from './source/ui/panel.tsx';\nexport const cli = <Panel />;\n`,
  'source/domain/image.ts': `export type Image = {readonly name: string};\n`,
  'source/state/state.ts': `import type {Image} from '../domain/image.ts';\nexport type State = readonly Image[];\n`,
  'source/client/client.ts': `import {connect} from 'node:net';\nimport type {State} from '../state/state.ts';\nexport type Client = {readonly state: State};\nexport const dial = connect;\n`,
  'source/ui/primitives/row.tsx': `import {Text} from 'ink';\nimport type {ReactNode} from 'react';\nimport stringWidth from 'string-width';\nexport function Row({children}: {readonly children: ReactNode}) {\n  return <Text>{stringWidth('a')}{children}</Text>;\n}\n`,
  'source/ui/panel.tsx': `import type {Client} from '../client/client.ts';\nimport {Row} from './primitives/row.tsx';\nexport function Panel({client}: {readonly client?: Client}) {\n  return <Row>{client?.state.length}</Row>;\n}\n`,
};

async function cruise(cwd: string, entries: readonly string[]): Promise<Cruise> {
  const arguments_ = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...entries];
  const {stdout} = await execa('depcruise', arguments_, {cwd, preferLocal: true, localDir: root, reject: false});
  return JSON.parse(stdout) as Cruise;
}

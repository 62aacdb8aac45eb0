// The rooms that decide see no clock, no chance, no process, no timer and no network: what the linter and a walk over the syntax find.
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {parse} from '@swc/core';
import {execa} from 'execa';
import {describe, expect, test} from 'vitest';
import {inPlantedTree, root} from './planted-tree.ts';
import {sourceFiles} from './source-files.ts';

const pureFile = /^source\/(domain|state|controller\/plan|ui\/view-models)/;

describe('a pure room', () => {
  test('asks nobody what time it is', async () => {
    const files = (await sourceFiles(root)).filter((file) => pureFile.test(file));
    expect(files.length).toBeGreaterThan(0);
    const found = await Promise.all(
      files.map(async (file) => (await clockReads(await readFile(path.join(root, file), 'utf8'))).map(() => file)),
    );
    expect(found.flat()).toEqual([]);
  });

  test.each([
    ['new Date()', 'export const now = () => new Date();', 1],
    ['new Date without brackets', 'export const now = () => new Date;', 1],
    ['Date() as a function', 'export const now = (): string => Date();', 1],
    ['a date made from an argument', 'export const at = (ms: number) => new Date(ms);', 0],
    ['a date named in a comment', '// new Date()\nexport const text = "new Date()";', 0],
  ])('is searched by syntax: %s', async (_case, text, reads) => {
    expect(await clockReads(text)).toHaveLength(reads);
  });

  test.each([
    ['Date.now()', 'no-restricted-properties'],
    ['Math.random()', 'no-restricted-properties'],
    ['process.pid', 'no-restricted-globals'],
    ['setTimeout(() => undefined, 1)', 'no-restricted-globals'],
    ['setInterval(() => undefined, 1)', 'no-restricted-globals'],
    ['fetch', 'no-restricted-globals'],
    ['performance.now()', 'no-restricted-globals'],
    ['crypto.randomUUID()', 'no-restricted-globals'],
    ['globalThis.process', 'no-restricted-globals'],
  ])('is not allowed %s', async (expression, rule) => {
    const files = Object.fromEntries(pureFiles.map((file) => [file, `export const planted = () => ${expression};\n`]));
    const found = await inPlantedTree(files, (folder) => lint(folder, []));
    for (const file of pureFiles) expect(found).toContainEqual({rule, file});
  });
});

describe('every room', () => {
  test('leaves ending the process to cli.tsx', async () => {
    const text = 'export function end(): void {\n  process.exit(1);\n}\n';
    const files = {'source/commands/end.ts': text, 'cli.tsx': text};
    const found = await inPlantedTree(files, (folder) => lint(folder, []));
    expect(found).toEqual([{rule: 'no-process-exit', file: 'source/commands/end.ts'}]);
  });

  test('drops no promise, forgets no case and says no any', async () => {
    const found = await inPlantedTree({'source/daemon/loose.ts': loose}, (folder) => lint(folder, ['--type-aware']));
    expect(found.map(({rule}) => rule).toSorted()).toEqual([
      'no-explicit-any',
      'no-floating-promises',
      'no-misused-promises',
      'switch-exhaustiveness-check',
    ]);
  });

  test('calls hooks as hooks are called', async () => {
    const found = await inPlantedTree({'source/ui/panel.tsx': looseHook}, (folder) => lint(folder, []));
    expect(found.map(({rule}) => rule)).toContain('rules-of-hooks');
  });
});

const pureFiles = [
  'source/domain/planted.ts',
  'source/state/planted.ts',
  'source/controller/plan.ts',
  'source/controller/plan-patch.ts',
  'source/ui/view-models/planted.ts',
];

const loose = `type Kind = {readonly kind: 'a'} | {readonly kind: 'b'};
export async function work(): Promise<void> {}
export function start(list: readonly string[], given: any): number {
  work();
  list.forEach(async () => work());
  return given === 1 ? 1 : 2;
}
export function name(kind: Kind): string {
  switch (kind.kind) {
    case 'a':
      return 'a';
  }
  return 'b';
}
`;

const looseHook = `import {useState} from 'react';
export function Panel({open}: {readonly open: boolean}) {
  if (open) useState(1);
  return null;
}
`;

type Finding = {readonly rule: string; readonly file: string};

async function lint(cwd: string, options: readonly string[]): Promise<readonly Finding[]> {
  const run = await execa('oxlint', ['--format', 'json', ...options, '.'], {
    cwd,
    preferLocal: true,
    localDir: root,
    reject: false,
  });
  const {diagnostics} = JSON.parse(run.stdout) as {
    readonly diagnostics: readonly {readonly code: string; readonly filename: string}[];
  };
  return diagnostics.map(({code, filename}) => ({rule: /\((.+)\)/.exec(code)?.[1] ?? code, file: filename}));
}

/** Where a text reads the clock through `new Date()` or `Date()`, which the linter has no rule for. */
async function clockReads(text: string): Promise<readonly object[]> {
  const program = await parse(text, {syntax: 'typescript', tsx: text.includes('</') || text.includes('/>')});
  return nodesOf(program).filter(readsClock);
}

function readsClock(node: SyntaxNode): boolean {
  const isCall = node.type === 'CallExpression';
  const isBareNew = node.type === 'NewExpression' && (node.arguments ?? []).length === 0;
  return (isCall || isBareNew) && node.callee?.value === 'Date';
}

type SyntaxNode = {
  readonly type?: string;
  readonly arguments?: readonly unknown[] | null;
  readonly callee?: {readonly value?: unknown};
};

function nodesOf(node: unknown): readonly SyntaxNode[] {
  if (typeof node !== 'object' || node === null) return [];
  return [node, ...Object.values(node).flatMap(nodesOf)];
}

// Modules of Node's that cost milliseconds to load are loaded when something of them is first called: a phase of the lifecycle that hashes nothing
// and asks no registry should not pay for OpenSSL.
import type {Plugin} from 'esbuild';

const heavy = ['child_process', 'crypto', 'http', 'https', 'timers/promises', 'zlib'] as const;

/** An esbuild plugin that puts functions which load the module before the functions of the heavy ones. */
export function lateBuiltins(): Plugin {
  return {
    name: 'late-builtins',
    setup(build) {
      const filter = new RegExp(`^node:(?:${heavy.join('|')})$`);
      build.onResolve({filter}, ({path}) => ({path, namespace: 'late-builtin', sideEffects: false}));
      build.onLoad({filter: /.*/, namespace: 'late-builtin'}, ({path}) => ({contents: standIn(path), loader: 'js'}));
    },
  };
}

/** Functions and classes wait for their first call, plain values are written out. */
function standIn(name: string): string {
  const builtin = process.getBuiltinModule(name) as unknown as Readonly<Record<string, unknown>>;
  const lines = Object.entries(builtin)
    .filter(([key]) => /^[A-Za-z_]\w*$/.test(key) && key !== 'default')
    .flatMap(([key, value]) => {
      if (typeof value === 'function')
        return [
          `export function ${key}(...given) { const it = load().${key}; return new.target ? new it(...given) : it(...given); }`,
        ];
      return key === 'constants' ? [`export const constants = ${JSON.stringify(value)};`] : [];
    });
  return [
    'let loaded;',
    `const load = () => (loaded ??= process.getBuiltinModule(${JSON.stringify(name)}));`,
    ...lines,
  ].join('\n');
}

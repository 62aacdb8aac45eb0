// Lets node run .tsx files (it strips types by itself, but knows no JSX): `node --import ./scripts/tsx-loader.ts FILE`.
import {readFileSync} from 'node:fs';
import {registerHooks} from 'node:module';
import {fileURLToPath} from 'node:url';
import {transformSync} from 'esbuild';

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('.tsx')) return nextLoad(url, context);
    const file = fileURLToPath(url);
    const options = {
      loader: 'tsx',
      format: 'esm',
      jsx: 'automatic',
      target: 'node24',
      sourcemap: 'inline',
      sourcefile: file,
    } as const;
    return {format: 'module', shortCircuit: true, source: transformSync(readFileSync(file, 'utf8'), options).code};
  },
});

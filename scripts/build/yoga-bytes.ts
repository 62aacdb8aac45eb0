// Yoga's loader fetches its WebAssembly from a data: URL, which loads Node's whole HTTP client (60 ms). The bundle hands it the bytes.
import {readFile} from 'node:fs/promises';
import type {Plugin} from 'esbuild';

const inlineWasm = /="data:application\/octet-stream;base64,([A-Za-z0-9+/=]{1000,})"/;
const givenBytes = 'h.wasmBinary&&(w=h.wasmBinary);';

/** An esbuild plugin that gives yoga-layout its bytes. The build fails when yoga's loader no longer looks as expected. */
export function yogaBytes(): Plugin {
  return {
    name: 'yoga-bytes',
    setup(build) {
      build.onLoad({filter: /yoga-wasm-base64-esm\.js$/}, async ({path}) => ({
        contents: withBytes(await readFile(path, 'utf8'), path),
        loader: 'js',
      }));
    },
  };
}

function withBytes(loader: string, path: string): string {
  const base64 = inlineWasm.exec(loader)?.[1];
  if (!base64 || !loader.includes(givenBytes)) {
    throw new Error(
      `expected yoga's loader with its bytes inside, got another one in ${path}: adapt scripts/build/yoga-bytes.ts`,
    );
  }
  const text = loader.replace(inlineWasm, '="data:application/octet-stream;base64,"');
  return text.replace(givenBytes, () => `w=Buffer.from(${JSON.stringify(base64)},"base64");`);
}

// Builds dist/: the entry that checks Node, the program in chunks, and the lifecycle as one file that runs alone.
import {mkdir, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import path from 'node:path';
import type {BuildOptions, OutputFile, Plugin} from 'esbuild';
import {bundledNotices} from './build/bundled-notices.ts';
import {cheaperFrames} from './build/cheaper-frames.ts';
import {lateBuiltins} from './build/late-builtins.ts';
import {reactDevtoolsStub} from './build/react-devtools-stub.ts';
import {yogaBytes} from './build/yoga-bytes.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

/** CommonJS packages inside an ES module bundle still call `require`. */
const requireBanner = `import {createRequire as __createRequire} from 'node:module';
const require = __createRequire(import.meta.url);`;

const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly engines: {readonly node: string};
};

const esbuild = await loadEsbuild();
if (esbuild) {
  const started = performance.now();
  const files = [await launcher(), ...(await program()), ...(await lifecycle()), ...(await logSearch())];
  await replaceDist(files);
  console.log(`built ${files.length} files in dist/ in ${Math.round(performance.now() - started)} ms`);
}

type BuiltFile = {readonly name: string; readonly contents: Uint8Array | string};

async function launcher(): Promise<BuiltFile> {
  const text = await readFile(path.join(root, 'scripts/build/launcher.js'), 'utf8');
  const needed = manifest.engines.node.replace(/^>=\s*/, '');
  return {name: 'slipway.js', contents: text.replaceAll('__NODE_NEEDED__', JSON.stringify(needed))};
}

/** The program, split so that a plain command loads no Ink. */
function program(): Promise<readonly BuiltFile[]> {
  return bundle('cli', 'cli.tsx', {
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
}

/** The lifecycle in one self-contained file: it is bound alone into a build's private root. */
function lifecycle(): Promise<readonly BuiltFile[]> {
  return bundle('lifecycle', 'source/lifecycle/main.ts', {splitting: false, minify: true, banner: {}}, [
    lateBuiltins(),
  ]);
}

/** The thread of the controller that searches logs: a worker begins with a file of its own. */
function logSearch(): Promise<readonly BuiltFile[]> {
  return bundle('log-search', 'source/history/log-search-worker.ts', {splitting: false});
}

async function bundle(
  name: string,
  entry: string,
  options: BuildOptions,
  plugins: readonly Plugin[] = [],
): Promise<readonly BuiltFile[]> {
  if (!esbuild) return [];
  if (!existsSync(path.join(root, entry))) {
    console.log(`skipped ${entry}: it does not exist`);
    return [];
  }
  const result = await esbuild.build({
    banner: {js: requireBanner},
    ...options,
    entryPoints: {[name]: path.join(root, entry)},
    absWorkingDir: root,
    outdir: dist,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    define: {'process.env.NODE_ENV': '"production"', __SLIPWAY_VERSION__: JSON.stringify(manifest.version)},
    plugins: [reactDevtoolsStub(), yogaBytes(), cheaperFrames(), ...plugins],
  });
  const notices = await bundledNotices(root, Object.keys(result.metafile.inputs));
  return [...result.outputFiles.map(relativeToDist), {name: `${name}.licences.txt`, contents: notices}];
}

function relativeToDist(file: OutputFile): BuiltFile {
  return {name: path.relative(dist, file.path), contents: file.contents};
}

/** Every file appears whole or not at all, and what no longer belongs goes last: a program that runs meanwhile is not cut off. */
async function replaceDist(files: readonly BuiltFile[]): Promise<void> {
  for (const file of files) {
    const target = path.join(dist, file.name);
    await mkdir(path.dirname(target), {recursive: true});
    const temporary = `${target}.${process.pid}.tmp`;
    await writeFile(temporary, file.contents, {mode: file.name === 'slipway.js' ? 0o755 : 0o644});
    await rename(temporary, target);
  }
  const kept = new Set(files.map((file) => path.normalize(file.name)));
  for (const name of await readdir(dist, {recursive: true, withFileTypes: true})) {
    const file = path.relative(dist, path.join(name.parentPath, name.name));
    const isCache = file.startsWith('.cache');
    const isBeingWritten = file.endsWith('.tmp');
    if (name.isFile() && !kept.has(file) && !isCache && !isBeingWritten) await rm(path.join(dist, file), {force: true});
  }
}

/** An install without development packages has no bundler; it keeps the dist/ that it has. */
async function loadEsbuild(): Promise<typeof import('esbuild') | undefined> {
  try {
    return await import('esbuild');
  } catch (cause) {
    const isInstall = process.env['npm_lifecycle_event'] === 'prepare';
    if (!isInstall)
      throw new Error('esbuild is not installed: run `npm install` (with development packages) first', {cause});
    console.log('skipped the build: esbuild is not installed');
    return undefined;
  }
}

// Records how long the phases of real builds take while the machine is more and less busy: the corpus that the time left is
// held against. Makes the demo's workspace in a home of its own, builds its sample app again and again, and keeps the times.
import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {Worker} from 'node:worker_threads';

const rounds = 16;
const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'dist/slipway.js');
const home = await mkdtemp(path.join(os.tmpdir(), 'slipway-corpus-'));
const slipway = (...argv: readonly string[]) =>
  run(process.execPath, [program, '--home', home, ...argv], {maxBuffer: 2 ** 26});

type Line = {
  readonly kind: string;
  readonly at: number;
  readonly number?: number;
  readonly image?: string;
  readonly phase?: string;
};

try {
  const demo = run(process.execPath, [program, 'demo', '--home', home], {maxBuffer: 2 ** 26});
  demo.child.stdin?.end();
  await demo;
  for (let round = 0; round < rounds; round++) {
    const busy = Array.from({length: round % 3}, () => new Worker('for (;;);', {eval: true}));
    await slipway('image', 'trigger', 'spring-petclinic');
    await slipway('build', 'logs', 'spring-petclinic').catch(() => undefined);
    await Promise.all(busy.map((worker) => worker.terminate()));
  }
  const {stdout} = await slipway('events');
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const builds = buildsOf(events.filter(({image}) => image === 'spring-petclinic'));
  await mkdir(path.join(root, 'test/fixtures/corpus'), {recursive: true});
  await writeFile(path.join(root, 'test/fixtures/corpus/phases.json'), `${JSON.stringify(builds, undefined, 1)}\n`);
  console.log(`${builds.length} builds recorded`);
} finally {
  await slipway('controller', 'stop').catch(() => undefined);
  await rm(home, {recursive: true, force: true});
}

/** Milliseconds of each phase, a build an entry; only builds that went through all phases. */
function buildsOf(events: readonly Line[]): readonly Readonly<Record<string, number>>[] {
  const numbers = [...new Set(events.map(({number}) => number ?? 0))].filter((number) => number > 0);
  return numbers.flatMap((number) => {
    const own = events.filter((event) => event.number === number);
    if (!own.some(({kind}) => kind === 'build.succeeded')) return [];
    const starts = own.filter(({kind}) => kind === 'phase.started');
    if (!starts.some(({phase}) => phase === 'build')) return [];
    const took = starts.map(({phase = '', at}) => {
      const end = own.find((event) => event.kind === 'phase.finished' && event.phase === phase)?.at ?? at;
      return [phase, end - at] as const;
    });
    return [Object.fromEntries(took)];
  });
}

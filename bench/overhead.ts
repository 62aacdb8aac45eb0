/**
 * What Slipway adds to a build in containers: `npm run bench -- overhead [--json] [ROUNDS]`.
 *
 * A trivial build through the controller, untrusted (a container per phase) and trusted (one container), against a shell script that issues the
 * engine commands of such a build one after another: they are recorded from a build of ours, with everything that was copied in. Both run in turn, so that
 * a busy machine slows both. The goal: at most 5 % or 300 ms over the script, and trusted at least twice as fast as untrusted.
 */
import {execFile, spawnSync} from 'node:child_process';
import {chmod, mkdir, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {setTimeout} from 'node:timers/promises';
import os from 'node:os';
import path from 'node:path';
import {parseArgs, promisify} from 'node:util';
import {openEngineHost} from '../test/engine/engine-host.ts';
import {makeRunImage} from '../test/peers/run-image.ts';

type Row = {
  readonly case: string;
  readonly ours: number;
  readonly peer: number;
  readonly unit: 'ms';
  readonly ratio: number;
};

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {json: {type: 'boolean', default: false}},
});
const rounds = Number(positionals[0] ?? 5);
const program = path.resolve(import.meta.dirname, '../dist/slipway.js');
const run = promisify(execFile);

const buildpack = {
  'buildpack.toml': 'api = "0.10"\n[buildpack]\nid = "acme/trivial"\nversion = "1.0.0"\n',
  'bin/detect': '#!/usr/bin/env bash\n',
  'bin/build':
    '#!/usr/bin/env bash\nprintf \'[[processes]]\\ntype = "web"\\ncommand = ["cat", "app.txt"]\\ndefault = true\\n\' > "$1/launch.toml"\n',
};
const scratch = path.join('/tmp', `slipway-overhead-${process.pid}`);
const host = await openEngineHost({
  stackId: 'io.slipway.stacks.demo',
  buildpacks: {'acme_trivial/1.0.0': await writeBuildpack(path.join(scratch, 'buildpack'))},
  order: '[[order]]\n[[order.group]]\nid = "acme/trivial"\nversion = "1.0.0"\n',
  listed: [{id: 'acme/trivial', version: '1.0.0'}],
});
try {
  const docker = host.engines.find(({engine}) => engine.kind === 'docker');
  if (!docker) throw new Error(`the bench needs a Docker engine of its own: ${host.obstacles.join('; ')}`);
  print(await measure(docker.engine.environment, docker.base));
} finally {
  await host.close();
  await rm(scratch, {recursive: true, force: true});
}

async function measure(engine: Readonly<Record<string, string>>, builder: string): Promise<readonly Row[]> {
  const env = {...process.env, ...engine, SLIPWAY_HOME: path.join(scratch, 'home')};
  const app = path.join(scratch, 'app');
  await mkdir(app, {recursive: true});
  await writeFile(path.join(app, 'app.txt'), 'hello\n');
  const layout = await makeRunImage(path.join(scratch, 'run'));
  const runImage = `oci:${layout}`;
  await slipway(
    env,
    'clusterbuilder',
    'create',
    'bench',
    '--image',
    builder,
    '--run-image',
    runImage,
    '--engine',
    'docker',
  );
  await slipway(
    env,
    'image',
    'create',
    'app',
    '--tag',
    'acme/app',
    '--local-path',
    app,
    '--cluster-builder',
    'bench',
    '--wait',
  );
  const untrusted = await compare(env, 'untrusted');
  await slipway(env, 'clusterbuilder', 'patch', 'bench', '--trusted');
  const trusted = await compare(env, 'trusted');
  await slipway(env, 'controller', 'stop');
  return [
    row('trivial build, untrusted, against the script', untrusted.ours, untrusted.script),
    row('trivial build, trusted, against the script', trusted.ours, trusted.script),
    row('trusted against untrusted', trusted.ours, untrusted.ours),
  ];
}

type Env = Readonly<Record<string, string | undefined>>;
type Compared = {readonly ours: readonly number[]; readonly script: readonly number[]};

async function compare(env: Env, name: string): Promise<Compared> {
  const script = await record(env, path.join(scratch, name));
  await timeOfBuild(env);
  const ours: number[] = [];
  const scripted: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await timeOfBuild(env));
    const began = performance.now();
    await run('bash', [script], {env, maxBuffer: 1e9});
    scripted.push(performance.now() - began);
  }
  return {ours, script: scripted};
}

/** One build under a controller whose `docker` writes down what it is told; gives the script that says it again. */
async function record(env: Env, directory: string): Promise<string> {
  const bin = path.join(directory, 'bin');
  const taken = path.join(directory, 'record');
  await mkdir(bin, {recursive: true});
  await mkdir(taken);
  await symlink(path.join(import.meta.dirname, 'overhead/record-engine.sh'), path.join(bin, 'docker'));
  const real = spawnSync('bash', ['-c', 'type -P docker'], {encoding: 'utf8'}).stdout.trim();
  await slipway(env, 'controller', 'stop');
  const recording = {...env, PATH: `${bin}:${env['PATH'] ?? ''}`, RECORD: taken, REAL_DOCKER: real};
  await timeOfBuild(recording);
  await slipway(env, 'controller', 'stop');
  const entries = (await readdir(taken)).filter((entry) => entry.endsWith('.arguments')).toSorted();
  const lines = await Promise.all(entries.map((entry) => scriptLine(path.join(taken, entry))));
  const first = lines.findIndex((line) => line.startsWith('docker image inspect'));
  const file = path.join(directory, 'script.sh');
  await writeFile(file, `set -eu\n${lines.slice(first).join('\n')}\n`);
  return file;
}

/** What is read from the engine is thrown away; removing what is gone already is no failure. */
async function scriptLine(file: string): Promise<string> {
  const text = (await readFile(file, 'utf8')).trim();
  const input = file.replace('.arguments', '.input');
  const from = await readFile(input).then(
    () => input,
    () => '/dev/null',
  );
  return `docker ${text} < ${from} > /dev/null${/^(rm|volume rm|network rm)/.test(text) ? ' || true' : ''}`;
}

/** Milliseconds from the first event of a triggered build to its last, as the controller saw them. */
async function timeOfBuild(env: Env): Promise<number> {
  const [, number = ''] = /Build Number (\d+)/.exec(await slipway(env, 'image', 'trigger', 'app')) ?? [];
  while (!(await slipway(env, 'build', 'list', 'app')).includes(`\n${number} `)) await setTimeout(100);
  await slipway(env, 'build', 'logs', 'app', '-b', number);
  const events = (await slipway(env, 'events', '--since', '10m'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as {readonly kind: string; readonly at: number});
  const began = events.findLast(({kind}) => kind === 'build.started')?.at ?? Number.NaN;
  const ended = events.findLast(({kind}) => kind === 'build.succeeded')?.at ?? Number.NaN;
  if (!(ended > began)) throw new Error('expected the build to succeed; see `slipway build logs app`');
  return ended - began;
}

async function slipway(env: Env, ...args: readonly string[]): Promise<string> {
  return (await run(process.execPath, [program, ...args], {env, maxBuffer: 1e9})).stdout;
}

async function writeBuildpack(directory: string): Promise<string> {
  await mkdir(path.join(directory, 'bin'), {recursive: true});
  for (const [name, text] of Object.entries(buildpack)) {
    await writeFile(path.join(directory, name), text);
    if (name.startsWith('bin/')) await chmod(path.join(directory, name), 0o755);
  }
  return directory;
}

function row(name: string, ours: readonly number[], peer: readonly number[]): Row {
  const [our, their] = [median(ours), median(peer)];
  return {
    case: name,
    ours: Math.round(our),
    peer: Math.round(their),
    unit: 'ms',
    ratio: Math.round((their / our) * 100) / 100,
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function print(rows: readonly Row[]): void {
  const [cpu] = os.cpus();
  const machine = `${os.type()} ${os.release()}, ${os.cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, node ${process.version}`;
  if (values.json) {
    console.log(JSON.stringify({bench: 'overhead', machine, rows}));
    return;
  }
  console.log(machine);
  const width = Math.max(...rows.map((one) => one.case.length));
  console.log(`${'case'.padEnd(width)}  ${'ours'.padStart(8)}  ${'peer'.padStart(8)}       ratio`);
  for (const {case: name, ours, peer, unit, ratio} of rows) {
    console.log(
      `${name.padEnd(width)}  ${String(ours).padStart(8)}  ${String(peer).padStart(8)}  ${unit}  ${ratio.toFixed(2).padStart(6)}`,
    );
  }
}

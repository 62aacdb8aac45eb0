// Runs a drawn case with one lifecycle and tells everything that can be seen of it: exit codes, output, files after every phase, image, cache.
import {isUtf8} from 'node:buffer';
import {createHash} from 'node:crypto';
import {chown, lchown, lstat, mkdir, readdir, readFile, readlink, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {runInRoot} from '../../conformance/private-root.ts';
import {openSite, outputName, type Peer, type PeerSite, runImageName, user} from '../peer-site.ts';
import {writeTree} from './file-tree.ts';
import {observeImage} from './observe-image.ts';
import type {CaseStep, RandomCase} from './random-case.ts';

export type CaseSurroundings = {
  /** A directory of the host to work in. */
  readonly base: string;
  readonly peer: Peer;
  readonly runImageLayout: string;
  readonly launcher: string;
  readonly node: string;
};

/** What one build of a case showed, by what it was seen in. */
export type Observed = Readonly<Record<string, unknown>>;

/** Runs all builds of the case, also after one that failed. */
export async function runCase(drawn: RandomCase, surroundings: CaseSurroundings): Promise<readonly Observed[]> {
  const site = await openSite({...surroundings, buildpacks: {}, order: drawn.order});
  for (const {id, version, files} of drawn.buildpacks) {
    await writeTree(site.at(`cnb/buildpacks/${id.replaceAll('/', '_')}/${version}`), files);
  }
  await writeFile(
    site.at('cnb/stack.toml'),
    `[run-image]\nimage = "${runImageName}"\nmirrors = ["mirror.example/slipway/run:noble"]\n`,
  );
  if (drawn.system !== undefined) await writeFile(site.at('cnb/system.toml'), drawn.system);
  const observed: Observed[] = [];
  for (const [index, step] of drawn.steps.entries()) {
    await prepare(site, drawn, step, index);
    const {code, stdout, stderr} = await runInRoot({
      binds: {...site.binds, '/out': site.at('out')},
      user: drawn.mode === 'creator as root' ? undefined : user,
      argv: ['bash', '-c', driver, 'driver', ...phaseWords(site.peer, drawn, step)],
      env: environmentOf(drawn, step),
    });
    if (code !== 0) throw new Error(`the driver ended with ${code}: ${stdout}${stderr}`);
    observed.push(await observe(site));
  }
  return observed;
}

/** Phases are divided by `--`; the first that fails is the last. */
const driver = `
n=0; words=()
run() {
  n=$((n + 1)); mkdir -p "/out/$n"
  "\${words[@]}" >"/out/$n/stdout" 2>"/out/$n/stderr"; code=$?
  echo $code >"/out/$n/exit"; cp -a /layers "/out/$n/layers"; words=()
  [ $code = 0 ] || exit 0
}
for word; do if [ "$word" = -- ]; then run; else words+=("$word"); fi; done
`;

function phaseWords({command}: Peer, drawn: RandomCase, step: CaseStep): readonly string[] {
  const cache = ['-cache-dir', '/cache'];
  const exporting = [
    ...cache,
    '-launcher',
    '/opt/launcher',
    '-project-metadata',
    '/layers/project-metadata.toml',
    ...step.exportFlags,
  ];
  const tags = step.tags.flatMap((tag) => ['-tag', tag]);
  const calls =
    drawn.mode === 'phases'
      ? [
          ['analyze', ...step.analyzeFlags, '-run-image', runImageName, ...tags, outputName],
          ['detect'],
          ['restore', ...cache, ...step.restoreFlags],
          ['build'],
          ['export', ...exporting, outputName, ...step.tags],
        ]
      : [['create', ...exporting, '-run-image', runImageName, ...tags, outputName]];
  return calls.flatMap((call) => [...command, ...call, '--']);
}

function environmentOf(drawn: RandomCase, step: CaseStep): Readonly<Record<string, string>> {
  return {
    PATH: '/opt/node/bin:/usr/bin:/bin',
    HOME: '/home/cnb',
    CNB_PLATFORM_API: drawn.platformApi,
    CNB_EXPERIMENTAL_MODE: 'quiet',
    CNB_NO_COLOR: 'true',
    CNB_USE_LAYOUT: 'true',
    CNB_LAYOUT_DIR: '/layouts',
    CNB_USER_ID: String(user.uid),
    CNB_GROUP_ID: String(user.gid),
    ...step.env,
  };
}

async function prepare(site: PeerSite, drawn: RandomCase, step: CaseStep, index: number): Promise<void> {
  const emptied = [
    'layers',
    'workspace',
    'tmp',
    'platform',
    'out',
    'cnb/build-config',
    ...(step.clearCache ? ['cache'] : []),
  ];
  for (const name of emptied) {
    await mkdir(site.at(name), {recursive: true});
    for (const entry of await readdir(site.at(name))) await rm(path.join(site.at(name), entry), {recursive: true});
  }
  await writeTree(site.at('workspace'), step.app);
  await writeTree(site.at('platform'), step.platform);
  await writeTree(site.at('cnb/build-config'), step.buildConfig);
  if (step.project !== undefined) await writeFile(site.at('layers/project-metadata.toml'), step.project);
  for (const {id, version} of drawn.buildpacks) {
    await writeFile(site.at(`cnb/buildpacks/${id.replaceAll('/', '_')}/${version}/step`), String(index));
  }
  for (const name of ['layers', 'workspace', 'tmp', 'platform', 'out', 'cnb', 'cache']) await giveToUser(site.at(name));
}

async function giveToUser(place: string): Promise<void> {
  const found = await lstat(place);
  if (found.isDirectory()) {
    for (const entry of await readdir(place)) await giveToUser(path.join(place, entry));
    await chown(place, user.uid, user.gid);
  } else await lchown(place, user.uid, user.gid);
}

async function observe(site: PeerSite): Promise<Observed> {
  const image = await observeImage(site.imageLayout);
  const seen: Record<string, unknown> = {};
  for (const phase of (await readdir(site.at('out'))).toSorted()) {
    const read = (name: string) => readFile(site.at(`out/${phase}/${name}`), 'utf8');
    seen[`${phase} exit`] = (await read('exit')).trim();
    seen[`${phase} stdout`] = outputLines(await read('stdout'));
    seen[`${phase} stderr`] = outputLines(await read('stderr'));
    const listing = await listTree(site.at(`out/${phase}/layers`), 'layers');
    Object.assign(seen, Object.fromEntries(Object.entries(listing).map(([name, what]) => [`${phase} ${name}`, what])));
  }
  return {...seen, ...(await listTree(site.at('cache'), 'cache')), ...image};
}

/** Sorted: upstream's order of some lines, and how many of why a plan does not fit, is that of Go's maps. Times and temporary names are taken out. */
function outputLines(text: string): readonly string[] {
  return (
    text
      .replaceAll(/^Timer: .* (?:ran for|started at) .*\n/gm, '')
      .replaceAll(/@?sha256:[0-9a-f]{64}(?=\)?:?$)/gm, '@digest')
      .replaceAll(/\/tmp\/[^ /'"]+/g, '/tmp/any')
      .replaceAll(/^(?:fail|skip): .* (?:requires|provides unused) .*\n/gm, '')
      // Ours names the file and the field besides.
      .replaceAll(/^(ERROR: .*) \(\/[^()]*: [^()]*\)$/gm, '$1')
      .split('\n')
      .toSorted()
  );
}

async function listTree(place: string | Buffer, name: string): Promise<Record<string, string>> {
  const found = await lstat(place);
  const mode = (found.mode & 0o7777).toString(8);
  if (found.isSymbolicLink()) return {[name]: `-> ${await readlink(place)}`};
  // Upstream restores SBOMs beside an extraction that has taken the umask away: now 666, now 644.
  const shown = /\.sbom\.\w+\.json$/.test(name) ? 'any' : mode;
  if (found.isFIFO()) return {[name]: `pipe ${mode} ${found.uid}:${found.gid}`};
  if (!found.isDirectory()) return {[name]: `${shown} ${found.uid}:${found.gid} ${await describeFile(place, name)}`};
  const entries: Record<string, string> = {[`${name}/`]: `${mode} ${found.uid}:${found.gid}`};
  // Names are bytes: a buildpack may leave some that are no UTF-8.
  for (const entry of await readdir(place, {encoding: 'buffer'})) {
    const below = Buffer.concat([Buffer.from(place), Buffer.from('/'), entry]);
    Object.assign(entries, await listTree(below, `${name}/${entry.toString(isUtf8(entry) ? 'utf8' : 'latin1')}`));
  }
  return entries;
}

async function describeFile(place: string | Buffer, name: string): Promise<string> {
  const content = await readFile(place);
  if (!/\.(?:toml|json|metadata)$/.test(name) && content.length > 300) {
    return `sha256:${createHash('sha256').update(content).digest('hex')}`;
  }
  return comparable(name, content.toString('utf8'));
}

/** Without what goes with compressed layers, and plan.toml's entries, whose order is random upstream, sorted. */
function comparable(name: string, text: string): string {
  if (name.endsWith('report.toml')) return text.replace(/manifest-size = \d+/, 'manifest-size = any');
  if (name.endsWith('analyzed.toml')) return text.replace(/(slipway\/app\/latest@sha256:)[0-9a-f]{64}/, '$1previous');
  if (name.endsWith('layers/plan.toml'))
    return text
      .split('[[entries]]')
      .map((entry) => entry.trim())
      .toSorted()
      .join('\n[[entries]]\n');
  return text;
}

// Runs upstream's real lifecycle and ours on the same apps and buildpacks, image layout to image layout, and compares what they leave: files,
// diffIDs, config, labels, cache. Then each side's launcher starts what the other side exported.
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {appendFile, cp, mkdir, mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, type TestContext, test} from 'vitest';
import {runInRoot, whyNoPrivateRoot} from '../conformance/private-root.ts';
import {type ExportedState, readExportedState} from '../peers/exported-image.ts';
import {findUpstreamLifecycle} from '../peers/find-lifecycle.ts';
import {launchImage} from '../peers/launched-image.ts';
import {
  type CallOptions,
  creatorCall,
  layOut,
  openSite,
  type Peer,
  type PeerSite,
  type PhaseCall,
  phaseCalls,
  phaseEnvironment,
  user,
} from '../peers/peer-site.ts';
import {makeRunImage} from '../peers/run-image.ts';

const root = path.resolve(import.meta.dirname, '../..');
const examples = path.join(root, 'examples');
const bundle = path.join(root, 'dist/lifecycle.js');
const upstream = findUpstreamLifecycle();
const obstacle =
  whyNoPrivateRoot() ??
  (existsSync(bundle) ? undefined : 'needs dist/lifecycle.js: npm run build') ??
  ('obstacle' in upstream ? upstream.obstacle : undefined);
const minutes = 60_000;

let base: string;
let runImage: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'slipway-peer-'));
  if (obstacle === undefined) runImage = await makeRunImage(path.join(base, 'stacks'));
}, minutes);

afterAll(() => rm(base, {recursive: true, force: true}));

/** A machine of a person's may lack the peer; the machine that decides what lands may not. */
function needPeer({skip}: TestContext): void {
  if (obstacle !== undefined && process.env['SLIPWAY_IN_CI']) throw new Error(`the peer cannot be had: ${obstacle}`);
  skip(obstacle !== undefined, obstacle);
}

const cases = [
  {app: 'orders-api', platformApi: '0.13', changed: 'orders.json', isBuiltAgain: true},
  {app: 'orders-api', platformApi: '0.12', changed: 'server.js', isBuiltAgain: false},
  {app: 'orders-api', platformApi: '0.15', changed: 'package.json', isBuiltAgain: false},
  {app: 'brochure', platformApi: '0.13', changed: 'public/index.html', isBuiltAgain: true},
  {app: 'spring-webdb', platformApi: '0.13', changed: 'database.json', isBuiltAgain: false},
] as const;

describe('the image that our lifecycle makes is the one that upstream makes', () => {
  test.for(cases)(
    '$app with Platform API $platformApi: built, built again unchanged ($isBuiltAgain), built again after a change of $changed',
    {timeout: 5 * minutes},
    async ({app, platformApi, changed, isBuiltAgain}, context) => {
      needPeer(context);
      const source = path.join(base, `${app}-${platformApi}`);
      await cp(path.join(examples, 'apps', app), source, {recursive: true});
      const sides = await openBoth(`${app}-${platformApi}-sites`);
      const options = {platformApi};

      const first = await buildBoth(sides, source, options);
      expect(first.ours).toEqual(first.upstream);

      if (isBuiltAgain) {
        const again = await buildBoth(sides, source, options);
        expect(again.ours).toEqual(again.upstream);
        expect(again.ours.diffIds).toEqual(first.ours.diffIds);
      }

      await appendFile(path.join(source, changed), '\n');
      const changedBuild = await buildBoth(sides, source, options);
      expect(changedBuild.ours).toEqual(changedBuild.upstream);
      expect(changedBuild.ours.diffIds).not.toEqual(first.ours.diffIds);
    },
  );

  test('by the creator as well', {timeout: 5 * minutes}, async (context) => {
    needPeer(context);
    const sides = await openBoth('creator-sites');
    const build = await buildBoth(sides, path.join(examples, 'apps/brochure'), {platformApi: '0.13'}, creatorCalls);
    expect(build.ours).toEqual(build.upstream);
  });

  test('but for the launcher layer when each brings its own launcher', {timeout: 5 * minutes}, async (context) => {
    needPeer(context);
    const app = path.join(examples, 'apps/brochure');
    const [ours, theirs] = await Promise.all([openOurs('own-launcher'), openUpstream('given-launcher')]);
    const own = await build(ours, app, {platformApi: '0.13', ownLauncher: true});
    const given = await build(theirs, app, {platformApi: '0.13'});
    const launchers = {own: launcherSha(own), given: launcherSha(given)};
    expect(launchers.own).not.toBe(launchers.given);
    const text = JSON.stringify(own).replaceAll(launchers.own, launchers.given);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(given)));
  });
});

describe('what one side exported, the other side starts', () => {
  const launches = [
    {what: "upstream's launcher starts what we exported", by: 'ours', launcher: 'upstream', is: 'a program'},
    {what: 'our launcher starts what upstream exported', by: 'upstream', launcher: 'ours', is: 'a script'},
    {what: 'our launcher starts what we exported', by: 'ours', launcher: 'ours', is: 'a script'},
  ] as const;

  test.for(launches)('$what', {timeout: 5 * minutes}, async ({by, launcher, is}, context) => {
    needPeer(context);
    const name = `launch-${launcher}-by-${by}`;
    const file = launcher === 'ours' ? path.join(root, 'source/lifecycle/launcher.sh') : programs().launcher;
    const site = by === 'ours' ? await openOurs(name, file) : await openUpstream(name, file);
    await build(site, path.join(examples, 'apps/orders-api'), {platformApi: '0.13'});
    const place = path.join(base, `${name}-root`);
    const launched = await launchImage(site.imageLayout, place);
    try {
      expect(await kindOfLauncher(place)).toBe(is);
      expect((await launched.get('/')).status).toBe(200);
    } finally {
      await launched.stop();
      await rm(place, {recursive: true});
    }
  });
});

type Sides = {readonly ours: PeerSite; readonly upstream: PeerSite};
type Build = {readonly ours: ExportedState; readonly upstream: ExportedState};
type Calls = (peer: Peer, options: CallOptions) => readonly PhaseCall[];

const creatorCalls: Calls = (peer, options) => [creatorCall(peer, options)];

async function openBoth(name: string): Promise<Sides> {
  return {ours: await openOurs(`${name}/ours`), upstream: await openUpstream(`${name}/upstream`)};
}

function openOurs(name: string, launcher?: string): Promise<PeerSite> {
  const command = ['/opt/node/bin/node', '/opt/lifecycle.mjs'];
  return open(name, {name: 'ours', command, binds: {'/opt/lifecycle.mjs': bundle}}, launcher);
}

function openUpstream(name: string, launcher?: string): Promise<PeerSite> {
  const {lifecycle} = programs();
  return open(name, {name: 'upstream', command: ['/opt/lifecycle'], binds: {'/opt/lifecycle': lifecycle}}, launcher);
}

function programs() {
  if ('obstacle' in upstream) throw new Error(upstream.obstacle);
  return upstream;
}

async function open(name: string, peer: Peer, launcher = programs().launcher): Promise<PeerSite> {
  const place = path.join(base, name);
  await mkdir(place, {recursive: true});
  const names = readdirSync(path.join(examples, 'buildpacks'));
  return openSite({
    base: place,
    peer,
    runImageLayout: runImage,
    buildpacks: Object.fromEntries(
      names.map((buildpack) => [`sample_${buildpack}/1.0.0`, path.join(examples, 'buildpacks', buildpack)]),
    ),
    order: readFileSync(path.join(examples, 'order.toml'), 'utf8'),
    launcher,
    node: process.execPath,
  });
}

async function buildBoth(sides: Sides, app: string, options: CallOptions, calls: Calls = phaseCalls): Promise<Build> {
  const [ours, theirs] = await Promise.all([
    build(sides.ours, app, options, calls),
    build(sides.upstream, app, options, calls),
  ]);
  return {ours, upstream: theirs};
}

/** One build as a new container would do it. What is compared has no digest of its own manifest in it. */
async function build(
  site: PeerSite,
  app: string,
  options: CallOptions,
  calls: Calls = phaseCalls,
): Promise<ExportedState> {
  await layOut(site, app);
  for (const {phase, argv} of calls(site.peer, options)) {
    const {code, stdout, stderr} = await runInRoot({binds: site.binds, user, argv, env: phaseEnvironment(options)});
    if (code !== 0) throw new Error(`${site.peer.name}: ${phase} ended with ${code}\n${stdout}${stderr}`);
  }
  return {...(await readExportedState(site)), digest: 'its own'};
}

function launcherSha(state: ExportedState): string {
  const {launcher} = JSON.parse(String(state.labels['io.buildpacks.lifecycle.metadata'])) as {launcher: {sha: string}};
  return launcher.sha;
}

async function kindOfLauncher(place: string): Promise<'a script' | 'a program'> {
  const launcher = await readFile(path.join(place, 'cnb/lifecycle/launcher'));
  return launcher.subarray(0, 2).toString() === '#!' ? 'a script' : 'a program';
}

// Both lifecycles against one real registry that wants a login: built, built again out of the cache image, created, rebased. What the registry then
// has, and what the files of the phases say, is the same but for compressed digests.
import {existsSync, readdirSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, type TestContext, test} from 'vitest';
import {readImage} from '../../source/oci/image-layout.ts';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {createRegistryClient, type RegistryClient} from '../../source/oci/registry-client.ts';
import {dockerConfigCredentials} from '../../source/oci/registry-docker-config.ts';
import {pushImage} from '../../source/oci/registry-push.ts';
import {runInRoot, whyNoPrivateRoot} from '../conformance/private-root.ts';
import {type RealRegistry, registryProgram, startRegistry, user as login} from '../oci-registry/real-registry.ts';
import {findUpstreamLifecycle} from '../peers/find-lifecycle.ts';
import {layOut, openSite, type Peer, type PeerSite, phaseEnvironment, user} from '../peers/peer-site.ts';
import {makeRunImage} from '../peers/run-image.ts';

const root = path.resolve(import.meta.dirname, '../..');
const bundle = path.join(root, 'dist/lifecycle.js');
const upstream = findUpstreamLifecycle();
const obstacle =
  whyNoPrivateRoot() ??
  (registryProgram === undefined ? 'needs docker-registry' : undefined) ??
  (existsSync(bundle) ? undefined : 'needs dist/lifecycle.js: npm run build') ??
  ('obstacle' in upstream ? upstream.obstacle : undefined);
const minutes = 60_000;

let base: string;
let registry: RealRegistry;
let client: RegistryClient;
let runImage: string;
let auth: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'slipway-registry-peer-'));
  if (obstacle !== undefined) return;
  registry = await startRegistry('basic');
  const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  auth = JSON.stringify({[registry.host]: `Basic ${basic}`});
  client = createRegistryClient({credentials: dockerConfigCredentials({env: {CNB_REGISTRY_AUTH: auth}})});
  runImage = await makeRunImage(path.join(base, 'stacks'));
  const {digest} = await readImage(runImage);
  await pushImage(client, runImage, digest, ['run:1', 'run:2'].map(at));
}, minutes);

afterAll(async () => {
  client?.close();
  await registry?.stop();
  await rm(base, {recursive: true, force: true});
});

const at = (name: string) => parseRegistryReference(`${registry.host}/${name}`);

function needPeer({skip}: TestContext): void {
  if (obstacle !== undefined && process.env['SLIPWAY_IN_CI']) throw new Error(`the peer cannot be had: ${obstacle}`);
  skip(obstacle !== undefined, obstacle);
}

describe('images in a registry', () => {
  test.for([['0.13'], ['0.11']] as const)(
    'are built, rebased and, with the newer, built again and created as upstream does it, Platform API %s',
    {timeout: 5 * minutes},
    async ([platformApi], context) => {
      needPeer(context);
      const [ours, theirs] = await Promise.all([run('ours', platformApi), run('upstream', platformApi)]);
      expect(ours).toEqual(theirs);
      expect(ours.map(({code}) => code)).toEqual(ours.map(() => 0));
    },
  );

  test('say which image may not be read', {timeout: minutes}, async (context) => {
    needPeer(context);
    const site = await open('ours', 'denied');
    const {host} = registry;
    const argv = [...site.peer.command, 'analyze', '-run-image', `${host}/run:1`, `${host}/denied/app`];
    const {code, stdout} = await runInRoot({
      binds: site.binds,
      user,
      argv,
      env: phaseEnvironment({platformApi: '0.13'}),
    });
    expect(stdout).toContain(`failed to ensure registry read access to ${host}/denied/app`);
    expect(code).toBe(32);
  });
});

type Step = {readonly phase: string; readonly code: number; readonly output: readonly string[]; readonly seen: unknown};

async function run(side: 'ours' | 'upstream', platformApi: string): Promise<readonly Step[]> {
  const site = await open(side, `${side}-${platformApi}`);
  const {host} = registry;
  const names = {app: `${host}/${side}/app:${platformApi}`, cache: `${host}/${side}/cache:${platformApi}`};
  const steps: Step[] = [];
  const phase = async (words: readonly string[], isLast = false) => {
    const env = {...phaseEnvironment({platformApi}), CNB_REGISTRY_AUTH: auth, CNB_STACK_PATH: '/cnb/run.toml'};
    const result = await runInRoot({binds: site.binds, user, argv: [...site.peer.command, ...words], env});
    // Upstream's second deletion of a cache image that it has just deleted is refused.
    const output = comparable(result.stdout + result.stderr, side)
      .split('\n')
      .filter((line) => !line.includes('Unable to delete cache image'))
      .toSorted();
    steps.push({
      phase: words[0] ?? '',
      code: result.code,
      output,
      seen: isLast && result.code === 0 ? await look(site, side, names.app) : '',
    });
  };
  const exporting = ['-cache-image', names.cache, '-launcher', '/opt/launcher'];
  // what an older Platform API changes shows in one build and its rebase
  const isOlder = platformApi !== '0.13';
  for (let build = 0; build < (isOlder ? 1 : 2); build += 1) {
    await layOut(site, path.join(root, 'examples/apps/brochure'));
    await phase(['analyze', '-cache-image', names.cache, '-run-image', `${host}/run:1`, names.app]);
    await phase(['detect']);
    await phase(['restore', '-cache-image', names.cache]);
    await phase(['build']);
    await phase(['export', ...exporting, names.app, `${host}/${side}/app:also`], true);
  }
  if (!isOlder) {
    await layOut(site, path.join(root, 'examples/apps/brochure'));
    await phase(['create', ...exporting, '-run-image', `${host}/run:1`, names.app], true);
  }
  const force = isOlder ? [] : ['-force'];
  await phase(['rebase', ...force, '-report', '/layers/report.toml', '-run-image', `${host}/run:2`, names.app], true);
  return steps;
}

async function open(side: 'ours' | 'upstream', name: string): Promise<PeerSite> {
  if ('obstacle' in upstream) throw new Error(upstream.obstacle);
  const peer: Peer =
    side === 'ours'
      ? {name: side, command: ['/opt/node/bin/node', '/opt/lifecycle.mjs'], binds: {'/opt/lifecycle.mjs': bundle}}
      : {name: side, command: ['/opt/lifecycle'], binds: {'/opt/lifecycle': upstream.lifecycle}};
  const place = path.join(base, name);
  await mkdir(place, {recursive: true});
  return openSite({
    base: place,
    peer,
    runImageLayout: runImage,
    buildpacks: Object.fromEntries(
      readdirSync(path.join(root, 'examples/buildpacks')).map((buildpack) => [
        `sample_${buildpack}/1.0.0`,
        path.join(root, 'examples/buildpacks', buildpack),
      ]),
    ),
    order: await readFile(path.join(root, 'examples/order.toml'), 'utf8'),
    launcher: upstream.launcher,
    node: process.execPath,
  });
}

async function look(site: PeerSite, side: string, name: string): Promise<unknown> {
  const {config} = await client.readImage(parseRegistryReference(name));
  const files = await Promise.all(
    ['analyzed.toml', 'report.toml'].map((file) => readFile(site.at(`layers/${file}`), 'utf8').catch(() => 'none')),
  );
  const text = JSON.stringify({
    files,
    ...config,
    config: {...config.config, Labels: sortedLabels(config.config?.Labels ?? {})},
  });
  return JSON.parse(comparable(text, side));
}

function sortedLabels(labels: Readonly<Record<string, string>>) {
  const plain = (text: string) =>
    text.replace(/"launcher":\{"version":"[^"]*","source":\{"git":\{[^}]*\}\}\}/, '"launcher":{}');
  return Object.entries(labels)
    .map(([key, text]) => [key, plain(text)])
    .toSorted();
}

/** Digests of manifests and their sizes go with compressed layers. */
function comparable(text: string, side: string): string {
  return text
    .replaceAll(`/${side}/`, '/side/')
    .replaceAll(/(side\/app@)?(sha256:[0-9a-f]{64})(?=\)|\\")/g, (whole, _name, digest: string) =>
      whole === digest ? 'digest' : 'app@digest',
    )
    .replaceAll(/app@sha256:[0-9a-f]{64}/g, 'app@digest')
    .replaceAll(/manifest-size = \d+/g, 'manifest-size = any');
}

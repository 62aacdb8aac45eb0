// Against a real registry: what is pushed is what is pulled, by us and by skopeo; layers are mounted.
import {spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {readImage, writeImage} from '../../source/oci/image-layout.ts';
import {writeLayer} from '../../source/oci/layer-writer.ts';
import {parseRegistryReference, type RegistryReference} from '../../source/oci/reference.ts';
import {createRegistryClient, type RegistryClientOptions} from '../../source/oci/registry-client.ts';
import {type CredentialSource, noCredentials} from '../../source/oci/registry-credentials.ts';
import {pullImage} from '../../source/oci/registry-pull.ts';
import {pushImage} from '../../source/oci/registry-push.ts';
import {Secret} from '../../source/oci/registry-secret.ts';
import {createHttpTransport, type HttpTransport} from '../../source/oci/registry-transport.ts';
import {aConfig, anImage} from '../oci/an-image.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {hasOpenssl, type RealRegistry, registryProgram, startRegistry, user, whyNoRegistry} from './real-registry.ts';

const skopeo = spawnSync('skopeo', ['--version']).status === 0;

const login: CredentialSource = {
  find: async () => ({
    credential: {kind: 'basic', username: user.username, password: new Secret(user.password)},
    origin: 'the test',
  }),
};

/** A client that counts what it sends, and the bytes of it. */
function aClient(options: Partial<RegistryClientOptions> = {}) {
  const transport = createHttpTransport();
  const sent: {method: string; path: string; bytes: number}[] = [];
  const counting: HttpTransport = {
    send: (request) => {
      sent.push({method: request.method, path: request.url.pathname, bytes: request.body?.length ?? 0});
      return transport.send(request);
    },
    close: () => transport.close(),
  };
  const client = createRegistryClient({credentials: noCredentials, transport: counting, ...options});
  return {client, sent};
}

describe.skipIf(registryProgram === undefined)(`a registry without a login${whyNoRegistry}`, () => {
  let registry: RealRegistry;
  let layouts: string;
  const at = (name: string): RegistryReference => parseRegistryReference(`${registry.host}/${name}`);

  beforeAll(async () => {
    registry = await startRegistry();
    layouts = mkdtempSync(join(tmpdir(), 'slipway-layouts-'));
  });
  afterAll(async () => {
    await registry?.stop();
    rmSync(layouts, {recursive: true, force: true});
  });

  test('gives back what was pushed, byte for byte, under every name', async () => {
    const [from, to] = [aTemporaryDirectory(), aTemporaryDirectory()];
    const image = await anImage(from, ['one', 'two']);
    const {client} = aClient();
    const pushed = await pushImage(client, from, image.digest, [at('acme/app:1'), at('acme/app:2'), at('other/app:1')]);
    expect(pushed).toEqual({digest: image.digest, uploaded: 6, mounted: 0, present: 0, bytes: expect.any(Number)});
    for (const name of ['acme/app:1', 'acme/app:2', 'other/app:1', `acme/app@${image.digest}`]) {
      expect((await client.headManifest(at(name)))?.digest).toBe(image.digest);
    }
    const pulled = await pullImage(client, at('acme/app:2'), {into: {kind: 'layout', directory: to, names: ['here']}});
    expect(pulled.layers).toMatchObject({downloaded: 2, present: 0});
    const {digest, manifest, config} = await readImage(from, 'latest');
    expect(await readImage(to, 'here')).toMatchObject({digest, manifest, config});
    expect(readdirSync(join(to, 'blobs'))).toEqual(['sha256']);
    expect((await client.listTags(at('acme/app'))).toSorted()).toEqual(['1', '2']);
  });

  test('is sent only what it lacks: present blobs are left, neighbours are mounted', async () => {
    const from = aTemporaryDirectory();
    const base = await anImage(from, ['base-a', 'base-b'], {names: ['base']});
    const app = await anImage(from, ['base-a', 'base-b', 'app'], {names: ['app']});
    const {client} = aClient();
    await pushImage(client, from, base.digest, [at('mount/base:1')]);
    const first = await pushImage(client, from, app.digest, [at('mount/app:1')], {mountFrom: [at('mount/base')]});
    expect(first).toMatchObject({uploaded: 2, mounted: 2, present: 0});
    const second = await pushImage(client, from, app.digest, [at('mount/app:2')]);
    expect(second).toMatchObject({uploaded: 0, mounted: 0, present: 4, bytes: 0});
  });

  test('takes an image whose base layers are only in the registry, and says which layer is nowhere', async () => {
    const [from, sparse] = [aTemporaryDirectory(), aTemporaryDirectory()];
    const image = await anImage(from, ['only-there']);
    const {client} = aClient();
    await pushImage(client, from, image.digest, [at('sparse/base:1')]);
    const into = {kind: 'layout', directory: sparse, names: ['base']} as const;
    await pullImage(client, at('sparse/base:1'), {into, sparse: true});
    expect(
      await pushImage(client, sparse, image.digest, [at('sparse/copy:1')], {mountFrom: [at('sparse/base')]}),
    ).toMatchObject({uploaded: 0, mounted: 2});
    await expect(pushImage(client, sparse, image.digest, [at('sparse/else:1')])).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining(image.manifest.layers[0]?.digest ?? 'a digest'),
    });
  });

  test('takes large blobs in chunks', async () => {
    const [from, pool] = [aTemporaryDirectory(), aTemporaryDirectory()];
    const content = randomBytes(3_000_000);
    const layer = await writeLayer([{path: '/big', kind: 'file', mode: 0o644, uid: 0, gid: 0, content}], {
      compress: false,
      into: from,
    });
    const {mediaType, digest, size, diffId} = layer;
    const image = await writeImage(from, {
      manifest: {layers: [{mediaType, digest, size}]},
      config: aConfig({diffIds: [diffId]}),
      names: ['big'],
    });
    const {client, sent} = aClient({chunkSize: 1_000_000});
    await pushImage(client, from, image.digest, [at('big/app:1')]);
    expect(sent.filter(({method}) => method === 'PATCH').map(({bytes}) => bytes)).toEqual([1e6, 1e6, 1e6, size - 3e6]);
    await pullImage(client, at('big/app:1'), {into: {kind: 'pool', directory: pool}});
    expect(await pullImage(client, at('big/app:1'), {into: {kind: 'pool', directory: pool}})).toMatchObject({
      layers: {downloaded: 0, present: 1, bytes: 0},
    });
  });

  test('deletes a manifest, and says what is not there', async () => {
    const from = aTemporaryDirectory();
    const image = await anImage(from, ['gone']);
    const {client} = aClient();
    await pushImage(client, from, image.digest, [at('gone/app:1')]);
    await client.deleteManifest(at('gone/app'), image.digest);
    expect(await client.headManifest(at('gone/app:1'))).toBeUndefined();
    await expect(client.readImage(at('gone/app:1'))).rejects.toMatchObject({kind: 'not-found', status: 404});
    await expect(client.readImage(at('gone/app:1'))).rejects.toThrow(
      /Expected the image gone\/app:1 on 127\.0\.0\.1:\d+, but it is not there/,
    );
  });

  describe.skipIf(!skopeo)(`and skopeo${skopeo ? '' : ' (skipped: it is not installed)'}`, () => {
    const run = (...words: string[]) => {
      const {status, stdout, stderr} = spawnSync('skopeo', words, {encoding: 'utf8'});
      expect({status, stderr}).toMatchObject({status: 0});
      return stdout;
    };

    test('copies what we pushed, and we pull what it pushed, OCI and docker format alike', async () => {
      const [from, copied, back] = [aTemporaryDirectory(), aTemporaryDirectory(), aTemporaryDirectory()];
      const image = await anImage(from, ['for', 'skopeo'], {env: ['A=1']});
      const {client} = aClient();
      await pushImage(client, from, image.digest, [at('skopeo/app:1')]);
      const source = `docker://${registry.host}/skopeo/app:1`;
      run('--insecure-policy', 'copy', '--src-tls-verify=false', source, `oci:${copied}:app`);
      expect((await readImage(copied, 'app')).digest).toBe(image.digest);
      const target = `docker://${registry.host}/skopeo/docker:1`;
      run('--insecure-policy', 'copy', '--format', 'v2s2', '--dest-tls-verify=false', `oci:${from}:latest`, target);
      const pulled = await pullImage(client, at('skopeo/docker:1'), {
        into: {kind: 'layout', directory: back, names: ['docker']},
      });
      expect(pulled.descriptor.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json');
      expect(pulled.config).toEqual((await readImage(from)).config);
      expect((await readImage(back, 'docker')).digest).toBe(pulled.digest);
    });
  });
});

describe.skipIf(registryProgram === undefined)(`a registry with a login${whyNoRegistry}`, () => {
  test('lets in who has the password, and tells the others which credentials were asked for', async () => {
    const registry = await startRegistry('basic');
    try {
      const from = aTemporaryDirectory();
      const image = await anImage(from, ['private']);
      const reference = parseRegistryReference(`${registry.host}/private/app:1`);
      const {client} = aClient({credentials: login});
      await pushImage(client, from, image.digest, [reference]);
      expect((await client.readImage(reference)).digest).toBe(image.digest);
      const stranger = aClient({
        credentials: {find: async () => ({credential: {kind: 'anonymous'}, origin: '/home/me/.docker/config.json'})},
      });
      await expect(stranger.client.readImage(reference)).rejects.toMatchObject({
        kind: 'unauthorized',
        message: expect.stringContaining('/home/me/.docker/config.json'),
      });
      const wrong: CredentialSource = {
        find: async () => ({
          credential: {kind: 'basic', username: user.username, password: new Secret('battery staple')},
          origin: 'the test',
        }),
      };
      await expect(aClient({credentials: wrong}).client.ping(registry.host)).rejects.toMatchObject({
        kind: 'unauthorized',
      });
    } finally {
      await registry.stop();
    }
  });

  test.skipIf(!hasOpenssl)(
    `fetches one token for each kind of work${hasOpenssl ? '' : ' (skipped: no openssl)'}`,
    async () => {
      const registry = await startRegistry('token');
      try {
        const from = aTemporaryDirectory();
        const image = await anImage(from, ['by', 'token']);
        const reference = parseRegistryReference(`${registry.host}/token/app:1`);
        const {client} = aClient({credentials: login});
        await pushImage(client, from, image.digest, [reference]);
        await client.readImage(reference);
        const copy = parseRegistryReference(`${registry.host}/token/copy:1`);
        expect(await pushImage(client, from, image.digest, [copy], {mountFrom: [reference]})).toMatchObject({
          uploaded: 0,
          mounted: 3,
        });
        expect(registry.tokensIssued()).toBeLessThanOrEqual(6);
        const stranger = aClient().client;
        await expect(stranger.readImage(reference)).rejects.toMatchObject({
          kind: 'unauthorized',
          message: expect.stringContaining('no credential'),
        });
      } finally {
        await registry.stop();
      }
    },
  );
});

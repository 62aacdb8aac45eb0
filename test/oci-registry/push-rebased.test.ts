// A rebased image on its way to a registry: no more is asked and sent than is needed, whoever has brought a layer before, and whatever the
// repository turns out to have.
import {expect, test} from 'vitest';
import {type EncodedImage, type LayoutImage, readImage} from '../../source/oci/image-layout.ts';
import {prepareRebaseInLayout} from '../../source/oci/rebase-in-layout.ts';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {createRegistryClient} from '../../source/oci/registry-client.ts';
import {noCredentials} from '../../source/oci/registry-credentials.ts';
import {createNeighbours} from '../../source/oci/registry-neighbours.ts';
import {pushImage} from '../../source/oci/registry-push.ts';
import {pushAgain} from '../../source/oci/registry-push-again.ts';
import {pushRebased} from '../../source/oci/registry-push-rebased.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {anImage} from '../oci/an-image.ts';
import {aMemoryRegistry, type Failure} from './memory-registry.ts';

const stack = {'io.buildpacks.stack.id': 'test.stack'};

/** Apps that are in the registry under `apps/NAME:1` on the old base, and what a rebase made of them in their layout. */
async function aRebasedFleet(names: readonly string[]) {
  const registry = await aMemoryRegistry();
  const at = (name: string) => parseRegistryReference(`${registry.host}/${name}`);
  const client = createRegistryClient({credentials: noCredentials});
  const layout = aTemporaryDirectory();
  const old = await anImage(layout, ['os-1', 'libs'], {labels: stack, names: ['old']});
  const base = await anImage(layout, ['os-2', 'libs-2'], {labels: stack, names: ['new']});
  const metadata = JSON.stringify({runImage: {topLayer: old.written.at(-1)?.diffId, reference: 'run:1'}});
  const neighbours = createNeighbours();
  const images: {readonly name: string; readonly image: EncodedImage; readonly previous: LayoutImage}[] = [];
  for (const name of names) {
    const labels = {...stack, 'io.buildpacks.lifecycle.metadata': metadata, name};
    const {digest} = await anImage(layout, ['os-1', 'libs', name], {labels, names: [name]});
    await pushImage(client, layout, digest, [at(`apps/${name}:1`)]);
    const previous = await readImage(layout, digest);
    const [app, newBase] = [digest, base.digest];
    const request = {
      appLayout: layout,
      app,
      appName: name,
      baseLayout: layout,
      base: newBase,
      baseName: 'run',
      names: [],
    };
    const prepared = await prepareRebaseInLayout({...request, platformApi: 'kpack', force: false});
    if (prepared.kind === 'refused') throw new Error(prepared.message);
    await prepared.write();
    images.push({name, image: prepared.image, previous});
  }
  const push = async (
    index: number,
    tags = [`apps/${names[index] ?? ''}:1`],
    mountFrom = [at('run')],
    written = Promise.resolve(),
  ) => {
    const before = registry.asked().length;
    const {image, previous} = images[index] ?? {};
    if (!image || !previous) throw new Error('there is no such app');
    const pushed = await pushRebased(client, {
      layout,
      image,
      written,
      previous,
      names: tags.map(at),
      mountFrom,
      neighbours,
    });
    return {
      pushed,
      asked: registry
        .asked()
        .slice(before)
        .map((line) => line.replace(/sha256(:|%3A)\w+/g, '…')),
    };
  };
  return {registry, client, layout, base, images, at, push};
}

test('asks for the name, mounts what is new, and sends config and manifest', async () => {
  const {client, layout, base, at, push, registry, images} = await aRebasedFleet(['one']);
  await pushImage(client, layout, base.digest, [at('run:2')]);
  const {asked, pushed} = await push(0);
  expect(asked.toSorted()).toEqual(
    [
      'HEAD /v2/apps/one/manifests/1',
      'POST /v2/apps/one/blobs/uploads/?mount=…&from=run',
      'POST /v2/apps/one/blobs/uploads/?mount=…&from=run',
      'POST /v2/apps/one/blobs/uploads/',
      'PUT /v2/apps/one/blobs/uploads/one?digest=…',
      'PUT /v2/apps/one/manifests/1',
    ].toSorted(),
  );
  expect(pushed).toMatchObject({mounted: 2, uploaded: 1, present: 1});
  expect(registry.tags.get('apps/one:1')).toBe(images[0]?.image.digest);
});

test('a name that points at it already is not written again', async () => {
  const {push} = await aRebasedFleet(['one']);
  await push(0);
  expect((await push(0)).asked).toEqual(['HEAD /v2/apps/one/manifests/1']);
});

test('a base that is in no registry is uploaded once for a fleet, however many wait for it', async () => {
  const names = ['one', 'two', 'three', 'four'];
  const {push, registry, base, images} = await aRebasedFleet(names);
  const before = registry.asked().length;
  await Promise.all(names.map((_name, index) => push(index)));
  const layers = base.manifest.layers.map(({digest}) => encodeURIComponent(digest));
  const uploads = registry
    .asked()
    .slice(before)
    .filter((line) => line.startsWith('PUT ') && line.includes('/blobs/'));
  for (const layer of layers) expect(uploads.filter((line) => line.includes(layer))).toHaveLength(1);
  for (const {name, image} of images) {
    expect(registry.tags.get(`apps/${name}:1`)).toBe(image.digest);
    for (const {digest} of image.manifest.layers) expect(registry.blobs.has(`apps/${name} ${digest}`)).toBe(true);
  }
});

test('when the one that brings a layer fails, another brings it', async () => {
  const {push, registry, images} = await aRebasedFleet(['one', 'two']);
  registry.fail = ({url}) => (url.includes('/apps/one/blobs/') ? denied : undefined);
  const [first, second] = await Promise.allSettled([push(0), push(1)]);
  expect([first?.status, second?.status]).toEqual(['rejected', 'fulfilled']);
  for (const {digest} of images[1]?.image.manifest.layers ?? [])
    expect(registry.blobs.has(`apps/two ${digest}`)).toBe(true);
});

test('a repository whose name was moved by somebody is given every blob it lacks', async () => {
  const {push, registry, images} = await aRebasedFleet(['one']);
  registry.blobs.clear();
  registry.tags.clear();
  await push(0);
  const {digest, manifest} = images[0]?.image ?? {};
  expect(registry.tags.get('apps/one:1')).toBe(digest);
  for (const blob of manifest?.layers ?? []) expect(registry.blobs.has(`apps/one ${blob.digest}`)).toBe(true);
});

test('who may not push to one of several repositories writes to none', async () => {
  const {push, registry} = await aRebasedFleet(['one']);
  registry.fail = ({method, url}) => (method === 'POST' && url.includes('/elsewhere/') ? denied : undefined);
  const before = new Map(registry.tags);
  const blobs = registry.blobs.size;
  await expect(push(0, ['apps/one:1', 'elsewhere/one:1'])).rejects.toThrow('quota');
  expect(registry.tags).toEqual(before);
  expect(registry.blobs.size).toBe(blobs);
});

test('what was there before is named again without a look at its blobs', async () => {
  const {push, registry, client, layout, images, at} = await aRebasedFleet(['one']);
  await push(0);
  const {digest = 'sha256:none'} = images[0]?.previous ?? {};
  const before = registry.asked().length;
  await pushAgain(client, layout, digest as `sha256:${string}`, [at('apps/one:1')]);
  expect(registry.asked().slice(before)).toEqual([
    'HEAD /v2/apps/one/manifests/1',
    `HEAD /v2/apps/one/manifests/${digest}`,
    'PUT /v2/apps/one/manifests/1',
  ]);
  expect(registry.tags.get('apps/one:1')).toBe(digest);
});

test('no name is written before the image is on this disk', async () => {
  const {push, registry} = await aRebasedFleet(['one']);
  const before = new Map(registry.tags);
  const full = Promise.reject<void>(new Error('no space left on device'));
  full.catch(() => undefined);
  await expect(push(0, ['apps/one:1'], [], full)).rejects.toThrow('no space left');
  expect(registry.tags).toEqual(before);
});

const denied: Failure = {status: 403, code: 'DENIED', message: 'quota exceeded'};

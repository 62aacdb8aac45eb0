// A built image goes elsewhere whole or not at all, others can read it there, and what is there already stays.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {createImageLibrary} from '../../source/daemon/image-library.ts';
import {blobPath, readImage} from '../../source/oci/image-layout.ts';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {withRegistry} from '../../source/daemon/foreign-image.ts';
import {findBaseImage} from '../../source/daemon/base-images.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {registryProgram, startRegistry, user, whyNoRegistry} from '../oci-registry/real-registry.ts';
import {aHome, aLayeredImage, dockerConfig, filesOf, leftovers, refusalOf} from './an-image-home.ts';

const hasSkopeo = spawnSync('skopeo', ['--version']).status === 0;
const whyNoSkopeo = hasSkopeo ? '' : ' (skipped: no skopeo)';
const web = {
  namespace: 'default',
  name: 'web',
  tags: ['reg.example/acme/web:v1', 'reg.example/acme/web'],
  force: false,
};

async function aBuiltImage(...texts: readonly string[]) {
  const paths = aHome();
  const layers = (texts.length === 0 ? ['one', 'two'] : texts).map((text) => filesOf({[`/${text}`]: text}));
  const image = await aLayeredImage(paths.image('default', 'web'), layers);
  const library = createImageLibrary(paths);
  const exportTo = (
    to: string,
    more: {readonly force?: boolean; readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal} = {},
  ) => library.exportImage({...web, digest: image.digest, to, ...more});
  return {paths, image, exportTo, out: join(aTemporaryDirectory(), 'out')};
}

const inspected = (reference: string) => {
  const {status, stdout, stderr} = spawnSync('skopeo', ['inspect', reference], {encoding: 'utf8'});
  expect(`${status} ${stderr}`).toBe('0 ');
  return JSON.parse(stdout) as {readonly Digest: string; readonly Layers: readonly string[]};
};

describe('an export to a layout', () => {
  test('makes one that has the image under its tag, in copies of its own', async () => {
    const {paths, image, exportTo, out} = await aBuiltImage();
    expect(await exportTo(`oci:${out}`)).toEqual({digest: image.digest, to: `oci:${out}:v1`, notes: []});
    expect((await readImage(out, 'v1')).digest).toBe(image.digest);
    const layer = image.written[0]?.digest ?? '';
    expect(statSync(blobPath(out, layer)).ino).not.toBe(statSync(blobPath(paths.image('default', 'web'), layer)).ino);
    expect(readdirSync(join(out, '..'))).toEqual(['out']);
    expect(leftovers(paths)).toEqual([]);
  });

  test('joins a layout that is there, and replaces a tag only when it may', async () => {
    const {image, exportTo, out} = await aBuiltImage();
    const other = await aLayeredImage(out, [filesOf({'/other': 'x'})], () => ({}), ['v1']);
    expect(await refusalOf(exportTo(`oci:${out}`))).toMatch(/^already-exists: .*--force/);
    expect((await readImage(out, 'v1')).digest).toBe(other.digest);
    await exportTo(`oci:${out}:v2`);
    expect((await readImage(out, 'v1')).digest).toBe(other.digest);
    await exportTo(`oci:${out}`, {force: true});
    expect((await readImage(out, 'v1')).digest).toBe(image.digest);
    expect((await readImage(out, 'v2')).digest).toBe(image.digest);
  });

  test('is refused where something else is', async () => {
    const {exportTo, out} = await aBuiltImage();
    mkdirSync(out);
    writeFileSync(join(out, 'precious'), 'x');
    expect(await refusalOf(exportTo(`oci:${out}`, {force: true}))).toMatch(/^already-exists: .*no image layout/);
    expect(readdirSync(out)).toEqual(['precious']);
  });

  test('that fails leaves nothing', async () => {
    const {paths, image, exportTo, out} = await aBuiltImage();
    writeFileSync(blobPath(paths.image('default', 'web'), image.written[1]?.digest ?? ''), 'damaged');
    expect(await refusalOf(exportTo(`oci:${out}`))).toMatch(/^invalid: /);
    expect(readdirSync(join(out, '..'))).toEqual([]);
    const there = join(out, '..', 'there');
    await aLayeredImage(there, [filesOf({'/other': 'x'})]);
    const before = readdirSync(join(there, 'blobs/sha256'));
    await refusalOf(exportTo(`oci:${there}:new`));
    expect(readdirSync(join(there, 'blobs/sha256'))).toEqual(before);
    expect(leftovers(paths)).toEqual([]);
  });
});

describe('an export to an archive', () => {
  test('is one that reads back as the same image', async () => {
    const {image, exportTo, out} = await aBuiltImage();
    expect(await exportTo(`docker-archive:${out}`)).toMatchObject({to: `docker-archive:${out}`});
    const found = await findBaseImage(`docker-archive:${out}`, aHome());
    expect(found.base).toMatchObject({name: 'reg.example/acme/web:v1', topLayer: image.diffIds[1]});
  });

  test('replaces a file only when it may, and leaves no other', async () => {
    const {exportTo, out} = await aBuiltImage();
    writeFileSync(out, 'precious');
    expect(await refusalOf(exportTo(`docker-archive:${out}`))).toMatch(/^already-exists: .*--force/);
    expect(readFileSync(out, 'utf8')).toBe('precious');
    await exportTo(`docker-archive:${out}`, {force: true});
    expect(statSync(out).size).toBeGreaterThan(1000);
    expect(readdirSync(join(out, '..'))).toEqual(['out']);
  });

  test('stops when nobody wants it any more', async () => {
    const {exportTo, out} = await aBuiltImage();
    await expect(exportTo(`docker-archive:${out}`, {signal: AbortSignal.abort(new Error('gone'))})).rejects.toThrow(
      'gone',
    );
    expect(readdirSync(join(out, '..'))).toEqual([]);
  });

  test('says when it cannot write there', async () => {
    const {exportTo, out} = await aBuiltImage();
    writeFileSync(out, 'a file where a directory would have to be');
    expect(await refusalOf(exportTo(`docker-archive:${join(out, 'web.tar')}`))).toMatch(/^invalid: .*EEXIST/);
  });
});

test.each(['', 'oci:relative', 'somewhere', 'docker-archive:x.tar', 'registry:UPPER CASE'])(
  'an export to %j is refused',
  async (to) => {
    const {exportTo} = await aBuiltImage();
    expect(await refusalOf(exportTo(to))).toMatch(/^invalid: .*xpected/);
  },
);

test.skipIf(!hasSkopeo)(`skopeo reads what was exported${whyNoSkopeo}`, async () => {
  const {image, exportTo, out} = await aBuiltImage();
  await exportTo(`oci:${out}:v1`);
  expect(inspected(`oci:${out}:v1`).Digest).toBe(image.digest);
  await exportTo(`docker-archive:${out}.tar`);
  expect(inspected(`docker-archive:${out}.tar:reg.example/acme/web:v1`).Layers).toEqual(image.diffIds);
  expect(existsSync(`${out}.tar`)).toBe(true);
});

test.skipIf(registryProgram === undefined)(`a registry has it under the same digest${whyNoRegistry}`, async () => {
  const registry = await startRegistry('basic');
  try {
    const {image, exportTo} = await aBuiltImage();
    const env = dockerConfig(registry.host, user.username, user.password);
    const name = `${registry.host}/acme/web:2`;
    expect(await exportTo(`registry:${name}`, {env})).toMatchObject({digest: image.digest, to: name});
    const head = await withRegistry((client) => client.headManifest(parseRegistryReference(name)), env);
    expect(head?.digest).toBe(image.digest);
    const nobody = {...process.env, DOCKER_CONFIG: aTemporaryDirectory(), HOME: aTemporaryDirectory()};
    const refused = await refusalOf(exportTo(`registry:${name}`, {env: nobody}));
    expect(refused).toMatch(/^invalid: image "web" cannot be exported to registry:/);
  } finally {
    await registry.stop();
  }
});

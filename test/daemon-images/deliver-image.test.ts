// A build whose image goes to a registry: all of it or no name, nothing twice, and no secret anywhere.
import {describe, expect, test} from 'vitest';
import {createImageLibrary} from '../../source/daemon/image-library.ts';
import type {BuildJob} from '../../source/ports/executor.ts';
import {aBaseImage} from '../support/builders.ts';
import {aMemoryRegistry, type MemoryRegistry} from '../oci-registry/memory-registry.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {aHome, aLayeredImage, dockerConfig, filesOf, refusalOf} from './an-image-home.ts';

const user = 'slipway:correct-horse';

async function aStagedBuild({host, locked = false}: {readonly host: string; readonly locked?: boolean}) {
  const paths = aHome();
  const layout = aTemporaryDirectory();
  const {digest} = await aLayeredImage(layout, [filesOf({'/run': 'run'}), filesOf({'/app': 'app'})]);
  const [name = '', password = ''] = locked ? ['slipway', 'wrong'] : user.split(':');
  const library = createImageLibrary(paths, {env: dockerConfig(host, name, password)});
  const job = aJob(`${host}/team/web`);
  const said: string[] = [];
  const publish = (signal?: AbortSignal) =>
    library.publish(job, {layout, digest, tags: job.tags}, {signal, log: (line) => said.push(line)});
  return {paths, library, job, digest, said, publish};
}

function aJob(tag: string): BuildJob {
  return {
    namespace: 'default',
    image: 'web',
    number: 1,
    attempt: 1,
    changes: [],
    source: {kind: 'local', path: '/src'},
    revision: {kind: 'local', revision: 'one', type: 'Directory'},
    env: [],
    tags: [tag, `${tag}:b1.20260101.000000`],
    export: 'registry',
    builder: {
      kind: 'ClusterBuilder',
      name: 'default',
      trusted: true,
      order: [],
      buildpacks: [],
      stackId: 'some.stack',
      runImage: aBaseImage('run.example/base', 'sha256:0'),
      runnable: true,
      target: {os: 'linux', arch: 'amd64'},
      userId: 1000,
      groupId: 1000,
    },
    cacheDirectory: '/nowhere',
    workDirectory: '/nowhere',
  };
}

const uploads = (registry: MemoryRegistry) => registry.asked().filter((line) => /^PUT .*\/blobs\//.test(line));
const named = (registry: MemoryRegistry) => registry.asked().filter((line) => /^PUT .*\/manifests\//.test(line));

describe('a build that goes to a registry', () => {
  test('is there under all its tags with the digest that is recorded, the name people pull last', async () => {
    const registry = await aMemoryRegistry({user});
    const {publish, digest, said} = await aStagedBuild(registry);
    expect((await publish()).digest).toBe(digest);
    expect(Object.fromEntries(registry.tags)).toEqual({
      'team/web:latest': digest,
      'team/web:b1.20260101.000000': digest,
    });
    expect(named(registry).at(-1)).toMatch(/manifests\/latest$/);
    expect(said.join('\n')).toMatch(/^Pushed to .*3 blobs uploaded/);
    expect(said.join('\n')).not.toMatch(/correct-horse|Basic/);
  });

  test('is brought once: only what somebody deleted there is uploaded again', async () => {
    const registry = await aMemoryRegistry({user});
    const {publish} = await aStagedBuild(registry);
    await publish();
    const before = {uploads: uploads(registry).length, named: named(registry).length};
    await publish();
    expect({uploads: uploads(registry).length, named: named(registry).length}).toEqual(before);
    registry.blobs.delete([...registry.blobs.keys()][0] ?? '');
    await publish();
    expect(uploads(registry)).toHaveLength(before.uploads + 1);
  });

  test('that breaks off anywhere moves no name to anything half there, and goes through the next time', async () => {
    const whole = await aMemoryRegistry({user});
    await (await aStagedBuild(whole)).publish();
    const steps = whole.requests.length;
    expect(steps).toBeGreaterThan(8);
    for (let step = 1; step <= steps; step++) {
      const registry = await aMemoryRegistry({user});
      const {publish, digest} = await aStagedBuild(registry);
      let asked = 0;
      registry.fail = () => (++asked >= step ? {status: 403, code: 'DENIED', message: 'quota exceeded'} : undefined);
      expect(await refusalOf(publish())).toMatch(/cannot be pushed/);
      if (registry.tags.size > 0) expect(registry.blobs.size).toBe(3);
      registry.fail = undefined;
      await publish();
      expect(registry.tags.get('team/web:latest')).toBe(digest);
    }
  });

  test("that is refused says the registry's words", async () => {
    const registry = await aMemoryRegistry({user});
    const {publish, library, job} = await aStagedBuild(registry);
    registry.fail = ({method, url}) =>
      method === 'PUT' && url.endsWith('/latest')
        ? {status: 400, code: 'TAG_INVALID', message: 'the tag is immutable'}
        : undefined;
    expect(await refusalOf(publish())).toMatch(/team\/web cannot be pushed: .*the tag is immutable/);
    await expect(library.checkPublish(job)).resolves.toBeUndefined();
  });

  test('ends with the reason of its signal when it is cancelled', async () => {
    const registry = await aMemoryRegistry({user});
    const {publish} = await aStagedBuild(registry);
    const abort = new AbortController();
    registry.fail = () => {
      abort.abort(new Error('enough'));
      return undefined;
    };
    await expect(publish(abort.signal)).rejects.toThrow('enough');
    expect(registry.tags.size).toBe(0);
  });
});

describe('before anything is built', () => {
  test('who may not push is told which registry refuses and what to do', async () => {
    const registry = await aMemoryRegistry({user});
    const {library, job} = await aStagedBuild({host: registry.host, locked: true});
    const message = await refusalOf(library.checkPublish(job));
    expect(message).toContain(`${registry.host}/team/web cannot be pushed`);
    expect(message).toContain(`docker login ${registry.host}`);
    expect(message).not.toContain('wrong');
  });

  test('a check that passes leaves nothing behind', async () => {
    const registry = await aMemoryRegistry({user});
    const {library, job} = await aStagedBuild(registry);
    await library.checkPublish(job);
    expect(registry.asked()).toEqual(['POST /v2/team/web/blobs/uploads/', 'DELETE /v2/team/web/blobs/uploads/one']);
  });

  test("the run image's own name is refused", async () => {
    const {library, job} = await aStagedBuild({host: '127.0.0.1:1'});
    const clash = library.checkPublish({...job, tags: [job.builder.runImage.name]});
    expect(await refusalOf(clash)).toMatch(/^invalid: .*its run image's/);
  });

  test('an image for an engine is refused where none answers', async () => {
    const {library, job} = await aStagedBuild({host: '127.0.0.1:1'});
    expect(await refusalOf(library.checkPublish({...job, export: 'engine'}))).toMatch(
      /^unavailable: .*container engine/,
    );
  });
});

// What every sample buildpack has in common: a complete buildpack.toml, programs that can be started, and which apps it takes.
import {accessSync, constants, existsSync} from 'node:fs';
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parse} from 'smol-toml';
import {describe, expect, it} from 'vitest';
import {aSampleWorkspace, buildpackFolder, examples} from './sample-workspace.ts';

type Descriptor = {
  readonly api: string;
  readonly buildpack: Readonly<Record<string, unknown>>;
  readonly targets?: readonly unknown[];
  readonly order?: Order;
};
type Order = readonly {readonly group: readonly {readonly id: string; readonly version: string}[]}[];

const names = await readdir(join(examples, 'buildpacks'));
const descriptors = new Map<string, Descriptor>(
  await Promise.all(names.map(async (name) => [name, await readDescriptor(name)] as const)),
);
const components = names.filter((name) => descriptors.get(name)?.order === undefined);

describe('every sample buildpack', () => {
  it.each(names)('%s says who it is', (name) => {
    const {api, buildpack} = descriptors.get(name) ?? {};
    expect(api).toBe('0.10');
    expect(buildpack).toMatchObject({
      id: `sample/${name}`,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      name: expect.stringMatching(/Buildpack$/) as string,
      homepage: expect.stringMatching(/^https:\/\//) as string,
      description: expect.any(String) as string,
    });
  });

  it.each(components)('%s names its targets and can be started', (name) => {
    expect(descriptors.get(name)?.targets).toEqual([
      {os: 'linux', arch: 'amd64'},
      {os: 'linux', arch: 'arm64'},
    ]);
    for (const program of ['detect', 'build']) accessSync(join(buildpackFolder(name), 'bin', program), constants.X_OK);
  });

  it('is found where an order names it', async () => {
    const composite = descriptors.get('web')?.order ?? [];
    const builder = (parse(await readFile(join(examples, 'order.toml'), 'utf8')) as unknown as {order: Order}).order;
    const known = [...descriptors.values()].map(({buildpack}) => ({
      id: buildpack['id'],
      version: buildpack['version'],
    }));
    const named = [...composite, ...builder].flatMap(({group}) => group);
    expect(named.length).toBeGreaterThan(8);
    for (const {id, version} of named) expect(known).toContainEqual({id, version});
  });

  it('has no programs of its own when it is composite', () => {
    expect(existsSync(join(buildpackFolder('web'), 'bin'))).toBe(false);
    expect(descriptors.get('web')?.targets).toBeUndefined();
  });
});

describe('detection without a JDK', () => {
  const always = ['node-engine'];
  const node = [...always, 'npm-install'];
  it.each([
    {app: 'spring-petclinic', passes: node},
    {app: 'spring-webdb', passes: node},
    {app: 'orders-api', passes: [...node, 'procfile', 'environment']},
    {app: 'broken-app', passes: node},
    {app: 'brochure', passes: [...always, 'static-web']},
    {app: 'hello-jvm', passes: always},
  ])('$app is taken by $passes', async ({app, passes}) => {
    const workspace = await aSampleWorkspace(app);
    try {
      for (const name of components) {
        const {exitCode, stdout, stderr} = await workspace.detect(name);
        const takes = passes.includes(name);
        const reason = takes ? expect.any(String) : expect.stringMatching(/^[^\n]+$/);
        expect({name, exitCode, stdout, stderr}).toEqual({
          name,
          exitCode: takes ? 0 : 100,
          stdout: reason as string,
          stderr: '',
        });
      }
    } finally {
      await workspace.remove();
    }
  });
});

async function readDescriptor(name: string): Promise<Descriptor> {
  return parse(await readFile(join(buildpackFolder(name), 'buildpack.toml'), 'utf8')) as unknown as Descriptor;
}

// A small world for quick builds: two base images that differ in one package, one buildpack that does what the app says, two builders.
import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {anImage} from '../../oci/an-image.ts';
import type {TestHome} from './a-home.ts';

/** Files by their path; names that end in `.sh` or lie in a `bin` become executable. */
export type Tree = Readonly<Record<string, string>>;

/**
 * Stacks `old` and `new` (a move between them is a rebase), a buildpack `test/app`, and the builders `old` and `new`.
 * The buildpack runs the app's `detect.sh` and `build.sh` where there are such; it always makes a launch layer of one file
 * and a process `web`.
 */
export async function makeSmallWorld(home: TestHome): Promise<void> {
  for (const name of ['old', 'new']) {
    const base = await makeBaseImage(home, name);
    await home.ok('clusterstack', 'create', name, '--run-image', base, '--build-image', base);
  }
  await home.ok(
    'clusterstore',
    'create',
    'default',
    '--buildpackage',
    await makeBuildpack(home, 'test/app', appBuildpack),
  );
  for (const name of ['old', 'new']) await createBuilder(home, name, name, ['test/app']);
}

/** A ClusterBuilder over one of the stacks, with one group of buildpacks. */
export async function createBuilder(
  home: TestHome,
  name: string,
  stack: string,
  ids: readonly string[],
): Promise<void> {
  const buildpacks = ids.flatMap((id) => ['--buildpack', id]);
  await home.ok(
    'clusterbuilder',
    'create',
    name,
    '--tag',
    `test/${name}`,
    '--stack',
    stack,
    ...buildpacks,
    '--trusted',
  );
}

/** Makes a base image and gives its reference; the text is all that its upper layer holds. */
export async function makeBaseImage(home: TestHome, text: string): Promise<string> {
  const directory = join(home.files, 'base-images', text);
  // The launcher is a script; that a bash is there is enough for an image that nobody starts.
  await anImage(directory, ['bin/bash', text], {
    labels: {
      'io.buildpacks.stack.id': 'test.stack',
      'io.buildpacks.base.distro.name': 'test',
      'io.buildpacks.base.distro.version': '1',
    },
    env: ['CNB_USER_ID=1000', 'CNB_GROUP_ID=1000', 'CNB_STACK_ID=test.stack', 'PATH=/usr/bin:/bin'],
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  });
  return `oci:${directory}`;
}

/** Makes a buildpack's directory; `tree` is written over buildpack.toml, bin/detect and bin/build that do nothing. */
export async function makeBuildpack(home: TestHome, id: string, tree: Tree, version = '1.0.0'): Promise<string> {
  const directory = join(home.files, 'buildpacks', `${id.replace('/', '_')}-${version}`);
  await writeTree(directory, {
    'buildpack.toml': `api = "0.10"\n[buildpack]\nid = "${id}"\nversion = "${version}"\n[[targets]]\nos = "linux"\n`,
    'bin/detect': '#!/bin/bash\nexit 0\n',
    'bin/build': '#!/bin/bash\nexit 0\n',
    ...tree,
  });
  return directory;
}

/** Makes or changes an app's directory. */
export async function makeApp(home: TestHome, name: string, tree: Tree): Promise<string> {
  const directory = join(home.files, 'apps', name);
  await writeTree(directory, tree);
  return directory;
}

/** Creates an image over an app; more flags go to `image create`. */
export async function createImage(
  home: TestHome,
  name: string,
  app: string,
  ...flags: readonly string[]
): Promise<string> {
  const builder = flags.some((flag) => flag === '--cluster-builder') ? [] : ['--cluster-builder', 'old'];
  return home.ok('image', 'create', name, '--tag', `test/${name}`, '--local-path', app, ...builder, ...flags);
}

const appBuildpack: Tree = {
  'bin/detect': '#!/bin/bash\nset -e\nif [ -x detect.sh ]; then exec ./detect.sh; fi\n',
  'bin/build': [
    '#!/bin/bash',
    'set -e',
    'echo "building with test/app"',
    'mkdir -p "$CNB_LAYERS_DIR/content"',
    'cp -r . "$CNB_LAYERS_DIR/content/app"',
    'printf \'[types]\\nlaunch = true\\ncache = true\\n\' > "$CNB_LAYERS_DIR/content.toml"',
    'printf \'[[processes]]\\ntype = "web"\\ncommand = ["sleep"]\\nargs = ["1"]\\ndefault = true\\n\' > "$CNB_LAYERS_DIR/launch.toml"',
    'if [ -e build.sh ]; then . ./build.sh; fi',
    '',
  ].join('\n'),
};

async function writeTree(directory: string, tree: Tree): Promise<void> {
  for (const [name, text] of Object.entries(tree)) {
    const file = join(directory, name);
    await mkdir(dirname(file), {recursive: true});
    await writeFile(file, text);
    await chmod(file, name.startsWith('bin/') || name.endsWith('.sh') ? 0o755 : 0o644);
  }
}

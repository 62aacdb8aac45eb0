// The first file of the program and the manifest it is published with.
import {execFile} from 'node:child_process';
import {cp, mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {inPlantedTree, root} from './planted-tree.ts';

const run = promisify(execFile);

test('the launcher names the Node that is needed, before anything else is read', async () => {
  const launcher = await readFile(path.join(root, 'scripts/build/launcher.js'), 'utf8');
  const files = {'dist/slipway.js': launcher.replaceAll('__NODE_NEEDED__', '"999.1"'), 'dist/cli.js': 'syntax error'};
  const failure = await inPlantedTree(files, (folder) =>
    run(process.execPath, [path.join(folder, 'dist/slipway.js')]).catch((error: unknown) => error),
  );
  expect(failure).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('slipway needs Node 999.1 or newer'),
  });
  expect(failure).toMatchObject({stderr: expect.stringMatching(/Next: install Node 999\.1 or newer/)});
});

test('the launcher hands over to the program on a Node that is new enough', async () => {
  const launcher = await readFile(path.join(root, 'scripts/build/launcher.js'), 'utf8');
  const files = {
    'dist/slipway.js': launcher.replaceAll('__NODE_NEEDED__', '"24.15"'),
    'dist/cli.js': 'console.log(process.argv.slice(2).join(" "))',
  };
  const {stdout} = await inPlantedTree(files, (folder) =>
    run(process.execPath, [path.join(folder, 'dist/slipway.js'), 'image', 'list']),
  );
  expect(stdout).toBe('image list\n');
});

test('the published manifest pins no Node, and the checkout gets its own manifest back', async () => {
  const manifests = await inPlantedTree({}, async (folder) => {
    await mkdir(path.join(folder, 'scripts'));
    await cp(path.join(root, 'scripts/published-manifest.ts'), path.join(folder, 'scripts/published-manifest.ts'));
    const change = (action: string) =>
      run(process.execPath, [path.join(folder, 'scripts/published-manifest.ts'), action]);
    const read = () => readFile(path.join(folder, 'package.json'), 'utf8');
    const before = await read();
    await change('write');
    await change('write');
    const published = await read();
    await change('restore');
    return {before, published, after: await read()};
  });
  expect(JSON.parse(manifests.published)).toMatchObject({name: 'slipway', bin: {slipway: 'dist/slipway.js'}});
  expect(manifests.published).not.toMatch(/26\.10\.0|ependencies"|"scripts"/);
  expect(manifests.after).toBe(manifests.before);
});

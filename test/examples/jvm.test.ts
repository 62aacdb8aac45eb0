import {cp} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {launchProcess} from './launched-process.ts';
import {aSampleWorkspace, findProgram, type SampleWorkspace, treeOf} from './sample-workspace.ts';

const tools = ['javac', 'jlink'];
const missing = tools.filter((tool) => findProgram(tool) === undefined);
const reason = missing.length > 0 ? ` (skipped: this machine has no ${missing.join(' and no ')})` : '';

describe.skipIf(missing.length > 0)(`sample/jvm on a machine with a JDK${reason}`, () => {
  let workspace: SampleWorkspace;
  beforeAll(async () => {
    // objcopy is left out on purpose: jlink needs it only to strip native symbols.
    workspace = await aSampleWorkspace('hello-jvm', {tools});
  });
  afterAll(() => workspace.remove());

  it('takes Java sources and nothing else', async () => {
    expect(await workspace.detect('jvm')).toMatchObject({exitCode: 0, stderr: ''});
    const other = await aSampleWorkspace('brochure', {tools});
    try {
      expect(await other.detect('jvm')).toMatchObject({exitCode: 100, stdout: 'no Java sources'});
    } finally {
      await other.remove();
    }
  });

  it('links a runtime and compiles, then takes both layers again', async () => {
    expect(await workspace.build('jvm')).toMatchObject({exitCode: 0, stderr: ''});
    const layers = workspace.layersOf('jvm');
    expect(await workspace.readLayersToml('jvm', 'launch.toml')).toEqual({
      processes: [{type: 'web', command: ['java', '-cp', join(layers, 'classes'), 'Main'], default: true}],
    });
    for (const layer of ['jre', 'classes']) {
      expect(await workspace.readLayersToml('jvm', `${layer}.toml`)).toMatchObject({
        types: {launch: true, cache: true},
      });
    }
    const before = await treeOf(layers);
    const second = await workspace.build('jvm');
    expect(second.stdout).toContain('  Reusing cached layer jre\n  Reusing cached layer classes\n');
    expect(await treeOf(layers)).toEqual(before);
  }, 60_000);

  it('answers from the layers alone', async () => {
    const launched = await launchProcess(workspace.app, [workspace.layersOf('jvm')]);
    try {
      expect((await launched.get('/')).body).toContain('Hello from Java');
      expect(await launched.get('/health')).toMatchObject({status: 200, body: '{"status":"UP"}\n'});
      expect((await launched.get('/nowhere')).status).toBe(404);
    } finally {
      await launched.stop();
    }
  });

  it('says what is wrong with the sources in one line', async () => {
    const main = join(workspace.app, 'Main.java');
    await cp(main, join(workspace.app, 'Second.java'));
    expect(await workspace.build('jvm')).toMatchObject({
      exitCode: 1,
      stderr: 'ERROR: several classes have a main method: set BP_MAIN_CLASS to one of them (Main.java Second.java )',
    });
    await workspace.write('Second.java', 'class Second { int x = "no"; }\n');
    const outcome = await workspace.build('jvm');
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(/^ERROR: javac found errors: Second\.java:1: error: incompatible types[^\n]*$/);
  });
});

describe('sample/jvm on a machine without a JDK', () => {
  it('turns Java sources down', async () => {
    const workspace = await aSampleWorkspace('hello-jvm');
    try {
      expect(await workspace.detect('jvm')).toMatchObject({
        exitCode: 100,
        stdout: 'no javac on the PATH of the build machine',
      });
    } finally {
      await workspace.remove();
    }
  });
});

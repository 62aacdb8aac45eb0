import {afterEach, describe, expect, it} from 'vitest';
import {aSampleWorkspace, type SampleWorkspace} from './sample-workspace.ts';

let workspace: SampleWorkspace;
afterEach(() => workspace.remove());

describe('sample/procfile', () => {
  it('makes a process of every line, web by default', async () => {
    workspace = await aSampleWorkspace('orders-api');
    expect((await workspace.build('procfile')).stdout).toBe(
      'Sample Procfile Buildpack 1.0.0\n  Processes of the Procfile\n    web: node server.js\n    worker: node worker.js',
    );
    expect(await workspace.readLayersToml('procfile', 'launch.toml')).toEqual({
      processes: [
        {type: 'web', command: ['node', 'server.js'], default: true},
        {type: 'worker', command: ['node', 'worker.js']},
      ],
    });
  });

  it('leaves what needs a shell to bash, word for word', async () => {
    workspace = await aSampleWorkspace();
    await workspace.write('Procfile', '# how it runs\r\n\r\ntask:  echo "a \\ b"\t&& node *.js \r\nset: A=1 node x.js');
    expect((await workspace.build('procfile')).exitCode).toBe(0);
    expect(await workspace.readLayersToml('procfile', 'launch.toml')).toEqual({
      processes: [
        {type: 'task', command: ['bash', '-c', 'echo "a \\ b"\t&& node *.js']},
        {type: 'set', command: ['bash', '-c', 'A=1 node x.js']},
      ],
    });
  });

  it.each([
    {procfile: 'web: node a.js\nnode b.js\n', complaint: 'Procfile line 2: expected `name: command`, got `node b.js`'},
    {procfile: 'web: node a.js\nweb: node b.js\n', complaint: 'Procfile line 2: the process web is there already'},
    {procfile: 'web: node "\u0007"\n', complaint: 'the Procfile has a control character in: node "\u0007"'},
  ])('fails in one line: $complaint', async ({procfile, complaint}) => {
    workspace = await aSampleWorkspace();
    await workspace.write('Procfile', procfile);
    expect(await workspace.build('procfile')).toMatchObject({exitCode: 1, stderr: `ERROR: ${complaint}`});
  });

  it('turns a Procfile that names no process down', async () => {
    workspace = await aSampleWorkspace();
    await workspace.write('Procfile', '# nothing yet\n');
    expect(await workspace.detect('procfile')).toMatchObject({
      exitCode: 100,
      stdout: expect.stringContaining('names no process') as string,
    });
  });
});

// Starts a process of launch.toml with the layers' bin and lib folders and launch defaults, as an image would, and with nothing else
// on the PATH. The sample servers say the port they got when PORT is 0.
import {existsSync} from 'node:fs';
import {readdir, readFile} from 'node:fs/promises';
import {request} from 'node:http';
import {join} from 'node:path';
import type {Readable} from 'node:stream';
import {execa} from 'execa';
import {parse} from 'smol-toml';

export type LaunchedProcess = {
  readonly get: (path: string, method?: string) => Promise<Answer>;
  /** Ends it as a container engine does; gives its exit code. */
  readonly stop: () => Promise<number | undefined>;
};

export type Answer = {readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly body: string};

/** Starts the process `type` that one of these layers folders (of a buildpack each, in order) contributed and waits until it says its port. */
export async function launchProcess(
  app: string,
  layersFolders: readonly string[],
  type = 'web',
): Promise<LaunchedProcess> {
  const [program = '', ...args] = await commandOf(layersFolders, type);
  const env = {...(await launchEnvironment(layersFolders)), PORT: '0'};
  const running = execa(program, args, {cwd: app, env, extendEnv: false, reject: false, stdin: 'ignore'});
  const port = await Promise.race([
    portSaid(running.stdout),
    running.then(({message}) => Promise.reject(new Error(message))),
  ]);
  return {
    get: (path, method = 'GET') => ask(port, path, method),
    stop: async () => {
      running.kill('SIGTERM');
      return (await running).exitCode;
    },
  };
}

async function portSaid(stdout: Readable): Promise<number> {
  let text = '';
  const {promise, resolve} = Promise.withResolvers<number>();
  stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const port = /port (\d+)\n/.exec(text)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  return promise;
}

async function commandOf(layersFolders: readonly string[], type: string): Promise<readonly string[]> {
  for (const folder of layersFolders.toReversed()) {
    const file = join(folder, 'launch.toml');
    if (!existsSync(file)) continue;
    const {processes} = parse(await readFile(file, 'utf8')) as {processes: {type: string; command: string[]}[]};
    const found = processes.find((process) => process.type === type);
    if (found !== undefined) return found.command;
  }
  throw new Error(`None of ${layersFolders.join(', ')} holds a launch.toml with a process ${type}`);
}

async function launchEnvironment(layersFolders: readonly string[]): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  const layers = (await Promise.all(layersFolders.map(layersOf))).flat();
  for (const layer of layers) {
    const defaults = join(layer, 'env.launch');
    for (const file of existsSync(defaults) ? await readdir(defaults) : []) {
      env[file.replace(/\.default$/, '')] = await readFile(join(defaults, file), 'utf8');
    }
  }
  const folders = (name: string): string => layers.map((layer) => join(layer, name)).join(':');
  return {...env, PATH: folders('bin'), LD_LIBRARY_PATH: folders('lib')};
}

async function layersOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, {withFileTypes: true});
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

/** One request whose path is sent as it is: `..` and all. */
function ask(port: number, path: string, method: string): Promise<Answer> {
  const {promise, resolve, reject} = Promise.withResolvers<Answer>();
  request({host: '127.0.0.1', port, path, method, agent: false}, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      resolve({status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString()});
    });
  })
    .on('error', reject)
    .end();
  return promise;
}

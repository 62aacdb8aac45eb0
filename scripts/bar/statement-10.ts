// Statement 10: what starting costs, as CPU time; and that a command without a terminal loads no Ink.
import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';

export const number = 10;
export const statement =
  'Start: commands without a terminal load no Ink or React and use at most 120 ms CPU; the first paint at most 300 ms';

const root = path.resolve(import.meta.dirname, '../..');
const run_ = promisify(execFile);

export async function run(): Promise<{figure: string; pass: boolean}> {
  const spent = `process.on('exit',()=>{const u=process.resourceUsage();process.stderr.write('CPU '+(u.userCPUTime+u.systemCPUTime)/1000)})`;
  const hook = `data:text/javascript,${encodeURIComponent(spent)}`;
  const costs: number[] = [];
  for (let round = 0; round < 5; round++) {
    const {stderr} = await run_(process.execPath, ['--import', hook, path.join(root, 'dist/slipway.js'), 'version']);
    costs.push(Number(/CPU ([\d.]+)/.exec(stderr)?.[1]));
  }
  const trace = `import {registerHooks} from 'node:module';registerHooks({load(url,c,n){if(/run-dashboard|ink|react/.test(url))process.stderr.write('LOADED '+url);return n(url,c)}})`;
  const {stderr} = await run_(process.execPath, [
    '--import',
    `data:text/javascript,${encodeURIComponent(trace)}`,
    path.join(root, 'dist/slipway.js'),
    'version',
  ]);
  const least = Math.min(...costs);
  const paint = await firstPaint(hook);
  return {
    figure: `version ${least.toFixed(0)} ms CPU, ${stderr.includes('LOADED') ? 'loads Ink' : 'no Ink'}; first paint ${paint.toFixed(0)} ms CPU`,
    pass: least <= 120 && !stderr.includes('LOADED') && paint <= 300,
  };
}

/** The whole CPU time of the bundled dashboard from its start to its first frame; it is loaded and drawn as shipped. */
async function firstPaint(_hook: string): Promise<number> {
  const script = `
    const {pathToFileURL} = await import('node:url');
    process.stdout.isTTY = true; process.stdout.columns = 120; process.stdout.rows = 40;
    process.stdout.getColorDepth = () => 24;
    process.stdin.isTTY = true; process.stdin.setRawMode = () => process.stdin;
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text, ...rest) => {
      if (String(text).includes('Images')) { const u = process.cpuUsage(); process.stderr.write('PAINT ' + (u.user + u.system) / 1000); process.exit(0); }
      const done = rest.find((one) => typeof one === 'function'); if (done) done(); return true;
    };
    process.argv.splice(1, process.argv.length, 'slipway', '--home', process.env.BAR_HOME);
    await import(pathToFileURL(process.env.BAR_PROGRAM).href);`;
  const {mkdtemp, rm} = await import('node:fs/promises');
  const os = await import('node:os');
  const home = await mkdtemp(path.join(os.tmpdir(), 'slipway-bar-'));
  const program = path.join(root, 'dist/slipway.js');
  const env = {...process.env, BAR_HOME: home, BAR_PROGRAM: program, NODE_ENV: 'production'};
  try {
    await run_(process.execPath, [program, '--home', home, 'image', 'list']);
    const paints: number[] = [];
    for (let round = 0; round < 3; round++) {
      const {stderr} = await run_(process.execPath, ['--input-type=module', '-e', script], {env, timeout: 20_000});
      paints.push(Number(/PAINT ([\d.]+)/.exec(stderr)?.[1]));
    }
    return Math.min(...paints);
  } finally {
    await run_(process.execPath, [program, '--home', home, 'controller', 'stop']);
    await rm(home, {recursive: true, force: true});
  }
}

// Draws the pictures of the readme: the dashboard on a fixed fleet at a fixed time, as SVG and PNG, the same bytes each time.
import {createRequire} from 'node:module';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {Resvg} from '@resvg/resvg-js';
import {runDashboard} from '../source/ui/run-dashboard.tsx';
import {fakeClient, type FakeClient} from '../test/support/fake-client.ts';
import {testTerminal} from '../test/support/terminal.ts';
import {darkLook, lightLook, terminalSvg} from '../test/support/terminal-svg.ts';
import {digestOf, fleetNow} from '../test/ui/support/a-fleet.ts';
import {aPracticedFleet, practicedBuild} from '../test/ui/support/practiced-fleet.ts';
import {lineTime, ordersLog, petclinicLog} from '../test/ui/support/fleet-logs.ts';

process.env['TZ'] = 'UTC';

type Shot = {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  /** Keys, typed one entry after the other. */
  readonly keys: readonly string[];
  readonly theme?: 'dark' | 'light' | 'high-contrast' | 'none';
  readonly ascii?: boolean;
  readonly prepare?: (client: FakeClient) => void;
};

/** The patch has begun: its rebases are done, its build runs. */
function onItsWay(client: FakeClient): void {
  const {images, patches} = client.state.read();
  for (const member of Object.values(Object.values(patches).at(-1)?.members ?? {})) {
    const record = images[`${member.namespace}/${member.name}`];
    const last = record?.builds.findLast(({state}) => state === 'succeeded');
    if (member.wave === 0 || !record || !last) continue;
    const build = {namespace: member.namespace, image: member.name, number: record.buildCounter + 1};
    const rebase = member.planned === 'rebase';
    const at = fleetNow - (rebase ? 600 : 12_000);
    client.happen({
      kind: 'build.started',
      at,
      ...build,
      attempt: 1,
      strategy: rebase ? 'rebase' : 'build',
      changes: last.changes,
      inputs: {...last.inputs, patch: 'patch-1'},
      phases: rebase ? ['prepare', 'rebase'] : ['prepare', 'detect', 'analyze', 'restore', 'build', 'export'],
    });
    if (rebase && last.result) {
      const result = {...last.result, digest: digestOf(`${member.name} patched`)};
      client.happen({kind: 'build.succeeded', at: at + 400, ...build, result});
    } else client.happen({kind: 'phase.started', at, ...build, phase: 'prepare'});
  }
}

const down = '\u001B[B';

const shots: readonly Shot[] = [
  {name: 'dashboard', columns: 120, rows: 40, keys: ['jjjjjj']},
  {name: 'dashboard-wide', columns: 200, rows: 60, keys: ['jjjjjj']},
  {name: 'dashboard-80x24', columns: 80, rows: 24, keys: ['jjjjjj']},
  {name: 'failure', columns: 120, rows: 40, keys: ['jjjj', 'l', 'e']},
  {name: 'patch-preview', columns: 120, rows: 40, keys: ['2', 'p', 'slim', '\t', '\r']},
  {
    name: 'fleet',
    columns: 120,
    rows: 40,
    keys: ['2', 'p', 'slim', '\t', '\r', '\t', 'default', '\r'],
    prepare: onItsWay,
  },
  {name: 'log', columns: 120, rows: 40, keys: ['jjjjjj', 'l', 'f', 't', '/', 'layer', '\r']},
  {name: 'palette', columns: 120, rows: 40, keys: ['jjjjjj', ':', 're', down]},
  {name: 'light', columns: 120, rows: 40, keys: ['jjjjjj'], theme: 'light'},
  {name: 'no-color', columns: 100, rows: 30, keys: ['jjjjjj'], theme: 'none'},
];

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const fonts = path.join(path.dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const only = process.argv.slice(2);
await mkdir(path.join(root, 'screenshots'), {recursive: true});
for (const shot of shots) {
  if (only.length > 0 && !only.includes(shot.name)) continue;
  const svg = await draw(shot);
  await writeFile(path.join(root, 'screenshots', `${shot.name}.svg`), svg);
  await writeFile(path.join(root, 'screenshots', `${shot.name}.png`), png(svg));
  console.log(`screenshots/${shot.name}.svg and .png`);
}

async function draw({name, columns, rows, keys, theme = 'dark', ascii, prepare}: Shot): Promise<string> {
  const client = fakeClient({state: aPracticedFleet(), now: () => fleetNow, lineTime});
  client.addLog(practicedBuild, petclinicLog);
  client.addLog({namespace: 'default', image: 'orders-api', number: 2}, ordersLog);
  const terminal = testTerminal({columns, rows, pass: () => wait(25), colorDepth: theme === 'none' ? 1 : 24});
  const running = runDashboard({
    client,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    now: () => fleetNow,
    preferences: {theme, still: true, ...(ascii ? {ascii} : {})},
    title: 'demo',
  });
  await terminal.settle();
  for (const key of keys) {
    // Typed a key at a time, as hands do; a sequence that begins with an escape is one key.
    for (const press of key.startsWith('\u001B') ? [key] : key) terminal.type(press);
    await terminal.settle();
  }
  prepare?.(client);
  await terminal.settle();
  const look = theme === 'light' ? lightLook : darkLook;
  const svg = terminalSvg(terminal.cells(), {...look, title: `slipway ${name === 'dashboard' ? '' : name}`.trim()});
  terminal.type('\u001B');
  await terminal.settle();
  terminal.type('\u0003');
  await terminal.settle();
  terminal.type('\u0003');
  await running;
  return svg;
}

function png(svg: string): Buffer {
  const files = ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf', 'DejaVuSans.ttf'].map((file) =>
    path.join(fonts, file),
  );
  const font = {
    loadSystemFonts: false,
    fontFiles: files,
    defaultFontFamily: 'DejaVu Sans Mono',
    monospaceFamily: 'DejaVu Sans Mono',
  };
  return new Resvg(svg, {font}).render().asPng();
}

// Takes text out of the log: copied line, marked lines, what is seen or everything; saved byte for byte.
import stripAnsi from 'strip-ansi';
import {countText} from '../view-models/names.ts';
import type {CopyScope} from '../log/log-view.ts';
import type {ActionWorld} from './action-world.ts';
import {problemText} from './change-client.ts';
import {copy} from './resource-action.ts';

/** A `c` within this time of another copies more. */
const againMilliseconds = 4000;
const pageSize = 2000;
/** More is not copied but saved: no clipboard takes it. */
const mostCopied = 8 * 1024 * 1024;

/** Copies the line (or the marked lines); once more: what is on the screen; once more: the whole log. */
export async function copyLog(line: number, world: ActionWorld): Promise<void> {
  const {ui, now, tell, log, scene} = world;
  if (!scene.build || log.total === 0) {
    tell({kind: 'toast', toast: {text: 'there is no log to copy', role: 'warning'}});
    return;
  }
  const {copied, mark} = ui.log;
  const again = copied && now - copied.at <= againMilliseconds ? copied.scope : undefined;
  const scope = nextScope(again, mark !== undefined && mark !== line);
  tell({kind: 'log', view: {copied: {scope, at: now}}});
  try {
    await copyScope(scope, line, world);
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

function nextScope(last: CopyScope | undefined, hasMark: boolean): CopyScope {
  switch (last) {
    case undefined:
      return hasMark ? 'marked' : 'line';
    case 'line':
    case 'marked':
      return 'visible';
    case 'visible':
      return 'whole';
    case 'whole':
      return hasMark ? 'marked' : 'line';
    default:
      return last satisfies never;
  }
}

async function copyScope(scope: CopyScope, line: number, world: ActionWorld): Promise<void> {
  const {log, ui} = world;
  switch (scope) {
    case 'line':
      return copyRange(line, line + 1, 'the line (c again: what is seen)', world);
    case 'marked': {
      const mark = Math.min(ui.log.mark ?? line, log.total - 1);
      const [from, to] = [Math.min(mark, line), Math.max(mark, line) + 1];
      return copyRange(from, to, `${countText(to - from, 'line')} from the mark`, world);
    }
    case 'visible':
      return copyEntries(log.entries(), world);
    case 'whole':
      return copyRange(0, log.total, 'the whole log', world);
    default:
      return scope satisfies never;
  }
}

async function copyEntries(entries: readonly number[], world: ActionWorld): Promise<void> {
  const seen = [...new Set(entries)].flatMap((entry) => world.log.space.line(entry) ?? []);
  const text = seen.map((line) => `${stripAnsi(line.text)}\n`).join('');
  await copy({text, what: `${countText(seen.length, 'line')} on the screen (c again: the whole log)`}, world);
}

async function copyRange(from: number, to: number, what: string, world: ActionWorld): Promise<void> {
  const {client, scene} = world;
  if (!scene.build) return;
  const texts: string[] = [];
  let size = 0;
  for (let next = from; next < to; ) {
    const {lines} = await client.readLog(scene.build, next, Math.min(pageSize, to - next));
    if (lines.length === 0) break;
    for (const line of lines) {
      texts.push(stripAnsi(line.text));
      size += line.text.length + 1;
    }
    if (size > mostCopied) throw new Error('the log is too long to be copied; save it with Ctrl-S');
    next += lines.length;
  }
  await copy({text: `${texts.join('\n')}\n`, what}, world);
}

/** Saves the log as it is on the disk of the controller, escapes and all. */
export async function saveLog({client, scene, ports, tell}: ActionWorld): Promise<void> {
  const {build} = scene;
  if (!build || !ports.saveBytes) {
    const text = build ? 'this terminal has no place to save to; use slipway build logs' : 'there is no log to save';
    tell({kind: 'toast', toast: {text, role: 'warning'}});
    return;
  }
  try {
    const path = await ports.saveBytes(`${build.image}-${build.number}.log`, logBytes(client, build));
    tell({kind: 'toast', toast: {text: `the log is saved as ${path}`, role: 'ready'}});
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}

async function* logBytes(client: ActionWorld['client'], build: Parameters<typeof client.readLogBytes>[0]) {
  for (let from = 0; ; ) {
    const {bytes, size} = await client.readLogBytes(build, from);
    yield bytes;
    from += bytes.length;
    if (bytes.length === 0 || from >= size) return;
  }
}

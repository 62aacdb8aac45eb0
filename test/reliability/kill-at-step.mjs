// Loaded into a controller (--import) that a test wants dead at an exact point: counts everything that changes the disk and kills the
// process, as a power cut would, right before or right after the step that is asked for. Once: the file it leaves says where it died.
import fs from 'node:fs';
import promises from 'node:fs/promises';
import {syncBuiltinESMExports} from 'node:module';
import {DatabaseSync} from 'node:sqlite';

const {KILL_MARK: mark = '', KILL_AT: at, KILL_SIDE: side, KILL_TRACE: trace} = process.env;
const isController = process.argv.includes('--foreground');
const {existsSync, openSync, writeFileSync, writeSync} = fs;
let steps = 0;
const traceFile = isController && trace ? openSync(trace, 'a') : undefined;

if (isController && !existsSync(mark)) {
  wrap(DatabaseSync.prototype, 'exec', (sql) => (sql === 'COMMIT' ? 'commit' : undefined));
  for (const name of ['renameSync', 'linkSync', 'rmSync', 'mkdirSync', 'writeFileSync']) wrap(fs, name, (path) => `${name} ${path}`);
  for (const name of ['rename', 'link', 'rm', 'mkdir', 'writeFile', 'copyFile']) wrap(promises, name, (path) => `${name} ${path}`);
  syncBuiltinESMExports();
}

function wrap(object, name, describe) {
  const original = object[name];
  object[name] = function step(...given) {
    const what = describe(...given);
    if (what === undefined) return original.apply(this, given);
    steps += 1;
    const mine = steps;
    if (traceFile !== undefined) writeSync(traceFile, `${mine} ${what}\n`);
    if (side === 'before') dieAt(mine, what);
    const result = original.apply(this, given);
    if (side === 'after' && result instanceof Promise) {
      return result.then((value) => {
        dieAt(mine, what);
        return value;
      });
    }
    if (side === 'after') dieAt(mine, what);
    return result;
  };
}

function dieAt(step, what) {
  if (step !== Number(at) || existsSync(mark)) return;
  writeFileSync(mark, `${side} step ${step}: ${what}`);
  process.kill(process.pid, 'SIGKILL');
}

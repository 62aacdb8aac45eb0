// controller.json in the state directory: where clients find the controller that runs now.
import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** `socket` is what to connect to: a path, or the name of a pipe. Clients read these fields. */
export type ControllerRecord = {readonly pid: number; readonly protocol: number; readonly socket: string};

/** Writes the record in one step, so that nobody reads half of it. */
export function keepControllerRecord(home: string, record: ControllerRecord): void {
  const path = join(home, 'controller.json');
  const temporary = `${path}.${record.pid}`;
  writeFileSync(temporary, `${JSON.stringify(record)}\n`, {mode: 0o600});
  renameSync(temporary, path);
}

/** Removes the record if it is still this process's own. */
export function dropControllerRecord(home: string, pid: number): void {
  const path = join(home, 'controller.json');
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as Partial<ControllerRecord>;
    if (found.pid === pid) rmSync(path, {force: true});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

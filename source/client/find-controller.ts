// Where the controller of a state directory can be reached.
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ClientError} from './client.ts';

/** What the controller that runs, or the last one that ran, wrote into `controller.json`. */
export type FoundController = {readonly pid: number; readonly protocol: number; readonly socket: string};

/**
 * The controller's own record, or undefined when none ever ran in this directory (or its record is gone). It may be stale:
 * whether somebody answers on `socket` is another matter. Rejects with ClientError `unavailable` when it cannot be read.
 */
export async function findController(home: string): Promise<FoundController | undefined> {
  const path = join(home, 'controller.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new ClientError('unavailable', `cannot read ${path}: ${String(error)}`, {cause: error});
  }
  return parseRecord(text);
}

/** A record that is none is as good as no record: the place of the socket is tried then. */
function parseRecord(text: string): FoundController | undefined {
  try {
    const {pid, protocol, socket} = JSON.parse(text) as Partial<FoundController>;
    if (typeof pid !== 'number' || typeof protocol !== 'number' || typeof socket !== 'string') return undefined;
    return {pid, protocol, socket};
  } catch {
    return undefined;
  }
}

// One controller per state directory: a lock file that names its owner, and a takeover of a dead owner's lock that exactly one wins.
import {randomUUID} from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {identifyProcess, isRunning, type ProcessIdentity} from './process-identity.ts';
import {Refusal} from './refusal.ts';

/** Who holds a lock; `token` tells one holding from every other. `since` is milliseconds since the epoch. */
export type LockHolder = ProcessIdentity & {readonly token: string; readonly since: number};

export type ControllerLock = {release(): Promise<void>};

/**
 * Becomes the controller of a state directory (`controller.lock` in it) or rejects with Refusal `conflict`, which says who
 * is. A lock whose owner does not run any more (no such process, another start time, another boot) is taken over; of several
 * that try at once exactly one acquires it. `log` is told of a takeover.
 */
export async function acquireControllerLock({
  home,
  log,
}: {
  readonly home: string;
  readonly log: (line: string) => void;
}): Promise<ControllerLock> {
  mkdirSync(home, {recursive: true, mode: 0o700});
  const path = join(home, 'controller.lock');
  const me: LockHolder = {
    ...(identifyProcess(process.pid) ?? {pid: process.pid}),
    token: randomUUID(),
    since: Date.now(),
  };
  const before = readHolder(path);
  const by = claim(path, me);
  if (by !== undefined) throw refusalBy(by, home);
  if (before !== undefined) log(`took over the lock of ${nameOf(before)}`);
  return {release: async () => release(path, me)};
}

function nameOf({pid}: LockHolder): string {
  return pid > 0
    ? `process ${pid}, which does not run any more`
    : 'an unknown process: the lock file could not be read';
}

function refusalBy({pid, since}: LockHolder, home: string): Refusal {
  const begun = new Date(since).toISOString();
  const message = `another controller (process ${pid}, since ${begun}) serves ${home}; stop it with "slipway controller stop"`;
  return new Refusal('conflict', message);
}

/**
 * Claims the lock file at `path`: undefined when it is mine now, else its living holder. A dead holder's file is replaced
 * only by whoever holds the file named after that holder's token, claimed in this same way: so no two replace it, no one
 * replaces what came after it, and a claimant that dies in between is itself taken over.
 */
function claim(path: string, me: LockHolder): LockHolder | undefined {
  const mine = `${path}.new-${me.token}`;
  for (;;) {
    writeDurably(mine, me);
    try {
      if (createAs(path, mine)) return undefined;
      const holder = readHolder(path);
      if (holder === undefined) continue;
      if (holder.token === me.token) return undefined;
      if (isRunning(holder)) return holder;
      const takeover = `${path}.${holder.token}`;
      const rival = claim(takeover, me);
      if (rival !== undefined) return rival;
      try {
        if (readHolder(path)?.token === holder.token) {
          renameSync(mine, path);
          return undefined;
        }
      } finally {
        release(takeover, me);
      }
    } finally {
      rmSync(mine, {force: true});
    }
  }
}

/** Gives `path` to the file at `mine`; false when `path` exists. A link appears whole, with its content. */
function createAs(path: string, mine: string): boolean {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when there is no file. What cannot be read was left by a machine that lost power: a dead holder. */
function readHolder(path: string): LockHolder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseHolder(text) ?? {pid: -1, token: 'unreadable', since: 0};
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const found = JSON.parse(text) as Partial<LockHolder>;
    const whole = Number.isSafeInteger(found.pid) && Number(found.pid) > 0 && /^[0-9a-f-]{36}$/.test(found.token ?? '');
    return whole && typeof found.since === 'number' ? (found as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

function writeDurably(path: string, holder: LockHolder): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(holder));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Nobody takes over the lock of a process that runs, so what is mine stays mine between the look and the removal. */
function release(path: string, me: LockHolder): void {
  if (readHolder(path)?.token === me.token) rmSync(path, {force: true});
}

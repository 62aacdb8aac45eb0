// rpm's database as SQLite (rpm 4.16 and later): a table of header blobs. SQLite's parser is C and the file is a stranger's, so it runs in a
// process of its own that may read that one directory and nothing else, for a bounded time; the blobs it hands back are taken apart here.
import {execa} from 'execa';
import {mkdtemp, realpath, rename} from 'node:fs/promises';
import {join} from 'node:path';
import type {OsPackage} from '../domain/base-difference.ts';
import {OciError} from './oci-error.ts';
import {acceptPackage} from './package-database-accept.ts';
import {quoted} from './quoted.ts';

/**
 * The packages in an `rpmdb.sqlite` that was extracted to `file`, with its write-ahead `log` if it has one; both move into a directory of their own
 * below `scratch`. Public keys, which rpm keeps as packages, are left out. OciErrors: `bad-archive` when it is no such database, `limit`, `timed-out`.
 */
export async function rpmPackages(
  file: string,
  log: string | undefined,
  scratch: string,
): Promise<readonly OsPackage[]> {
  const directory = await realpath(await mkdtemp(join(scratch, 'rpm-')));
  const database = join(directory, 'rpmdb.sqlite');
  await rename(file, database);
  if (log !== undefined) await rename(log, `${database}-wal`);
  return frames(await headerBlobs(directory, database)).flatMap(rpmHeaderPackage);
}

const mostBytes = 256 * 1024 * 1024;
const longestRun = 30_000;

async function headerBlobs(directory: string, database: string): Promise<Buffer> {
  const result = await execa(
    process.execPath,
    [
      '--permission',
      `--allow-fs-read=${directory}`,
      `--allow-fs-write=${directory}`,
      '--max-old-space-size=256',
      '--input-type=module',
      '--eval',
      readBlobs,
      database,
    ],
    {
      cwd: directory,
      env: {},
      extendEnv: false,
      stdin: 'ignore',
      encoding: 'buffer',
      maxBuffer: mostBytes,
      timeout: longestRun,
      reject: false,
    },
  );
  if (result.timedOut)
    throw new OciError('timed-out', `Expected the rpm database to be read within ${longestRun / 1000} s, it was not.`);
  if (result.isMaxBuffer)
    throw new OciError('limit', `Expected at most ${mostBytes} bytes of headers in the rpm database, got more.`);
  if (result.failed) {
    const said = lastLine(Buffer.from(result.stderr).toString('utf8'));
    throw new OciError(
      'bad-archive',
      `Expected an rpm database (SQLite with a table Packages), got: ${quoted(said)}.`,
      {
        cause: result,
      },
    );
  }
  return Buffer.from(result.stdout);
}

/** The process: every blob of the table with its length (32 bits, big-endian) before it. Views and computed columns, which run code, are refused. */
const readBlobs = `
import {DatabaseSync} from 'node:sqlite';
import {writeSync} from 'node:fs';
const stop = (why) => { process.stderr.write(why + '\\n'); process.exit(1); };
const write = (bytes) => {
  for (let at = 0; at < bytes.length; ) {
    try { at += writeSync(1, bytes, at); }
    catch (error) { if (error.code !== 'EAGAIN') throw error; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); }
  }
};
try {
  const database = new DatabaseSync(process.argv[1], {allowExtension: false});
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON');
  const table = database.prepare("SELECT type, sql FROM sqlite_schema WHERE name = 'Packages'").get();
  if (!table || table.type !== 'table' || !/^CREATE TABLE/i.test(String(table.sql))) stop('there is no table Packages');
  const column = database.prepare("SELECT hidden FROM pragma_table_xinfo('Packages') WHERE name = 'blob'").get();
  if (!column || column.hidden !== 0) stop('the table Packages has no stored column blob');
  const query = "SELECT blob FROM Packages WHERE typeof(blob) = 'blob' AND length(blob) < 16777216 LIMIT 100000";
  for (const {blob} of database.prepare(query).iterate()) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(blob.length);
    write(length);
    write(blob);
  }
} catch (error) {
  stop(error.message);
}
`;

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function frames(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    found.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

const tags = {name: 1000, version: 1001, release: 1002, epoch: 1003, architecture: 1022};
const types = {int32: 4, string: 6, i18nString: 9};
const entrySize = 16;

/**
 * The package that a header blob describes, as a list of one or none (rpm `lib/header.c`: two counts, index entries of tag, type, offset and
 * count, then the data; all big-endian). What does not fit into the blob is no package.
 */
export function rpmHeaderPackage(blob: Buffer): readonly OsPackage[] {
  const index = headerIndex(blob);
  if (!index) return [];
  const text = (tag: number): string | undefined => index.text(tag);
  const name = text(tags.name);
  const version = text(tags.version);
  const release = text(tags.release);
  const epoch = index.number(tags.epoch) ?? 0;
  if (name === 'gpg-pubkey' || version === undefined || release === undefined) return [];
  const evr = `${epoch === 0 ? '' : `${epoch}:`}${version}-${release}`;
  return acceptPackage({kind: 'rpm', name, version: evr, architecture: text(tags.architecture)});
}

function headerIndex(blob: Buffer) {
  if (blob.length < 8) return undefined;
  const count = blob.readUInt32BE(0);
  const dataStart = 8 + count * entrySize;
  const dataEnd = dataStart + blob.readUInt32BE(4);
  if (dataEnd > blob.length) return undefined;
  const wanted = new Set<number>(Object.values(tags));
  const entries = new Map<number, {readonly type: number; readonly at: number}>();
  for (let position = 8; position < dataStart; position += entrySize) {
    const tag = blob.readUInt32BE(position);
    const at = dataStart + blob.readInt32BE(position + 8);
    if (wanted.has(tag) && at >= dataStart && at < dataEnd) {
      entries.set(tag, {type: blob.readUInt32BE(position + 4), at});
    }
  }
  return {
    text(tag: number): string | undefined {
      const entry = entries.get(tag);
      if (!entry || (entry.type !== types.string && entry.type !== types.i18nString)) return undefined;
      const end = blob.indexOf(0, entry.at);
      return end === -1 || end >= dataEnd ? undefined : blob.toString('utf8', entry.at, end);
    },
    number(tag: number): number | undefined {
      const entry = entries.get(tag);
      return entry?.type === types.int32 && entry.at + 4 <= dataEnd ? blob.readUInt32BE(entry.at) : undefined;
    },
  };
}

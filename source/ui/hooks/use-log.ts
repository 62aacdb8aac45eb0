// The log of the selected build and what is searched in it: read while somebody looks, let go when nobody does.
import {useMemo, useSyncExternalStore} from 'react';
import type {BuildRef} from '../../domain/build.ts';
import type {Client} from '../client-types.ts';
import {emptyLog, type LogBuffer, type LogSnapshot, openLog} from '../log/log-buffer.ts';
import {type LogMatches, noMatches, openSearch} from '../log/log-search.ts';

export type OpenLog = {
  readonly snapshot: LogSnapshot;
  readonly buffer: LogBuffer | undefined;
  /** The lines that hold the query, growing while the log is read and while it grows. */
  readonly matches: LogMatches;
};

/** Follows the log of a build; `connected` opens it again after the connection was lost. */
export function useLog(client: Client, build: BuildRef | undefined, connected: boolean, query: string): OpenLog {
  const {namespace, image, number} = build ?? {};
  const buffer = useMemo(() => {
    if (namespace === undefined || image === undefined || number === undefined || !connected) return undefined;
    return openLog(client, {namespace, image, number});
  }, [client, namespace, image, number, connected]);
  const search = useMemo(
    () => (buffer && query !== '' ? openSearch(client, buffer, query) : undefined),
    [client, buffer, query],
  );
  const snapshot = useSyncExternalStore(buffer?.subscribe ?? never, buffer?.read ?? readEmptyLog);
  const matches = useSyncExternalStore(search?.subscribe ?? never, search?.read ?? readNoMatches);
  return {snapshot, buffer, matches};
}

function never(): () => void {
  return () => undefined;
}

function readEmptyLog(): LogSnapshot {
  return emptyLog;
}

function readNoMatches(): LogMatches {
  return noMatches;
}

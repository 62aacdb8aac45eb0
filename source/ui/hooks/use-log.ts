// The log of the selected build, opened when it is selected and closed when it no longer is.
import {useEffect, useMemo, useState, useSyncExternalStore} from 'react';
import type {BuildRef} from '../../domain/build.ts';
import type {Client} from '../client-types.ts';
import {emptyLog, type LogBuffer, type LogSnapshot, openLog} from '../log/log-buffer.ts';
import {type LogMatches, noMatches, searchLog} from '../log/log-search.ts';

export type OpenLog = {
  readonly snapshot: LogSnapshot;
  readonly buffer: LogBuffer | undefined;
};

/** Follows the log of a build; `connected` opens it again after the connection was lost. */
export function useLog(client: Client, build: BuildRef | undefined, connected: boolean): OpenLog {
  const {namespace, image, number} = build ?? {};
  const [buffer, setBuffer] = useState<LogBuffer | undefined>();
  useEffect(() => {
    if (namespace === undefined || image === undefined || number === undefined || !connected) return;
    const opened = openLog(client, {namespace, image, number});
    setBuffer(opened);
    return () => {
      opened.close();
      setBuffer(undefined);
    };
  }, [client, namespace, image, number, connected]);
  const store = useMemo(() => buffer ?? {read: () => emptyLog, subscribe: () => () => undefined}, [buffer]);
  const snapshot = useSyncExternalStore(store.subscribe, store.read);
  return {snapshot, buffer};
}

/** The lines of the build's log that hold `query`, growing while it is read and while the log grows. */
export function useLogMatches(client: Client, build: BuildRef | undefined, query: string, total: number): LogMatches {
  const {namespace, image, number} = build ?? {};
  const [matches, setMatches] = useState<LogMatches>(noMatches);
  const complete = matches.searched >= total;
  useEffect(() => {
    if (query === '' || namespace === undefined || image === undefined || number === undefined) {
      setMatches(noMatches);
      return;
    }
    const stop = new AbortController();
    searchLog(client, {namespace, image, number}, query, setMatches, stop.signal).catch((error: unknown) =>
      setMatches({...noMatches, problem: error instanceof Error ? error.message : String(error)}),
    );
    return () => stop.abort();
  }, [client, namespace, image, number, query, complete ? 0 : Math.floor(total / 500)]);
  return matches;
}

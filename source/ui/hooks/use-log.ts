// The log of the selected build for drawing and for keys: nothing is read of it before a panel shows it.
import {useMemo, useSyncExternalStore} from 'react';
import type {BuildRef} from '../../domain/build.ts';
import type {Client} from '../client-types.ts';
import {createLogReader, type LogReader} from '../log/log-reader.ts';
import {type LogView, queryOf} from '../log/log-view.ts';

/** The reader of a build's log; `connected` opens it again after the connection was lost. */
export function useLogReader(client: Client, build: BuildRef | undefined, connected: boolean): LogReader | undefined {
  const {namespace, image, number} = build ?? {};
  return useMemo(() => {
    if (namespace === undefined || image === undefined || number === undefined || !connected) return undefined;
    return createLogReader(client, {namespace, image, number});
  }, [client, namespace, image, number, connected]);
}

/** Draws again whenever the log or what is searched in it has changed; the log is followed as long as this is mounted. */
export function useLogChanges(reader: LogReader | undefined, view: LogView): void {
  const query = queryOf(view);
  const search = reader && query ? reader.search(query) : undefined;
  const filter = reader && view.filter ? reader.search(view.filter) : undefined;
  useSyncExternalStore(reader?.buffer.subscribe ?? never, () => reader?.buffer.read());
  useSyncExternalStore(search?.subscribe ?? never, () => search?.read());
  useSyncExternalStore(filter?.subscribe ?? never, () => filter?.read());
}

function never(): () => void {
  return () => undefined;
}

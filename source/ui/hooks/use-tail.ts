// The last lines of a failed build: what stands on its failure card.
import {useEffect, useState} from 'react';
import type {Build} from '../../domain/build.ts';
import type {Client} from '../client-types.ts';

/** How many lines of a failed build's log stand on its card and in the summary after quitting. */
export const tailLines = 20;

/** The raw last lines, oldest first; empty until they are read, and for a build that did not fail. */
export function useTail(client: Client, build: Build | undefined, wanted: boolean): readonly string[] {
  const [tail, setTail] = useState<{readonly of: string; readonly lines: readonly string[]}>(noTail);
  const failed = wanted && build?.state === 'failed' ? build : undefined;
  const of = failed ? `${failed.namespace}/${failed.image}/${failed.number}/${failed.attempts.length}` : '';
  useEffect(() => {
    if (!failed || tail.of === of) return;
    let left = false;
    const show = (lines: readonly string[]) => {
      if (!left) setTail({of, lines});
    };
    client.readLog(failed, -tailLines, tailLines).then(
      ({lines}) => show(lines.map(({text}) => text)),
      // The card says what failed without them; the log panel says why it cannot be read.
      () => show([]),
    );
    return () => {
      left = true;
    };
  }, [client, failed, of, tail.of]);
  return tail.of === of ? tail.lines : noTail.lines;
}

const noTail = {of: '', lines: [] as readonly string[]};

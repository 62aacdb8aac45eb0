// The logs a client follows: lines in order, without gap or double, also across a lost connection.
import type {BuildRef} from '../domain/build.ts';
import type {Methods, Notification, ProtocolLogLine, ProtocolLogSection} from '../protocol/message.ts';
import {ClientError} from './client.ts';

type FollowLog = Methods['followLog'];
type Sections = readonly ProtocolLogSection[];
type TakeLines = (lines: readonly ProtocolLogLine[], total: number, sections?: Sections) => void;

export type FollowRequests = {
  readonly follow: (
    params: FollowLog['params'],
    answered: (result: FollowLog['result']) => void,
  ) => Promise<FollowLog['result']>;
  readonly unfollow: (follow: number) => Promise<unknown>;
};

export type LogFollows = {
  follow(build: BuildRef, from: number, onLines: TakeLines, signal: AbortSignal): Promise<void>;
  take(params: Extract<Notification, {method: 'log'}>['params']): void;
  /** The connection is gone: its numbers mean nothing any more. */
  lost(): void;
  /** There is a new connection: goes on after the last line of each. */
  resume(): void;
  rejectAll(error: Error): void;
};

type Follow = {
  readonly build: BuildRef;
  readonly onLines: TakeLines;
  readonly finish: (error?: Error) => void;
  /** The next line wanted; negative until the first line came. */
  next: number;
  number: number | undefined;
};

export function createLogFollows(requests: FollowRequests): LogFollows {
  const follows = new Set<Follow>();
  const byNumber = new Map<number, Follow>();

  const begin = (follow: Follow): void => {
    const answered = ({follow: number}: FollowLog['result']): void => {
      if (!follows.has(follow)) return letGo(number);
      follow.number = number;
      byNumber.set(number, follow);
    };
    requests.follow({build: follow.build, from: follow.next}, answered).catch((error: unknown) => {
      // A lost connection is no end: `resume` asks again.
      if (!isDisconnect(error)) follow.finish(asError(error));
    });
  };
  const letGo = (number: number | undefined): void => {
    if (number === undefined) return;
    byNumber.delete(number);
    requests.unfollow(number).catch((error: unknown) => {
      if (!isDisconnect(error)) throw error;
    });
  };
  const deliver = (follow: Follow, lines: readonly ProtocolLogLine[], total: number, sections?: Sections): void => {
    const fresh = follow.next < 0 ? lines : lines.filter(({line}) => line >= follow.next);
    const [first] = fresh;
    if (first === undefined) return;
    if (follow.next >= 0 && first.line > follow.next) {
      throw new Error(`expected line ${follow.next} of the log, got ${first.line}: lines were lost between them`);
    }
    follow.next = (fresh.at(-1)?.line ?? 0) + 1;
    follow.onLines(fresh, total, sections);
  };

  return {
    async follow(build, from, onLines, signal) {
      if (signal.aborted) return;
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          const {number} = follow;
          follow.finish();
          letGo(number);
        };
        const finish = (error?: Error): void => {
          if (!follows.delete(follow)) return;
          signal.removeEventListener('abort', abort);
          if (follow.number !== undefined) byNumber.delete(follow.number);
          if (error === undefined) resolve();
          else reject(error);
        };
        const follow: Follow = {build, onLines, finish, next: from, number: undefined};
        follows.add(follow);
        signal.addEventListener('abort', abort, {once: true});
        begin(follow);
      });
    },
    take({follow: number, lines, total, complete, sections}) {
      const follow = byNumber.get(number);
      if (follow === undefined) return;
      try {
        deliver(follow, lines, total, sections);
        if (complete) follow.finish();
      } catch (error) {
        follow.finish(asError(error));
        letGo(number);
      }
    },
    lost() {
      byNumber.clear();
      for (const follow of follows) follow.number = undefined;
    },
    resume() {
      for (const follow of follows) begin(follow);
    },
    rejectAll(error) {
      for (const follow of follows) follow.finish(error);
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the follower threw something that is no error', {cause: error});
}

function isDisconnect(error: unknown): boolean {
  return error instanceof ClientError && error.kind === 'disconnected';
}

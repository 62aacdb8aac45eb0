// Tells somebody who looks elsewhere that a build failed or a patch ended: bell or OSC 9, at most once in twenty seconds.
import {useEffect, useEffectEvent, useRef} from 'react';
import type {Event} from '../../domain/event.ts';
import type {Client} from '../client-types.ts';
import {wrapped} from '../terminal/clipboard.ts';
import {noticeOf} from '../view-models/notice.ts';

export type NoticeWay = 'off' | 'bell' | 'osc9';

export type NoticeWish = {
  readonly client: Client;
  readonly way: NoticeWay;
  /** Whether the terminal has the focus, as far as it says so. */
  readonly focused: () => boolean;
  readonly write: (sequence: string) => void;
  readonly now: () => number;
  readonly multiplexer?: 'tmux' | 'screen' | undefined;
};

/** Milliseconds between two notices. */
const quiet = 20_000;

export function useNotices(wish: NoticeWish): void {
  const last = useRef(-Infinity);
  const {client} = wish;
  const hear = useEffectEvent((event: Event) => {
    const {way, focused, write, now, multiplexer} = wish;
    const text = noticeOf(event);
    if (text === undefined || way === 'off' || focused() || now() - last.current < quiet) return;
    last.current = now();
    write(way === 'bell' ? '\u0007' : wrapped(`\u001B]9;${text}\u0007`, multiplexer));
  });
  useEffect(() => client.onEvent(({event}) => hear(event)), [client]);
}

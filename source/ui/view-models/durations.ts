// Times and durations in the words of the screen. Milliseconds go in; local time of day comes out.
import prettyMilliseconds from 'pretty-ms';

/** A running time: `0:42`, `12:07`, `1:02:03`. */
export function elapsedText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A duration that is over: `13ms`, `0.3s`, `42s`, `1m 12s`. */
export function tookText(milliseconds: number): string {
  const value = Math.max(0, milliseconds);
  if (value < 99.5) return `${Math.round(value)}ms`;
  if (value < 10_000) return `${(value / 1000).toFixed(1)}s`;
  return prettyMilliseconds(value, {secondsDecimalDigits: 0, unitCount: 2});
}

/** `12:04:31`. */
export function clockText(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/**
 * When something was, in five or six cells: `12:04` on the day of `now`, else `Nov 23`. It names the time, not the
 * distance, so that a screen on which nothing happens stays true without being drawn again.
 */
export function momentText(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  const sameDay =
    date.getFullYear() === today.getFullYear() &&
    date.getMonth() === today.getMonth() &&
    date.getDate() === today.getDate();
  return sameDay ? clockText(at).slice(0, 5) : dayText(date);
}

/** `Nov 23 12:04`, for what may have begun on another day. */
export function dayAndTimeText(at: number): string {
  return `${dayText(new Date(at))} ${clockText(at).slice(0, 5)}`;
}

function dayText(date: Date): string {
  return `${months[date.getMonth()] ?? ''} ${date.getDate()}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

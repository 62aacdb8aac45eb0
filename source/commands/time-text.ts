// Times and durations as words.
import prettyMilliseconds from 'pretty-ms';

/** `2006-01-02T15:04:05Z`, as Kubernetes writes times. */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** RFC 3339 with nanoseconds and without trailing zeros, as kubelet stamps log lines. */
export function nanoTimestamp(at: number): string {
  return new Date(at).toISOString().replace(/\.?0*Z$/, 'Z');
}

/** `2006-01-02 15:04:05` in the user's time zone, as `kp build status` prints it. */
export function localTime(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** `1.2s`, `340ms`, `1m 12s` */
export function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.max(0, Math.round(milliseconds))}ms` : prettyMilliseconds(milliseconds);
}

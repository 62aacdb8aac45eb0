// Which part of a long list is on the screen.

export type ListWindow = {readonly from: number; readonly to: number};

/** The window of `height` rows that holds `cursor`, as near as it can be to the middle; `to` is exclusive. */
export function listWindow(count: number, cursor: number, height: number): ListWindow {
  if (height <= 0 || count <= 0) return {from: 0, to: 0};
  if (count <= height) return {from: 0, to: count};
  const from = Math.min(Math.max(0, cursor - Math.floor(height / 2)), count - height);
  return {from, to: from + height};
}

/** The rows of a scroll bar's thumb for a window, or undefined when everything is visible. */
export function scrollThumb(count: number, from: number, height: number): {from: number; to: number} | undefined {
  if (height <= 0 || count <= height) return undefined;
  const size = Math.max(1, Math.round((height * height) / count));
  const start = Math.min(height - size, Math.round((from / Math.max(1, count - height)) * (height - size)));
  return {from: start, to: start + size - 1};
}

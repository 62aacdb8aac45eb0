// Looks a name up in one of the state's maps; a name like "constructor" finds only what somebody put there.

/** The entry of that key, or undefined. */
export function entry<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

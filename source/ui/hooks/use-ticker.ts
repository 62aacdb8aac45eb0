// The one clock of the screen: ticks once a second while something runs, and never otherwise.
import {useEffect, useReducer} from 'react';

/** Draws again every second while `active`. */
export function useTicker(active: boolean): void {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [active]);
}

// What a dialog holds, before it is drawn.

export type OverlayContent = {
  readonly title: string;
  readonly foot?: string;
  readonly width: number;
  readonly lines: readonly string[];
  readonly scroll?: {readonly count: number; readonly from: number};
};

/** Cells and rows that a dialog may take. */
export type OverlaySize = {readonly width: number; readonly height: number};

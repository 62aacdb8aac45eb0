// What handling an intent needs.
import type {Controller} from '../controller/controller.ts';
import type {Clock} from '../ports/clock.ts';
import type {History} from '../ports/history.ts';
import type {Engines} from './engines.ts';
import type {ImageCaches} from './image-caches.ts';
import type {ImageLibrary} from './image-library.ts';
import type {StatePaths} from './state-paths.ts';

export type IntentParts = {
  readonly controller: Controller;
  readonly clock: Clock;
  readonly paths: StatePaths;
  readonly library: ImageLibrary;
  readonly engines: Engines;
  readonly caches: ImageCaches;
  /** Told of what could not be tidied up behind an intent that was carried out. */
  readonly onDefect: (error: unknown) => void;
  readonly history: History;
  /** Where the sample buildpacks and apps of this installation lie. */
  readonly examples: string;
};

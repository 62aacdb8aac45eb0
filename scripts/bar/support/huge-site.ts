// A site with many images and a long history: every image has successful builds behind it, with the times of their phases.
import {embeddedPhases} from '../../../source/domain/phase.ts';
import type {Event} from '../../../source/domain/event.ts';
import {buildStarted, buildSucceeded} from '../../../test/support/builders.ts';
import {type BuildSite, openBuildSite} from './build-site.ts';

/** `images` images with `builds` finished builds each, the first of them first in the list. */
export async function openHugeSite(
  images: number,
  builds: number,
): Promise<{site: BuildSite; names: readonly string[]}> {
  const names = Array.from({length: images}, (_, at) => `app-${String(at + 1).padStart(4, '0')}`);
  const site = await openBuildSite(names);
  const began = Date.now() - builds * 3_600_000;
  for (const image of names) {
    const past = Array.from({length: builds}, (_, at) => pastBuild(image, at + 1, began + at * 3_600_000));
    site.record(...past.flat());
  }
  return {site, names};
}

function pastBuild(image: string, number: number, at: number): readonly Event[] {
  const ref = {namespace: 'default', image, number};
  const phases = embeddedPhases.flatMap((phase, index): readonly Event[] => [
    {kind: 'phase.started', at: at + index * 4000, ...ref, phase},
    {kind: 'phase.finished', at: at + index * 4000 + 3900, ...ref, phase, state: 'succeeded'},
  ]);
  return [buildStarted({...ref, at}), ...phases, buildSucceeded({...ref, at: at + embeddedPhases.length * 4000})];
}

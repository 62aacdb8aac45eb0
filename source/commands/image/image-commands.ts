// `slipway image …`: apps kept up to date.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {imageCache} from './image-cache.ts';
import {imageCreate} from './image-create.ts';
import {imageDelete} from './image-delete.ts';
import {imageExport} from './image-export.ts';
import {imageInspect} from './image-inspect.ts';
import {imageList} from './image-list.ts';
import {imagePatch} from './image-patch.ts';
import {imagePause, imageResume} from './image-pause.ts';
import {imageSbom} from './image-sbom.ts';
import {imageSave} from './image-save.ts';
import {imageStatusCommand} from './image-status.ts';
import {imageTrigger} from './image-trigger.ts';

const makers = [
  imageCreate,
  imagePatch,
  imageSave,
  imageList,
  imageStatusCommand,
  imageTrigger,
  imageDelete,
  imagePause,
  imageResume,
  imageInspect,
  imageSbom,
  imageExport,
  imageCache,
];

/** The group, with kp's aliases. */
export function imageCommands(context: CommandContext, run: Run): Command {
  const group = new Command('image').aliases(['images', 'imgs', 'img']).description('apps kept up to date');
  for (const make of makers) group.addCommand(make(context, run));
  return group;
}

// What image create, patch and save do once the command line is read: ask, say, wait.
import type {Client} from '../../client/client.ts';
import {resourceKey} from '../../domain/resource-name.ts';
import type {ImageRecord} from '../../state/state.ts';
import type {SaveMode} from '../client-types.ts';
import {failure, usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode, type ExitCode} from '../exit-code.ts';
import {checkName, isDryRun, namespaceOf, sayWithoutEffect, tlsWithoutEffect} from '../flags.ts';
import {findImage} from '../lookup.ts';
import {outlookTable} from '../outlook-table.ts';
import {progressFor} from '../progress.ts';
import {endChange} from '../patch/end-change.ts';
import {imageResource} from '../resources/image-resource.ts';
import {rolloutOf} from '../rollout-flags.ts';
import {waitAndWatch} from '../wait-and-watch.ts';
import {imageEdit} from './image-edit.ts';
import type {ImageFlags} from './image-flags.ts';
import {previewedImage} from './previewed-image.ts';

/** Creates or patches, prints kp's lines, and follows the build with --wait. */
export async function saveImage(
  client: Client,
  context: CommandContext,
  mode: SaveMode,
  name: string,
  flags: ImageFlags,
): Promise<ExitCode> {
  const namespace = namespaceOf(flags);
  checkName(name);
  const existing = client.state.read().images[resourceKey(namespace, name)];
  const isNew = checkMode(mode, existing, name);
  if (isNew && flags.tag === undefined) throw usageError('--tag is required to create the resource');
  const progress = progressFor(context, flags);
  progress.status(isNew ? 'Creating Image Resource...' : 'Patching Image Resource...');
  sayIgnored(context, flags, isNew);
  const edit = await imageEdit(flags, context.files, isNew ? undefined : existing?.image);
  const dryRun = isDryRun(flags);
  const intent = {kind: 'image.save', mode, namespace, name, edit, ...rolloutOf(flags)} as const;
  const result = await client.send(intent, {dryRun});
  for (const note of result.notes) progress.note(note);
  if (dryRun) progress.line(outlookTable(result.outlook));
  const resource = () => {
    if (dryRun) return previewedImage(existing?.image, {namespace, name}, edit, context.now());
    const state = client.state.read();
    return imageResource(findImage(state, namespace, name), state);
  };
  const text = `Image Resource "${name}" ${resultWord(isNew, result.changed)}`;
  // Here --wait is kp's: it follows the build, not the patch.
  await endChange(client, context, {flags: {...flags, wait: false}, result, progress, text, resource});
  if (!flags.wait || dryRun || !result.changed) return exitCode.done;
  const {generation} = findImage(client.state.read(), namespace, name).image;
  return waitAndWatch(client, context, {namespace, name}, flags, ({inputs}) => inputs.imageGeneration >= generation);
}

/** Whether a new image is to be made; a mode that does not fit what exists is refused before anything is said. */
function checkMode(mode: SaveMode, existing: ImageRecord | undefined, name: string): boolean {
  if (mode === 'create' && existing) {
    throw failure(`images.kpack.io "${name}" already exists; \`image patch\` changes it, \`image save\` does either`);
  }
  if (mode === 'patch' && !existing) throw failure(`images.kpack.io "${name}" not found`);
  return existing === undefined;
}

function resultWord(isNew: boolean, changed: boolean): string {
  if (isNew) return 'created';
  return changed ? 'patched' : 'patched (no change)';
}

function sayIgnored(context: CommandContext, flags: ImageFlags, isNew: boolean): void {
  const {localPathDestinationImage, cacheSize, serviceAccount} = flags;
  sayWithoutEffect(context, {
    '--tag': !isNew && flags.tag !== undefined ? 'the tag of an image never changes' : undefined,
    '--local-path-destination-image':
      localPathDestinationImage === undefined ? undefined : 'local source is read where it lies, not uploaded',
    '--cache-size':
      cacheSize === undefined ? undefined : 'it is kept for manifests; caches here have no size of their own',
    '--service-account':
      serviceAccount === undefined || serviceAccount === 'default' ? undefined : 'it is kept for manifests',
    ...tlsWithoutEffect(flags),
  });
}

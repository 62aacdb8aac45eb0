/** Which launcher goes into the image: the embedded one, which needs bash in the run image, or a file. */
import {exitCodes} from './exit-codes.ts';
import type {LauncherMetadata} from './export-labels.ts';
import {launcherScript} from './launcher-script.ts';
import type {FoundImage} from './layout-image.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import {lifecycleRepository, lifecycleVersion} from './lifecycle-version.ts';
import type {PhaseContext} from './phase-context.ts';
import {readRegularFile} from './read-regular-file.ts';
import {findBash} from './find-bash.ts';

export type Launcher = {readonly content: Buffer; readonly metadata: LauncherMetadata};

/** Throws exit 62 when the run image has no bash and no other launcher was given: the image could not start. */
export async function chooseLauncher(context: PhaseContext, runImage: FoundImage): Promise<Launcher> {
  const {inputs} = context;
  if (inputs.launcherPath !== '')
    return {content: await readLauncher(inputs.launcherPath), metadata: givenMetadata(inputs.own.launcherMetadata)};
  await requireBash(context, runImage);
  const metadata = {version: lifecycleVersion, repository: lifecycleRepository, commit: ''};
  return {content: Buffer.from(launcherScript), metadata};
}

async function readLauncher(path: string): Promise<Buffer> {
  const content = await readRegularFile(path, {followLinks: true, limit: 256 * 1024 * 1024});
  if (content === undefined) throw new Error(`failed to stat launcher at path '${path}': no such file or directory`);
  return content;
}

/** A launcher from elsewhere is not ours: unless told where it comes from, the label says that it is unknown. */
function givenMetadata(json: string | undefined): LauncherMetadata {
  const given: unknown = json === undefined ? {} : JSON.parse(json);
  const text = (key: string) => {
    const value: unknown = typeof given === 'object' && given !== null ? Reflect.get(given, key) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return {version: text('version'), repository: text('repository'), commit: text('commit')};
}

async function requireBash({inputs, log}: PhaseContext, runImage: FoundImage): Promise<void> {
  const hasBash = inputs.own.runImageHasBash ?? (await findBash(runImage));
  if (hasBash === 'unknown') {
    log.warn(
      'The layers of the run image are not here, so nobody can tell whether it has bash, which the embedded launcher needs; going on as if it had',
    );
    return;
  }
  if (hasBash) return;
  throw new LifecycleFailure(
    'the run image has no /bin/bash, which the embedded launcher is written in, so the app could not start; choose a run image with bash, or pass -launcher FILE with a launcher taken from a builder image (/cnb/lifecycle/launcher)',
    {action: 'export', code: exitCodes.exportError},
  );
}

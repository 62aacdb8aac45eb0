// `slipway image create <name> --tag <tag>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {sharedImageFlags, tagFlags, type ImageFlags} from './image-flags.ts';
import {saveImage} from './save-image.ts';

/** Makes an image that does not exist yet; its first build follows by itself. */
export function imageCreate(context: CommandContext, run: Run): Command {
  const command = new Command('create').description('keep an app up to date from now on').argument('<name>');
  return sharedImageFlags(tagFlags(command), true).action(
    run((name: string, flags: ImageFlags, _command: Command) =>
      withClient(context, (client) => saveImage(client, context, 'create', name, flags)),
    ),
  );
}

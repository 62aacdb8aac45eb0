// `slipway image save <name> --tag <tag>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {editFlags, sharedImageFlags, tagFlags, type ImageFlags} from './image-flags.ts';
import {saveImage} from './save-image.ts';

/** Creates the image or patches it, whichever fits. */
export function imageSave(context: CommandContext, run: Run): Command {
  const command = new Command('save').description('create or change an image').argument('<name>');
  return sharedImageFlags(editFlags(tagFlags(command)), true).action(
    run((name: string, flags: ImageFlags, _command: Command) =>
      withClient(context, (client) => saveImage(client, context, 'save', name, flags)),
    ),
  );
}

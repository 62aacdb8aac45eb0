// `slipway image patch <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {editFlags, sharedImageFlags, type ImageFlags} from './image-flags.ts';
import {saveImage} from './save-image.ts';

/** Changes an image that exists; what is not named stays as it is. */
export function imagePatch(context: CommandContext, run: Run): Command {
  const command = new Command('patch').description('change an image').argument('<name>');
  return sharedImageFlags(editFlags(command), false).action(
    run((name: string, flags: ImageFlags, _command: Command) =>
      withClient(context, (client) => saveImage(client, context, 'patch', name, flags)),
    ),
  );
}

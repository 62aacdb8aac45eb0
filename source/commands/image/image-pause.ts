// `slipway image pause <name>` and `slipway image resume <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, type NamespaceFlags} from '../flags.ts';
import {findImage} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

/** Nothing is built until it is resumed; what becomes due meanwhile is shown. */
export function imagePause(context: CommandContext, run: Run): Command {
  return pauseOrResume('pause', 'build nothing until resumed', context, run);
}

/** Lets the image follow its changes again. */
export function imageResume(context: CommandContext, run: Run): Command {
  return pauseOrResume('resume', 'follow changes again', context, run);
}

function pauseOrResume(word: 'pause' | 'resume', description: string, context: CommandContext, run: Run): Command {
  const command = new Command(word).description(description).argument('<name>');
  return namespaceFlag(command).action(
    run((name: string, flags: NamespaceFlags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        findImage(client.state.read(), namespace, name);
        const {changed} = await client.send({kind: `image.${word}`, namespace, name});
        context.stdout.write(`Image Resource "${name}" ${word}d${changed ? '' : ' (no change)'}\n`);
        return exitCode.done;
      }),
    ),
  );
}

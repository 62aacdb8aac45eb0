// `slipway build cancel <image>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, type NamespaceFlags} from '../flags.ts';
import {buildNumber, findImage} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & {readonly build?: string};

/** Asks the running build to stop; the image is then held until it is triggered or changed. */
export function buildCancel(context: CommandContext, run: Run): Command {
  const command = new Command('cancel')
    .description('stop the running build of an image')
    .argument('<image>')
    .option('-b, --build <number>', 'only when this build is the one that runs');
  return namespaceFlag(command).action(
    run((image: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        findImage(client.state.read(), namespace, image);
        const number = buildNumber(flags.build);
        await client.send({kind: 'build.cancel', namespace, image, ...(number === undefined ? {} : {number})});
        context.stdout.write(`Cancelling build of Image Resource "${image}"\n`);
        return exitCode.done;
      }),
    ),
  );
}

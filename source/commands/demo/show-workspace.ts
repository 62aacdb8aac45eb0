// The demo for a terminal: the workspace and its images are made, then the dashboard opens on them.
import {failure} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode, type ExitCode} from '../exit-code.ts';
import {silentStream} from '../silent-stream.ts';
import {withClient} from '../with-client.ts';
import type {RunCommand} from './run-command.ts';
import {petclinic, webdb, workspaceImages} from './story-images.ts';

/** The dashboard's exit code. */
export async function showWorkspace(context: CommandContext, runCommand: RunCommand): Promise<ExitCode> {
  context.stderr.write('Making the demo workspace…\n');
  const {appsDirectory = ''} = await withClient(context, (client) => client.send({kind: 'workspace.prepare'}));
  const quiet = {...context, stdout: silentStream(context.stdout)};
  for (const {name, create} of workspaceImages) {
    const code = await runCommand(create(appsDirectory), quiet);
    if (code !== exitCode.done) throw failure(`the demo's image "${name}" could not be created`);
  }
  return context.openDashboard(guide);
}

/** The workshop's story for the hands: a build, a patch of one image, of a fleet, and back. */
const guide = {
  title: 'What to try',
  steps: [
    `${petclinic.name}: choose it (j, k), read its log (Enter).`,
    'broken-app fails on purpose: its card says where, e goes there.',
    `${webdb.name}: p, the builder default. It is rebased, not built.`,
    'A whole stack: 2, demo-stack, p, the other run image.',
    'z takes the last patch back. ? has every key, : every command.',
  ],
};

// The workshop's story without a terminal: each step is said, its command is shown and run, and what came of it is checked.
import type {Client} from '../../client/client.ts';
import type {Build} from '../../domain/build.ts';
import {reasonText} from '../../domain/change.ts';
import {defaultNamespace} from '../../domain/resource-name.ts';
import type {ImageRecord} from '../../state/state.ts';
import {CommandError, failure, interruption} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode, type ExitCode} from '../exit-code.ts';
import {findBuild, findImage} from '../lookup.ts';
import {phaseTable} from '../phase-table.ts';
import {waitForState} from '../state-change.ts';
import {durationText} from '../time-text.ts';
import {silentStream} from '../silent-stream.ts';
import {withClient} from '../with-client.ts';
import type {RunCommand} from './run-command.ts';
import {petclinic, webdb} from './story-images.ts';

/** 0 when every step went as the story says; otherwise the failing step is named. */
export function playStory(given: CommandContext, runCommand: RunCommand): Promise<ExitCode> {
  const {context, gap} = withGaps(withoutNarration(given));
  return withClient(context, async (client) => {
    const stopEvents = given.ui === 'json' ? printEvents(client, given) : () => undefined;
    try {
      const stage = makeStage(client, context, gap, runCommand);
      for (const [index, step] of steps.entries()) await playStep(step, index + 1, stage);
      const seconds = durationText(context.now() - stage.startedAt);
      stage.say(`The story took ${seconds}. Run \`slipway demo\` in a terminal for the dashboard.`);
      return exitCode.done;
    } finally {
      stopEvents();
    }
  });
}

/** With --ui json or quiet the story is played without its lines. */
function withoutNarration(context: CommandContext): CommandContext {
  if (context.ui !== 'json' && context.ui !== 'quiet') return context;
  return {...context, ui: 'quiet', stdout: silentStream(context.stdout)};
}

/** `gap` leaves one empty line, whatever the command before ended with. */
function withGaps(context: CommandContext): {readonly context: CommandContext; readonly gap: () => void} {
  let end = '\n\n';
  const write = (text: string) => {
    end = (end + text).slice(-2);
    context.stdout.write(text);
  };
  const stdout = {isTTY: context.stdout.isTTY, write};
  return {context: {...context, stdout}, gap: () => (end === '\n\n' ? undefined : write('\n'))};
}

function printEvents(client: Client, {stdout}: CommandContext): () => void {
  return client.onEvent(({sequence, event}) => stdout.write(`${JSON.stringify({sequence, ...event})}\n`));
}

type Stage = {
  readonly client: Client;
  readonly context: CommandContext;
  readonly startedAt: number;
  /** The directory of the sample apps, once the workspace is there. */
  apps: string;
  say(text: string): void;
  show(text: string): void;
  /** Shows a command as if it were typed. */
  prompt(command: string): void;
  /** Shows and runs a command; anything but success is a failure of the step. */
  command(...argv: readonly string[]): Promise<void>;
  newestBuild(image: string): Build;
};

function makeStage(client: Client, context: CommandContext, gap: () => void, runCommand: RunCommand): Stage {
  const {stdout} = context;
  return {
    client,
    context,
    startedAt: context.now(),
    apps: '',
    say(text) {
      gap();
      stdout.write(`# ${text}\n`);
    },
    show: (text) => stdout.write(text),
    prompt(command) {
      gap();
      stdout.write(`$ ${command}\n`);
    },
    async command(...argv) {
      this.prompt(`slipway ${argv.map(shellWord).join(' ')}`);
      const code = await runCommand(argv, context);
      if (context.signal.aborted) throw interruption();
      if (code !== exitCode.done) throw failure(`\`slipway ${argv.slice(0, 2).join(' ')}\` ended with ${code}`);
    },
    newestBuild: (image) => findBuild(findImage(client.state.read(), defaultNamespace, image), undefined),
  };
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

type Step = {readonly title: string; readonly play: (stage: Stage) => Promise<void>};

async function playStep({title, play}: Step, number: number, stage: Stage): Promise<void> {
  stage.say(`${number}. ${title}`);
  try {
    await play(stage);
  } catch (cause) {
    if (cause instanceof CommandError && cause.kind === 'interrupted') throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError('failed', `step ${number} of the demo (${title}) went wrong: ${why}`, {cause});
  }
}

const steps: readonly Step[] = [
  {title: 'A workspace: base images, buildpacks, an outdated stack and a patched one', play: prepareWorkspace},
  {title: 'Cody describes his app once; it is built, phase by phase', play: firstBuild},
  {title: 'Cody commits a change; it is built again, and what did not change is reused', play: secondBuild},
  {title: 'A second app, on the outdated stack', play: otherApp},
  {title: 'Alana patches the operating system under it, without Cody: no build, a rebase', play: rebase},
  {title: 'What happened, and what runs', play: overview},
  {title: 'The end', play: (stage) => stage.command('controller', 'stop')},
];

async function prepareWorkspace(stage: Stage): Promise<void> {
  const {appsDirectory, notes} = await stage.client.send({kind: 'workspace.prepare'});
  if (appsDirectory === undefined) throw failure('expected the workspace to name the directory of its apps');
  stage.apps = appsDirectory;
  for (const note of notes) stage.show(`${note}\n`);
}

async function firstBuild(stage: Stage): Promise<void> {
  await stage.command(...petclinic.create(stage.apps));
  await stage.command('build', 'logs', petclinic.name);
  const build = stage.newestBuild(petclinic.name);
  expectBuild(build, 'build', 'CONFIG');
  stage.say(`Build ${build.number} took ${took(build)}:`);
  stage.show(phaseTable(build.phases, stage.context.now()));
}

async function secondBuild(stage: Stage): Promise<void> {
  const {client, context} = stage;
  const before = stage.newestBuild(petclinic.name);
  const message = await context.demo.editSample(`${stage.apps}/${petclinic.name}`);
  stage.prompt(`git commit --all --message ${shellWord(message)}`);
  // The controller looks at a branch every minute; nobody wants to wait that long here.
  await client.send({kind: 'image.refresh', namespace: defaultNamespace, name: petclinic.name});
  await waitForState(client, context.signal, (state) =>
    commitIsSeen(findImage(state, defaultNamespace, petclinic.name), before),
  );
  await stage.command('build', 'logs', petclinic.name);
  const build = stage.newestBuild(petclinic.name);
  expectBuild(build, 'build', 'COMMIT');
  const {restored, reused} = build.layers;
  if (reused === 0) throw failure(`expected build ${build.number} to reuse layers of the one before, it reused none`);
  stage.say(`Build ${build.number} took ${took(build)}: ${restored} layers restored, ${reused} reused.`);
}

/** True once the commit was seen: its build is due or there. */
function commitIsSeen({builds, source}: ImageRecord, before: Build): true | undefined {
  const isBuilt = (builds.at(-1)?.number ?? 0) > before.number;
  return isBuilt || source?.resolved?.revision !== before.inputs.source.revision ? true : undefined;
}

async function otherApp(stage: Stage): Promise<void> {
  await stage.command(...webdb.create(stage.apps), '--wait');
  expectBuild(stage.newestBuild(webdb.name), 'build', 'CONFIG');
}

async function rebase(stage: Stage): Promise<void> {
  await stage.command('image', 'patch', webdb.name, '--cluster-builder', 'default');
  await stage.command('build', 'logs', webdb.name);
  const build = stage.newestBuild(webdb.name);
  expectBuild(build, 'rebase', 'STACK');
  const built = findBuild(findImage(stage.client.state.read(), defaultNamespace, webdb.name), 1);
  stage.say(`The rebase took ${took(build)}; building the app had taken ${took(built)}.`);
}

async function overview(stage: Stage): Promise<void> {
  await stage.command('build', 'list', webdb.name);
  await stage.command('image', 'list');
  await stage.command('clusterstack', 'status', 'default');
}

function expectBuild(build: Build, strategy: Build['strategy'], reason: string): void {
  const got = reasonText(build.changes);
  if (build.strategy === strategy && build.state === 'succeeded' && got === reason) return;
  throw failure(
    `expected build ${build.number} to be a ${strategy} that succeeded, for ${reason}; got a ${build.strategy} that ${build.state}, for ${got}`,
  );
}

function took({startedAt, finishedAt = startedAt}: Build): string {
  return durationText(finishedAt - startedAt);
}

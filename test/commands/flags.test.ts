// Every command and flag that kp has for what this version does is understood, under each of its names.
import type {Command} from 'commander';
import {describe, expect, test} from 'vitest';
import {makeProgram} from '../../source/commands/program.ts';
import {runCli} from '../../source/commands/run-cli.ts';
import type {CommandContext} from '../../source/commands/command-context.ts';

const context = {
  color: false,
  stdout: {isTTY: false, write: () => undefined},
  stderr: {isTTY: false, write: () => undefined},
} as unknown as CommandContext;

const program = makeProgram(context, runCli).program;

const dry = ['--dry-run', '--output yaml', '--output json'];
const img = [...dry, '--dry-run-with-image-upload'];
const tls = ['--registry-ca-cert-path /ca.pem', '--registry-verify-certs', '--registry-verify-certs=false'];
const ns = ['-n team', '--namespace team'];
const image = [
  '--additional-tag a --additional-tag b',
  '--git https://example.test/app.git',
  '--git-revision main',
  '--blob https://example.test/app.zip',
  '--local-path ./app',
  '--sub-path web',
  '-e A=1 --env B=2',
  '-s secret --service-binding Secret:v1:other',
  '--cache-size 2G',
  '--success-build-history-limit 3',
  '--failed-build-history-limit 3',
  '--service-account builder',
  '-w',
  '--wait',
  ...ns,
  ...img,
  ...tls,
];
const shortBuilder = ['-b mine', '--builder mine', '-c base', '--cluster-builder base'];
const tag = ['-t reg/app', '--tag reg/app', '--local-path-destination-image reg/app-source'];
const edits = [
  '-d A --delete-env B',
  '--delete-service-binding secret',
  '--delete-additional-tag a',
  '--replace-additional-tag a',
];
const builder = [
  '-b a,b@1 --buildpack c',
  '-o order.yaml',
  '--order order.yaml',
  '--order-from builder:image',
  '-s base',
  '--stack base',
  '--store default',
  '-t reg/builder',
  '--tag reg/builder',
  ...dry,
  ...tls,
];
const stack = ['-b build:image', '--build-image build:image', '-r run:image', '--run-image run.tar', ...img, ...tls];
const store = ['-b one --buildpackage two', ...img, ...tls];

const table: Readonly<Record<string, readonly string[]>> = {
  'image create': [...image, ...shortBuilder, ...tag],
  'image patch': [...image, '--builder mine', '--cluster-builder base', ...edits],
  'image save': [...image, ...shortBuilder, ...tag, ...edits],
  'image list': ['-A', ...ns, '--filter builder=mine --filter ready=true'],
  'image status': ns,
  'image trigger': ns,
  'image delete': ns,
  'build list': ['-A', ...ns],
  'build status': ['-b 2', '--build 2', ...ns],
  'build logs': ['-b 2', '--build 2', '-t', '--timestamps', ...ns],
  'clusterstack create': stack,
  'clusterstack patch': stack,
  'clusterstack save': stack,
  'clusterstack status': ['-v', '--verbose'],
  'clusterstack diff': ['-r run:image', '--run-image run.tar', '--run-image run.tar --no-scan'],
  'clusterstack list': [],
  'clusterstack delete': [],
  'clusterstore create': store,
  'clusterstore add': store,
  'clusterstore save': store,
  'clusterstore remove': ['-b one@1 --buildpackage two@2', ...dry],
  'clusterstore list': [],
  'clusterstore status': ['-v', '--verbose'],
  'clusterstore delete': ['-f', '--force'],
  'clusterbuilder create': builder,
  'clusterbuilder patch': builder,
  'clusterbuilder save': builder,
  'clusterbuilder list': [],
  'clusterbuilder status': [],
  'clusterbuilder delete': [],
  'builder create': [...builder, ...ns, '--service-account builder'],
  'builder patch': [...builder, ...ns, '--service-account builder'],
  'builder save': [...builder, ...ns, '--service-account builder'],
  'builder list': ns,
  'builder status': ns,
  'builder delete': ns,
  'config default-repository': [],
  'config default-service-account': ['--service-account-namespace kpack'],
};

describe('the flags of kp', () => {
  test.each(Object.entries(table).flatMap(([name, flags]) => flags.map((flag) => [name, flag] as const)))(
    '%s %s',
    (name, flag) => {
      const command = find(name);
      const {operands, unknown} = command.parseOptions(flag.split(' '));
      expect({operands, unknown}).toEqual({operands: [], unknown: []});
    },
  );

  test.each(Object.keys(table))('%s exists', (name) => {
    expect(find(name).name()).toBe(name.split(' ')[1]);
  });

  test.each([
    ['image', 'images imgs img'],
    ['build', 'builds blds bld'],
    ['clusterstack', 'clusterstacks clstrcsks clstrcsk cstacks cstack cstks cstk csks csk stack'],
    ['clusterbuilder', 'clusterbuilders clstrbldrs clstrbldr cbldrs cbldr cbs cb'],
    ['builder', 'builders bldrs bldr'],
    ['clusterstore', 'clusterstores clstrcsrs clstrcsr cstores cstore cstrs cstr csrs csr store'],
    ['config', 'cfg'],
  ])('%s has the aliases %s', (name, aliases) => {
    for (const alias of aliases.split(' ')) expect(find(alias).name()).toBe(name);
  });
});

function find(path: string): Command {
  return path.split(' ').reduce((parent, name) => {
    const command = parent.commands.find((each) => each.name() === name || each.aliases().includes(name));
    if (!command) throw new Error(`there is no command "${name}" in "${parent.name()}"`);
    return command;
  }, program);
}

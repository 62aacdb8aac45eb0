// The flags of image create, patch and save, with kp's names and short forms (kpack-cli `docs/kp_image_create.md`).
import {Option, type Command} from 'commander';
import {
  collect,
  imageUploadFlags,
  namespaceFlag,
  tlsFlags,
  waitFlag,
  type DryRunFlags,
  type NamespaceFlags,
  type TlsFlags,
  type WaitFlags,
} from '../flags.ts';
import {rolloutFlags, type RolloutFlags} from '../rollout-flags.ts';
import type {ExportTarget} from '../../domain/export-target.ts';
import type {UpdatePolicy} from '../../domain/image.ts';

export type ImageFlags = NamespaceFlags &
  DryRunFlags &
  TlsFlags &
  WaitFlags &
  RolloutFlags & {
    readonly tag?: string;
    readonly additionalTag?: readonly string[];
    readonly deleteAdditionalTag?: readonly string[];
    readonly replaceAdditionalTag?: readonly string[];
    readonly git?: string;
    readonly gitRevision?: string;
    readonly blob?: string;
    readonly localPath?: string;
    readonly localPathDestinationImage?: string;
    readonly subPath?: string;
    readonly builder?: string;
    readonly clusterBuilder?: string;
    readonly env?: readonly string[];
    readonly deleteEnv?: readonly string[];
    readonly serviceBinding?: readonly string[];
    readonly deleteServiceBinding?: readonly string[];
    readonly cacheSize?: string;
    readonly successBuildHistoryLimit?: string;
    readonly failedBuildHistoryLimit?: string;
    readonly serviceAccount?: string;
    readonly defaultProcess?: string;
    readonly buildTimeout?: string;
    readonly creationTime?: string;
    readonly projectDescriptorPath?: string;
    readonly updatePolicy?: UpdatePolicy;
    readonly export?: ExportTarget;
  };

/** What create, patch and save have in common. `builderShort` is false for patch, where kp gives -b and -c no meaning. */
export function sharedImageFlags(command: Command, builderShort: boolean): Command {
  const [b, c] = builderShort ? ['-b, ', '-c, '] : ['', ''];
  command
    .option('--additional-tag <tag>', 'one more name for the built image', collect)
    .option('--git <url>', 'a git repository as source')
    .option('--git-revision <revision>', 'branch, tag or commit (default "main")')
    .option('--blob <url>', 'an archive at an address as source (not in this version)')
    .option('--local-path <path>', 'a directory or zip of this machine as source')
    .option('--sub-path <path>', 'the directory of the source to build')
    .option(`${b}--builder <name>`, 'the Builder to use')
    .option(`${c}--cluster-builder <name>`, 'the ClusterBuilder to use (default "default")')
    .option('-e, --env <name=value>', 'an environment variable of the build', collect)
    .option('-s, --service-binding <binding>', 'KIND:API:NAME or NAME', collect)
    .option('--cache-size <quantity>', 'as a Kubernetes quantity, kept for manifests')
    .option('--success-build-history-limit <count>', 'how many successful builds to keep (default 10)')
    .option('--failed-build-history-limit <count>', 'how many failed builds to keep (default 10)')
    .option('--service-account <name>', 'kept for manifests (default "default")')
    .option('--default-process <type>', 'the process the image starts by default')
    .option('--build-timeout <seconds>', 'a build that takes longer fails')
    .option('--creation-time <time>', '"now" or seconds since the epoch (default: 1980)')
    .option('--project-descriptor-path <path>', 'the project descriptor below the source (default project.toml)')
    .addOption(new Option('--update-policy <policy>', 'which maintenance happens by itself').choices(policies))
    .addOption(exportOption());
  return waitFlag(tlsFlags(imageUploadFlags(namespaceFlag(command))));
}

/** What only create and save have. */
export function tagFlags(command: Command): Command {
  return command
    .option('-t, --tag <tag>', 'the name of the built image')
    .option('--local-path-destination-image <image>', 'accepted for kp; local source is not uploaded');
}

/** What only patch and save have. */
export function editFlags(command: Command): Command {
  return rolloutFlags(command)
    .option('-d, --delete-env <name>', 'an environment variable to take away', collect)
    .option('--delete-service-binding <binding>', 'a service binding to take away', collect)
    .option('--delete-additional-tag <tag>', 'an additional tag to take away', collect)
    .option('--replace-additional-tag <tag>', 'the additional tags from now on', collect);
}

const policies: readonly UpdatePolicy[] = ['auto', 'ask', 'stack-only'];

function exportOption(): Option {
  const what =
    "where builds leave the image besides this machine's layouts: in an engine, or pushed under its tags to their registry (default: layout, with the container executor engine)";
  return new Option('--export <where>', what).choices(['layout', 'engine', 'registry']);
}

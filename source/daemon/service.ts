// Answers the clients' requests: every method of the protocol, over the controller and the history.
import type {Controller} from '../controller/controller.ts';
import type {BaseDifference} from '../domain/base-difference.ts';
import {defaultNamespace, resourceKey} from '../domain/resource-name.ts';
import type {History} from '../ports/history.ts';
import type {Intent, IntentResult} from '../protocol/intent.ts';
import {
  type BaseDifferenceQuery,
  type ControllerStatus,
  type MethodName,
  type Methods,
  protocolVersion,
} from '../protocol/message.ts';
import {entry} from '../state/entry.ts';
import {latestSuccess} from '../state/image-status.ts';
import type {State} from '../state/state.ts';
import {followLog} from './follow-log.ts';
import type {ImageCaches} from './image-caches.ts';
import type {ImageLibrary} from './image-library.ts';
import {imageRecord} from './intents/image-intents.ts';
import {Refusal} from './refusal.ts';
import type {Service, Session} from './serve-socket.ts';

export type ServiceParts = {
  readonly controller: Controller;
  readonly history: History;
  readonly library: ImageLibrary;
  readonly caches: ImageCaches;
  readonly handleIntent: (intent: Intent, dryRun: boolean) => Promise<IntentResult>;
  readonly baseDifference: (query: BaseDifferenceQuery) => Promise<BaseDifference>;
  readonly status: () => ControllerStatus;
  readonly stop: (options: {readonly cancelBuilds: boolean}) => void;
  /** One line for the controller's log. */
  readonly log: (line: string) => void;
};

type BuiltImage = {readonly namespace: string; readonly name: string; readonly digest?: string};
type Answers = {[M in MethodName]: (params: Methods[M]['params'], session: Session) => Promise<Methods[M]['result']>};

/** At most so many events or lines in one answer. */
const mostEvents = 10_000;
const mostLines = 5_000;
const mostMatches = 20_000;

/** The service behind the socket. */
export function createService(parts: ServiceParts): Service {
  const answers = answersOf(parts);
  return {
    handle: (method, params, session) => answers[method](params, session),
  };
}

function answersOf({
  controller,
  history,
  library,
  caches,
  handleIntent,
  baseDifference,
  status,
  stop,
  log,
}: ServiceParts): Answers {
  let follows = 0;
  const following = new Map<string, () => void>();
  const builtDigest = ({namespace, name, digest}: BuiltImage): string => {
    const record = imageRecord(controller.state.read(), namespace, name);
    const wanted = digest ?? latestSuccess(record)?.result?.digest;
    if (wanted === undefined) throw new Refusal('not-found', `image "${name}" has no successful build yet`);
    return wanted;
  };
  return {
    async hello({protocol, version}) {
      if (protocol !== protocolVersion) {
        throw new Refusal(
          'version-skew',
          `this client (slipway ${version}) speaks protocol ${protocol}, the controller (slipway ${status().version}) speaks ${protocolVersion}; stop it with "slipway controller stop" and try again`,
        );
      }
      return status();
    },
    async subscribe(_, session) {
      const stopListening = controller.onEvents((events) => {
        for (const params of events) session.notify({method: 'event', params});
      });
      session.signal.addEventListener('abort', stopListening, {once: true});
      const state = controller.state.read();
      return {sequence: state.sequence, state};
    },
    intent: ({intent, dryRun = false}) => handleIntent(intent, dryRun),
    readLog: async ({build, from, count}) => history.logs.read(build, from, Math.min(count, mostLines)),
    async readLogBytes({build, from}) {
      const {bytes, size} = history.logs.readBytes(build, from);
      return {base64: Buffer.from(bytes).toString('base64'), size};
    },
    logSections: async ({build}) => ({sections: history.logs.sections(build)}),
    searchLog: async ({build, pattern, regex = false, from, limit}) =>
      history.logs.search(build, {pattern, regex}, from, Math.min(limit, mostMatches)),
    logLineAt: async ({build, at}) => ({line: history.logs.lineAt(build, at)}),
    async followLog({build, from}, session) {
      follows += 1;
      const follow = follows;
      const key = `${session.id}/${follow}`;
      const end = followLog({
        logs: history.logs,
        build,
        from,
        follow,
        session,
        done: () => following.delete(key),
        failed: (error) => log(`following a log failed: ${error instanceof Error ? error.message : String(error)}`),
      });
      following.set(key, end);
      return {follow};
    },
    async unfollow({follow}, session) {
      following.get(`${session.id}/${follow}`)?.();
      return {};
    },
    readEvents: async ({since, afterSequence, limit}) => ({
      events:
        since === undefined
          ? history.eventsSince(afterSequence ?? 0, Math.min(limit, mostEvents))
          : history.eventsSinceTime(since, Math.min(limit, mostEvents)),
    }),
    inspectImage: async ({namespace, name, digest}) => ({
      inspection: await library.inspect(namespace, name, builtDigest({namespace, name, digest})),
    }),
    async exportImage({namespace, name, digest, to, force = false}, {signal}) {
      const {spec} = imageRecord(controller.state.read(), namespace, name).image;
      const tags = [spec.tag, ...spec.additionalTags];
      const wanted = builtDigest({namespace, name, digest});
      return library.exportImage({namespace, name, digest: wanted, tags, to, force, signal});
    },
    writeSbom: async ({namespace, name, digest, directory, force = false}) =>
      library.writeSbom({namespace, name, digest: builtDigest({namespace, name, digest}), directory, force}),
    async imageCaches({namespace = defaultNamespace, name, purge = false}) {
      if (name === undefined && purge) throw new Refusal('invalid', 'a purge needs the name of an image');
      if (name === undefined) return {caches: await caches.list()};
      if (purge) checkNothingRuns(controller.state.read(), namespace, name);
      return {caches: await (purge ? caches.purge({namespace, name}) : caches.list({namespace, name}))};
    },
    baseDifference: async (query) => ({difference: await baseDifference(query)}),
    status: async () => status(),
    async stop({cancelBuilds = false}) {
      stop({cancelBuilds});
      return {};
    },
  };
}

/** A build writes its cache when it exports; one that goes away under it would fail the build. Images that are gone have none. */
function checkNothingRuns({images}: State, namespace: string, name: string): void {
  const running = entry(images, resourceKey(namespace, name))?.builds.find(({state}) => state === 'running');
  if (!running) return;
  throw new Refusal(
    'conflict',
    `build ${running.number} of ${name} runs and uses its cache; wait for it, or cancel it`,
  );
}

// A controller for the checks: the real history, reducer, service and socket; what its builds print is said by the check.
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type Controller, createController} from '../../../source/controller/controller.ts';
import {serveSocket} from '../../../source/daemon/serve-socket.ts';
import {createService, type ServiceParts} from '../../../source/daemon/service.ts';
import type {BuildRef} from '../../../source/domain/build.ts';
import type {Event} from '../../../source/domain/event.ts';
import {openHistory} from '../../../source/history/open-history.ts';
import type {History, LogWriter} from '../../../source/ports/history.ts';
import {protocolVersion} from '../../../source/protocol/message.ts';
import {anImage, buildStarted, imageEvents, worldEvents} from '../../../test/support/builders.ts';

export type BuildSite = {
  readonly home: string;
  readonly history: History;
  readonly controller: Controller;
  readonly record: (...events: readonly Event[]) => void;
  /** The image's next build begins; its log is open. */
  readonly begin: (image: string) => SiteBuild;
  /** Where a log lies, as its bytes. */
  readonly logFile: (build: BuildRef) => string;
  readonly close: () => Promise<void>;
};

export type SiteBuild = {readonly ref: BuildRef; readonly log: LogWriter};

/** A site with images of these names, none of them building. */
export async function openBuildSite(images: readonly string[]): Promise<BuildSite> {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-bar-'));
  const clock = {now: Date.now, wait: () => new Promise<void>(() => undefined), wakeAt: () => () => undefined};
  const history = openHistory({directory: home, now: clock.now});
  const defects: unknown[] = [];
  const controller = createController({
    history,
    clock: clock as unknown as Parameters<typeof createController>[0]['clock'],
    carryOut: async () => undefined,
    onDefect: (error) => defects.push(error),
  });
  controller.record(worldEvents);
  for (const name of images) controller.record(imageEvents(anImage({name})));
  const nothing = () => Promise.reject(Object.assign(new Error('not at this site'), {kind: 'not-found'}));
  // Whatever else a service of the program has is not asked for here.
  const service = createService({
    controller,
    history,
    library: {} as Parameters<typeof createService>[0]['library'],
    handleIntent: nothing,
    baseDifference: nothing,
    status: () => ({
      pid: process.pid,
      version: 'bar',
      protocol: protocolVersion,
      home,
      startedAt: 0,
      clients: 1,
      runningBuilds: 0,
      logFile: path.join(home, 'controller.log'),
    }),
    stop: () => undefined,
    log: () => undefined,
  } as Partial<ServiceParts> as ServiceParts);
  const server = await serveSocket({home, service, log: () => undefined});
  return {
    home,
    history,
    controller,
    record: (...events) => void controller.record(events),
    begin(image) {
      const ref = {
        namespace: 'default',
        image,
        number: (controller.state.read().images[`default/${image}`]?.buildCounter ?? 0) + 1,
      };
      const at = Date.now();
      controller.record([
        buildStarted({...ref, at}),
        {kind: 'phase.started', at, ...ref, phase: 'prepare'},
        {kind: 'phase.finished', at, ...ref, phase: 'prepare', state: 'succeeded'},
        {kind: 'phase.started', at, ...ref, phase: 'build'},
      ]);
      return {ref, log: history.logs.open(ref, 1)};
    },
    logFile: ({namespace, image, number}) => path.join(home, 'logs', namespace, image, `${number}.log`),
    async close() {
      await server.close();
      history.close();
      await rm(home, {recursive: true, force: true});
      if (defects.length > 0) throw new Error('the controller of the check had a defect', {cause: defects[0]});
    },
  };
}

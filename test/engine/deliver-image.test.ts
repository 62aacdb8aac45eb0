// Images that are loaded into a real engine: all names point at what was recorded, and move with it.
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {createImageLibrary} from '../../source/daemon/image-library.ts';
import {aHome, aLayeredImage, filesOf} from '../daemon-images/an-image-home.ts';
import {type EngineHost, openEngineHost} from './engine-host.ts';

let host: EngineHost;
beforeAll(async () => {
  host = await openEngineHost();
}, 300_000);
afterAll(() => host.close(), 60_000);

describe.each(['docker', 'podman'])('%s', (kind) => {
  test('has the image under all its names, then the next, then the one before', async () => {
    const found = host.engines.find(({engine}) => engine.kind === kind);
    if (!found) throw new Error(`no ${kind}: ${host.obstacles.join('; ')}`);
    const {cli} = found;
    const paths = aHome();
    const library = createImageLibrary(paths, {engineCli: () => Promise.resolve(cli)});
    const layout = paths.image('default', 'web');
    const shared = filesOf({'/base': 'base'});
    const older = await aLayeredImage(layout, [shared, filesOf({'/app': 'older'})]);
    const newer = await aLayeredImage(layout, [shared, filesOf({'/app': 'newer'})]);
    const tags = [`deliver.test/${kind}/app`, `deliver.test/${kind}/app:b2`];
    const delivery = {target: 'engine', tags, runImage: 'deliver.test/base'} as const;
    for (const {digest, manifest} of [older, newer, older]) {
      await library.restore({namespace: 'default', image: 'web', tags, digest, delivery});
      for (const tag of tags) {
        const id = await cli.call(['image', 'inspect', '--format', '{{.Id}}', tag]);
        expect(`sha256:${id.trim().replace('sha256:', '')}`).toBe(manifest.config.digest);
      }
    }
  }, 120_000);
});

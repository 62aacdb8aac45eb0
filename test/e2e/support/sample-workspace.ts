// The demo's workspace without its story: the sample stacks, buildpacks, builders and apps in a home of the test's own.
import {connectToController} from '../../../source/client/connect.ts';
import type {TestHome} from './a-home.ts';

/** Prepares it in the controller that runs for the home (one is started when none does); gives the directory of the apps. */
export async function prepareWorkspace(home: TestHome): Promise<string> {
  await home.ok('controller', 'start');
  const client = await connectToController({home: home.path, version: 'test'});
  try {
    const {appsDirectory} = await client.send({kind: 'workspace.prepare'});
    if (appsDirectory === undefined) throw new Error('expected the workspace to name the directory of its apps');
    return appsDirectory;
  } finally {
    client.close();
  }
}

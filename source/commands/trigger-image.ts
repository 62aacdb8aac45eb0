// Asks for a build although nothing changed.
import type {Client} from '../client/client.ts';
import {findImage} from './lookup.ts';

/** The number the build will have. */
export async function triggerImage(client: Client, namespace: string, name: string): Promise<number> {
  const {buildCounter} = findImage(client.state.read(), namespace, name);
  const {buildNumber} = await client.send({kind: 'image.trigger', namespace, name});
  return buildNumber ?? buildCounter + 1;
}

// Where everything lies below the state directory.
import {join} from 'node:path';

/** The layout of a state directory; nobody else puts paths together. */
export function statePaths(home: string) {
  return {
    home,
    /** The pool: `blobs/sha256/<hex>`, hard-linked into each image layout. */
    pool: home,
    image: (namespace: string, name: string) => join(home, 'images', namespace, name),
    imagesRoot: join(home, 'images'),
    baseImage: (digest: string) => join(home, 'base-images', digest.replace('sha256:', '')),
    buildpack: (digest: string) => join(home, 'buildpacks', digest.replace('sha256:', '')),
    lifecycle: (digest: string) => join(home, 'lifecycles', digest.replace('sha256:', '')),
    cacheRoot: join(home, 'cache'),
    cache: (namespace: string, name: string) => join(home, 'cache', namespace, name),
    worksRoot: join(home, 'work'),
    work: (namespace: string, name: string, number: number, attempt: number) =>
      join(home, 'work', `${namespace}.${name}.${number}.${attempt}`),
    /** Images on their way in or out; whatever is in it when the controller starts is of no use to anybody. */
    incoming: join(home, 'incoming'),
    git: join(home, 'git'),
    demo: join(home, 'demo'),
    log: join(home, 'controller.log'),
  };
}

export type StatePaths = ReturnType<typeof statePaths>;

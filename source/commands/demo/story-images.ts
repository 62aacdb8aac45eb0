// The two images of the workshop's story.

export type StoryImage = {
  readonly name: string;
  /** The command line that creates it, given the directory of the sample apps. */
  readonly create: (apps: string) => readonly string[];
};

/** The app whose source changes: a git repository, so that its change is a commit. */
export const petclinic: StoryImage = {
  name: 'spring-petclinic',
  create: (apps) => [...createImage('spring-petclinic'), '--git', `${apps}/spring-petclinic`, '--git-revision', 'main'],
};

/** The app that is patched: built on the outdated stack, rebased onto the new one. */
export const webdb: StoryImage = {
  name: 'spring-webdb',
  create: (apps) => [...createImage('spring-webdb'), '--local-path', `${apps}/spring-webdb`],
};

export const storyImages: readonly StoryImage[] = [petclinic, webdb];

function createImage(name: string): readonly string[] {
  const tag = `slipway.local/demo/${name}`;
  return ['image', 'create', name, '--tag', tag, '--cluster-builder', 'demo-cluster-builder'];
}

// The images of the demo: the two of the workshop's story, and more for the dashboard.

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

/** What the dashboard of the demo shows: the story's two, three more to play with, one of which is broken on purpose. */
export const workspaceImages: readonly StoryImage[] = [
  petclinic,
  webdb,
  ...['orders-api', 'brochure', 'broken-app'].map(
    (name): StoryImage => ({name, create: (apps) => [...createImage(name), '--local-path', `${apps}/${name}`]}),
  ),
];

function createImage(name: string): readonly string[] {
  const tag = `slipway.local/demo/${name}`;
  return ['image', 'create', name, '--tag', tag, '--cluster-builder', 'demo-cluster-builder'];
}

// The two stacks of the demo: one outdated, one patched. They share id, distribution and version; only packages differ,
// so that moving from one to the other is a rebase.

export type DemoPackage = {readonly name: string; readonly version: string};

export type DemoStack = {
  readonly name: 'demo-stack' | 'default';
  /** The name people read for its run image. */
  readonly runImage: string;
  readonly buildImage: string;
  readonly packages: readonly DemoPackage[];
};

export const demoStackId = 'io.slipway.stacks.demo';
export const demoDistribution = {name: 'slipway-demo', version: '24.04'};

/** Outdated first: the one the workshop's image is built on, and the one it is patched to. */
export const demoStacks: readonly DemoStack[] = [
  {
    name: 'demo-stack',
    runImage: 'slipway.local/demo/run:24.04-20260301',
    buildImage: 'slipway.local/demo/build:24.04-20260301',
    packages: [
      {name: 'base-files', version: '13ubuntu10'},
      {name: 'bash', version: '5.2.21-2ubuntu4'},
      {name: 'ca-certificates', version: '20240203'},
      {name: 'libc6', version: '2.39-0ubuntu8.1'},
      {name: 'libssl3t64', version: '3.0.13-0ubuntu3'},
      {name: 'libstdc++6', version: '14-20240412-0ubuntu1'},
      {name: 'libtinfo6', version: '6.4+20240113-1ubuntu2'},
      {name: 'openssl', version: '3.0.13-0ubuntu3'},
      {name: 'tzdata', version: '2024a-2ubuntu1'},
      {name: 'zlib1g', version: '1:1.3.dfsg-3.1ubuntu2'},
    ],
  },
  {
    name: 'default',
    runImage: 'slipway.local/demo/run:24.04-20261115',
    buildImage: 'slipway.local/demo/build:24.04-20261115',
    packages: [
      {name: 'base-files', version: '13ubuntu10'},
      {name: 'bash', version: '5.2.21-2ubuntu4'},
      {name: 'ca-certificates', version: '20260601~24.04.1'},
      {name: 'libc6', version: '2.39-0ubuntu8.7'},
      {name: 'libssl3t64', version: '3.0.13-0ubuntu3.9'},
      {name: 'libstdc++6', version: '14.2.0-4ubuntu2~24.04.1'},
      {name: 'libtinfo6', version: '6.4+20240113-1ubuntu2.1'},
      {name: 'openssl', version: '3.0.13-0ubuntu3.9'},
      {name: 'tzdata', version: '2026b-0ubuntu0.24.04.1'},
      {name: 'zlib1g', version: '1:1.3.dfsg-3.1ubuntu2.1'},
    ],
  },
];

/** os-release(5) of the demo's distribution. */
export function osRelease(): string {
  const {name, version} = demoDistribution;
  return `NAME="Slipway Demo Linux"\nID=${name}\nVERSION_ID="${version}"\nPRETTY_NAME="Slipway Demo Linux ${version}"\n`;
}

/** The package database as dpkg keeps it (`/var/lib/dpkg/status`). */
export function dpkgStatus(packages: readonly DemoPackage[], architecture: string): string {
  return packages
    .map(
      ({name, version}) =>
        `Package: ${name}\nStatus: install ok installed\nPriority: required\nSection: base\nMaintainer: Slipway demo\nArchitecture: ${architecture}\nVersion: ${version}\nDescription: ${name} of the demo's base image\n`,
    )
    .join('\n');
}

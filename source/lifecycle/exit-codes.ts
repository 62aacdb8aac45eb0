/** The exit codes of the lifecycle: spec/platform.md "Outputs", upstream's platform/exit.go and cmd/exit.go. */

export const exitCodes = {
  success: 0,
  failed: 1,
  unknownFlag: 2,
  invalidArgs: 3,
  incompatiblePlatformApi: 11,
  incompatibleBuildpackApi: 12,
  failedDetect: 20,
  failedDetectWithErrors: 21,
  detectError: 22,
  analyzeError: 32,
  restoreError: 42,
  failedBuildWithErrors: 51,
  buildError: 52,
  exportError: 62,
  rebaseError: 72,
  launchError: 82,
  generateError: 92,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

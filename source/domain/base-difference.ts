// What differs between two run images: what a patch of a stack brings, and what it does not.

/** The package managers whose packages are known, by the package's format. */
export type PackageKind = 'deb' | 'apk' | 'rpm';

/** One installed package of the operating system. An rpm's version is `[epoch:]version-release`. */
export type OsPackage = {
  readonly kind: PackageKind;
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
};

/** One package in two versions. `direction` follows the package manager's own order; `same` are two spellings of one version. */
export type PackageChange = {
  readonly kind: PackageKind;
  readonly name: string;
  readonly architecture?: string;
  readonly old: string;
  readonly new: string;
  readonly direction: 'up' | 'down' | 'same';
};

/** A named value before and after; absent where it was or is not set. */
export type ValueChange = {readonly name: string; readonly old?: string; readonly new?: string};

/** Packages, each list by name, or why nothing can be said about them. */
export type PackagesDifference =
  | {
      readonly kind: 'known';
      readonly added: readonly OsPackage[];
      readonly removed: readonly OsPackage[];
      readonly changed: readonly PackageChange[];
      readonly unchanged: number;
    }
  | {readonly kind: 'unknown'; readonly why: string};

/** One finding of a vulnerability scanner about one package. */
export type Finding = {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'unknown';
  readonly fixedIn?: string;
};

/** What a scanner found in the old image only, in both, and in the new one only. Most severe first. */
export type FindingsDifference = {
  readonly scanner: string;
  readonly fixed: readonly Finding[];
  readonly remaining: readonly Finding[];
  readonly introduced: readonly Finding[];
};

/** One side of the difference. `size` is the bytes of its layers as stored, `sources` says what its packages were read from. */
export type ComparedImage = {
  readonly digest: string;
  readonly name?: string;
  readonly created?: string;
  readonly size: number;
  readonly sources: readonly string[];
};

/** The difference between two run images, old to new. `notes` are for people: what was not readable, what a rebase does not bring. */
export type BaseDifference = {
  readonly from: ComparedImage;
  readonly to: ComparedImage;
  readonly packages: PackagesDifference;
  readonly osRelease: readonly ValueChange[];
  /** Bytes that the new image's layers are larger. */
  readonly sizeDelta: number;
  /** `USER`, `WORKDIR`, `ENTRYPOINT` and `CMD`: an app that is rebased keeps the old ones. */
  readonly config: readonly ValueChange[];
  /** Environment variables: an app that is rebased keeps the old ones. */
  readonly env: readonly ValueChange[];
  /** Labels; `rebased` are those that a rebase brings along. */
  readonly labels: readonly (ValueChange & {readonly rebased: boolean})[];
  /** Absent when no scanner is installed or none gave an answer: then nothing is claimed. */
  readonly findings?: FindingsDifference;
  readonly notes: readonly string[];
};

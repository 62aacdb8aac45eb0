/** report.toml: what was exported (spec/platform.md#reporttoml-toml). */
import {OrderedTable} from './toml-encode.ts';
import {writeTomlFile} from './write-file.ts';

export type ExportReport = {
  readonly tags: readonly string[];
  /** Absent for upstream's own layouts, which report none. */
  readonly digest?: string;
  readonly manifestSize: number;
};

/** Writes report.toml. */
export async function writeReport(path: string, report: ExportReport): Promise<void> {
  const image = new OrderedTable([
    ['tags', report.tags],
    ['digest', report.digest],
    ['manifest-size', BigInt(report.manifestSize)],
  ]);
  await writeTomlFile(path, new OrderedTable([['image', image]]));
}

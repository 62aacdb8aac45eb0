/** report.toml: what was exported (spec/platform.md#reporttoml-toml). */
import {type BomEntry, bomTable} from './bill-of-materials.ts';
import {OrderedTable} from './toml-encode.ts';
import {writeTomlFile} from './write-file.ts';

export type ExportReport = {
  /** What buildpacks wrote into build.toml (Platform API below 0.9). */
  readonly bom?: readonly BomEntry[];
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
  const bom = (report.bom ?? []).map(bomTable);
  const build = bom.length === 0 ? undefined : new OrderedTable([['bom', bom]]);
  await writeTomlFile(
    path,
    new OrderedTable([
      ['build', build],
      ['image', image],
    ]),
  );
}

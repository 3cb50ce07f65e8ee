// The shape of one real oddity of a trace, and how it is read: a folder of files through the agent's own index.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WireNumber } from "../../../../core/model/number";
import { Home } from "../../../../remote-agent/disk/home";
import { episodePage } from "../../../../remote-agent/index/episodeQuery";
import { rolloutPage } from "../../../../remote-agent/index/rolloutQuery";
import { readSeries } from "../../../../remote-agent/index/seriesQuery";
import { Target } from "../../../../remote-agent/index/target";
import { tempFolder } from "../../../support/tempFolder";

export interface Oddity {
  /** Which page and section states it: `rlvr A2.1` is formats/rlvr-openbrowser.md, `gui 3.1` formats/gui-and-trainers.md. */
  section: string;
  says: string;
  files: Readonly<Record<string, string>>;
  expected: Partial<Seen>;
}

export interface Seen {
  /** Which reader took each file; a file that nobody takes is not listed. */
  readers: Record<string, string>;
  /** By canonical name: `step: value`. */
  series: Record<string, string>;
  /** Every curve there is, also where several files hold one of the same name. */
  curves: string[];
  /** Each group: its step or version, samples, mean reward, prompt id. */
  rollouts: string[];
  /** Each episode: label, id, steps, how many types and clicks were right. */
  episodes: string[];
  /** Each table: `label metric=value (n)`. */
  evals: string[];
  /** `path:line code`, as often as it was seen. None unless the case says so. */
  diagnostics: string[];
}

export const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join("");
/** Objects as Python's json.dumps writes them, NaN and all. */
export const jsonl = (...all: object[]): string => lines(...all.map((each) => JSON.stringify(each)));

const word = (value: WireNumber): string => (value === null ? "none" : String(value));

export async function readOddity(files: Oddity["files"]): Promise<Seen> {
  const folder = tempFolder("oddity");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const target = Target.open(folder, new Home(tempFolder("home")));
  try {
    await target.index.readOnce(true);
    const { index } = target;
    const curves = readSeries(target, { names: [], points: 1e6 }).map(({ name, steps, values }) => ({
      name,
      text: steps.map((step, i) => `${word(step)}: ${word(values[i] ?? null)}`).join(", "),
    }));
    const groups = await rolloutPage(target, { offset: 0, limit: 100, sort: "newest" });
    const episodes = await episodePage(target, 0, 100);
    return {
      readers: Object.fromEntries(index.sources.map(({ path, reader }) => [path, reader.id])),
      series: Object.fromEntries(curves.toReversed().map(({ name, text }) => [name, text])),
      curves: curves.map(({ name, text }) => `${name} ${text}`),
      rollouts: groups.rows
        .map((row) => [row.step ?? row.version, row.samples, row.rewardMean, row.promptId].map(String).join(" · "))
        .reverse(),
      episodes: episodes.rows.map((row) =>
        [row.label || "-", row.episodeId, row.steps, row.typeMatches, row.clickHits].map(String).join(" · "),
      ),
      evals: index
        .evaluations()
        .flatMap(({ label, metrics }) =>
          metrics.map(({ name, value, n }) => `${label || "-"} ${name}=${word(value)} (${word(n)})`),
        ),
      diagnostics: index
        .diagnostics()
        .map(({ path, line, code, count }) => `${path}:${word(line)} ${code}${count > 1 ? ` x${String(count)}` : ""}`),
    };
  } finally {
    target.dispose();
  }
}

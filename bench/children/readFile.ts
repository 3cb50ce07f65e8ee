// Reads one file through the agent's index, nothing saved before, and prints what it cost. A process of its own, as an agent is.
import { Home } from "../../remote-agent/disk/home";
import { Target } from "../../remote-agent/index/target";
import { now } from "../stats";

export interface ReadFacts {
  ms: number;
  reader: string;
  points: number;
  records: number;
  diagnostics: string[];
  peakMegabytes: number;
}

async function main(): Promise<void> {
  const [file = "", home = ""] = process.argv.slice(2);
  const target = Target.open(file, new Home(home));
  const began = now();
  await target.index.readOnce(true);
  const ms = now() - began;
  const { index } = target;
  const facts: ReadFacts = {
    ms,
    reader: index.sources.map((source) => source.reader.id).join(),
    points: index.series().reduce((sum, series) => sum + series.columns.values.length, 0),
    records: index.rolloutCount() + index.sources.reduce((sum, source) => sum + source.records.episodes.size, 0),
    diagnostics: index.diagnostics().map((problem) => `${problem.code}: ${problem.message}`),
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(facts));
  target.dispose();
}

void main();

// Every trace format, one line each, alphabetical; and which of them a file is.
import type { SourceSample, TraceReader } from "./reader";
import { csvMetrics } from "./readers/csvMetrics";
import { doceditCases } from "./readers/doceditCases";
import { doceditSummary } from "./readers/doceditSummary";
import { gelabDataset } from "./readers/gelabDataset";
import { gelabInteractive } from "./readers/gelabInteractive";
import { gelabPages } from "./readers/gelabPages";
import { gelabPredictionList } from "./readers/gelabPredictionList";
import { gelabPredictions } from "./readers/gelabPredictions";
import { gelabScores } from "./readers/gelabScores";
import { gelabSummary } from "./readers/gelabSummary";
import { hfStdout } from "./readers/hfStdout";
import { hfTrainerState } from "./readers/hfTrainerState";
import { lmEvalResults } from "./readers/lmEvalResults";
import { lmEvalSamples } from "./readers/lmEvalSamples";
import { mind2web } from "./readers/mind2web";
import { openadaptBenchmark } from "./readers/openadaptBenchmark";
import { openadaptDemoPrompt } from "./readers/openadaptDemoPrompt";
import { openadaptEpisode } from "./readers/openadaptEpisode";
import { openadaptEval } from "./readers/openadaptEval";
import { openadaptLog } from "./readers/openadaptLog";
import { openadaptPredictions } from "./readers/openadaptPredictions";
import { openadaptSamples } from "./readers/openadaptSamples";
import { openadaptTraining } from "./readers/openadaptTraining";
import { openadaptTrainingConfig } from "./readers/openadaptTrainingConfig";
import { openbrowserBenchmark } from "./readers/openbrowserBenchmark";
import { openbrowserData } from "./readers/openbrowserData";
import { openbrowserLog } from "./readers/openbrowserLog";
import { openbrowserResults } from "./readers/openbrowserResults";
import { openbrowserVideoEval } from "./readers/openbrowserVideoEval";
import { plainJsonl } from "./readers/plainJsonl";
import { primeRlEpisodes } from "./readers/primeRlEpisodes";
import { primeRlLog } from "./readers/primeRlLog";
import { rlvrCurves } from "./readers/rlvrCurves";
import { rlvrEval } from "./readers/rlvrEval";
import { rlvrEvalHistory } from "./readers/rlvrEvalHistory";
import { rlvrEvalSamples } from "./readers/rlvrEvalSamples";
import { rlvrLog } from "./readers/rlvrLog";
import { rlvrRollouts } from "./readers/rlvrRollouts";
import { rlvrRun } from "./readers/rlvrRun";
import { rlvrSamples } from "./readers/rlvrSamples";
import { rlvrSftData } from "./readers/rlvrSftData";
import { rlvrTrace } from "./readers/rlvrTrace";
import { rolloutRows } from "./readers/rolloutRows";
import { swiftCompletions } from "./readers/swiftCompletions";
import { swiftLogging } from "./readers/swiftLogging";
import { tensorboard } from "./readers/tensorboard";
import { torchtuneLog } from "./readers/torchtuneLog";
import { trlCompletions } from "./readers/trlCompletions";
import { verlConsole } from "./readers/verlConsole";
import { wandbLog } from "./readers/wandbLog";
import { wandbSummary } from "./readers/wandbSummary";
import { wandbTable } from "./readers/wandbTable";
import { webarena } from "./readers/webarena";

export const readers: readonly TraceReader[] = [
  csvMetrics,
  doceditCases,
  doceditSummary,
  gelabDataset,
  gelabInteractive,
  gelabPages,
  gelabPredictionList,
  gelabPredictions,
  gelabScores,
  gelabSummary,
  hfStdout,
  hfTrainerState,
  lmEvalResults,
  lmEvalSamples,
  mind2web,
  openadaptBenchmark,
  openadaptDemoPrompt,
  openadaptEpisode,
  openadaptEval,
  openadaptLog,
  openadaptPredictions,
  openadaptSamples,
  openadaptTraining,
  openadaptTrainingConfig,
  openbrowserBenchmark,
  openbrowserData,
  openbrowserLog,
  openbrowserResults,
  openbrowserVideoEval,
  plainJsonl,
  primeRlEpisodes,
  primeRlLog,
  rlvrCurves,
  rlvrEval,
  rlvrEvalHistory,
  rlvrEvalSamples,
  rlvrLog,
  rlvrRollouts,
  rlvrRun,
  rlvrSamples,
  rlvrSftData,
  rlvrTrace,
  rolloutRows,
  swiftCompletions,
  swiftLogging,
  tensorboard,
  torchtuneLog,
  trlCompletions,
  verlConsole,
  wandbLog,
  wandbSummary,
  wandbTable,
  webarena,
];

export function readerById(id: string): TraceReader | null {
  return readers.find((reader) => reader.id === id) ?? null;
}

export interface Detected {
  reader: TraceReader;
  confidence: number;
}

/** A guess among numbers is no reason to read a log from the middle of which it was made. */
const SURE = 0.8;

/**
 * The reader that is surest of this file; null where none knows it by its content. What stands before the first metric of a log may
 * be longer than all that is looked at, so its end is looked at too: that much again and no more.
 */
export function detectReader(sample: SourceSample): Detected | null {
  const best = surest(sample);
  const { path, size, tail } = sample;
  if (best || tail === undefined || !/\.(log|txt|out)$/i.test(path)) return best;
  const behind = surest({ path, size, head: tail.slice(tail.indexOf("\n") + 1) });
  return behind && behind.confidence >= SURE && behind.reader.input === "lines" ? behind : null;
}

function surest(sample: SourceSample): Detected | null {
  let best: Detected | null = null;
  for (const reader of readers) {
    const confidence = reader.detect(sample);
    // 0.2 is all that a name can give, and a name alone opens nothing.
    if (confidence > 0.2 && confidence > (best?.confidence ?? 0)) best = { reader, confidence };
  }
  return best;
}

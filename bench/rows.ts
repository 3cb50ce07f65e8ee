// Every benchmark, in the order they run and are printed.
import type { Row } from "./row";
import { activation } from "./rows/activation";
import { anyRollout, anyRolloutOfMany } from "./rows/anyRollout";
import { bulkRead } from "./rows/bulkRead";
import { connect } from "./rows/connect";
import { firstCurve } from "./rows/firstCurve";
import { firstCurveAgain } from "./rows/firstCurveAgain";
import { idleAgent } from "./rows/idleAgent";
import { install } from "./rows/install";
import { latency } from "./rows/latency";
import { launch } from "./rows/launch";
import { lineToChart } from "./rows/lineToChart";
import { lineToHost } from "./rows/lineToHost";
import { manyRuns } from "./rows/manyRuns";
import { memory } from "./rows/memory";
import { panZoom } from "./rows/panZoom";
import { readerRows } from "./rows/readers";
import { upload } from "./rows/upload";
import { vsixSize } from "./rows/vsixSize";

export const rows: readonly Row[] = [
  firstCurve,
  firstCurveAgain,
  lineToHost,
  lineToChart,
  panZoom,
  anyRollout,
  anyRolloutOfMany,
  connect,
  install,
  launch,
  upload,
  idleAgent,
  latency,
  bulkRead,
  memory,
  manyRuns,
  activation,
  vsixSize,
  ...readerRows,
];

// The clock of a box, in a test's hands: libfaketime under the agent, the supervisor and the training.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFaketime } from "../../scripts/system";
import { tempFolder } from "../support/tempFolder";

export interface BoxClock {
  /** Lines of sh before every command on the box. */
  login: string[];
  /** Seconds from the true time, for every process of the box from the next second on. */
  move(seconds: number): void;
}

export const needsFaketime = (): string | null => (findFaketime() ? null : "it needs libfaketime");

export function boxClock(): BoxClock {
  const file = join(tempFolder("clock"), "offset");
  const move = (seconds: number): void => writeFileSync(file, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  move(0);
  return {
    move,
    login: [
      // A clock that is set does not move the steady one, nor what the disk says of its files.
      "export FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 FAKETIME_CACHE_DURATION=1",
      `export FAKETIME_TIMESTAMP_FILE='${file}' LD_PRELOAD='${findFaketime() ?? ""}'`,
    ],
  };
}

// Faults of the box's clock, moved under the agent, the supervisor and the training by libfaketime.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFaketime } from "../../../scripts/system";
import { tempFolder } from "../../support/tempFolder";
import { timed, type Fault, type Finding } from "../fault";
import { Reader } from "../reader";
import { statusWords } from "../words";
import { World } from "../world";
import { followed } from "./processes";

interface Clock {
  login: string[];
  /** Seconds from the true time, for every process of the box from the next second on. */
  move(seconds: number): void;
}

function boxClock(): Clock {
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

async function setBack(): Promise<Finding> {
  const clock = boxClock();
  const { world, training, reader } = await followed({}, await World.make({ login: clock.login }));
  clock.move(-3600);
  const at = training.steps();
  // Every process looks at the new clock within a second.
  const found = await timed(() => reader.step > at + 60 && statusWords(reader));
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world) };
}

async function closedForAnHour(): Promise<Finding> {
  const clock = boxClock();
  const { world, window, training } = await followed({}, await World.make({ login: clock.login }));
  await window.close();
  clock.move(3600);
  const at = training.steps();
  await training.reaches(at + 80);
  const again = await world.connected();
  const reader = new Reader(again, training);
  const found = await timed(() => reader.state === "running" && reader.step > at && statusWords(reader));
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world) };
}

const missing = (): string | null => (findFaketime() ? null : "it needs libfaketime");

export const clockFaults: readonly Fault[] = [
  { name: "clock set back by an hour", run: setBack, missing },
  { name: "editor window closed for an hour (clock moved)", run: closedForAnHour, missing },
];

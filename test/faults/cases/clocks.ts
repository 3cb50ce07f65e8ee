// Faults of the box's clock, moved under the agent, the supervisor and the training by libfaketime.
import { boxClock, needsFaketime } from "../boxClock";
import { timed, type Fault, type Finding } from "../fault";
import { Reader } from "../reader";
import { statusWords } from "../words";
import { World } from "../world";
import { followed } from "./processes";

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

export const clockFaults: readonly Fault[] = [
  { name: "clock set back by an hour", run: setBack, missing: needsFaketime },
  { name: "editor window closed for an hour (clock moved)", run: closedForAnHour, missing: needsFaketime },
];

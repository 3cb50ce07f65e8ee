// Faults of the link: cut at every stage of a run's way to the box, stalled, and an sshd that goes and comes.
import { runs } from "../../../core/protocol/runs";
import { eventually } from "../../support/eventually";
import { timed, type Fault, type Finding } from "../fault";
import { Reader } from "../reader";
import { goesOn } from "../words";
import { World, type Way, type Window } from "../world";
import { Workspace } from "../workspace";

const linkOf = (window: Window): string => window.session.link.status.state;

const linkWords = (window: Window): string => {
  const { state, message } = window.session.link.status;
  return `link ${state}${message ? `: ${message}` : ""}`;
};

/** A run that nobody disturbs any more, to its end, and what it left. */
async function finished(world: World, window: Window, found: { shown: string; seconds: number }): Promise<Finding> {
  const training = await world.launched(window, { steps: 40, everyMs: 5 });
  const reader = new Reader(window, training);
  await eventually(() => {
    if (reader.state !== "succeeded") throw new Error(`the run is ${reader.state}`);
  }, 30_000);
  return { ...found, account: await reader.account(world) };
}

function cutWhile(doing: string, bytes: number, way: "up" | "down"): (transport: Way) => Promise<Finding> {
  return async (transport) => {
    const world = await World.make({ way: transport });
    const window = world.window();
    const cut = world.cable.cutAfter(bytes, way);
    const first = window.session.link.peer().then(
      () => null,
      (error: Error) => error.message,
    );
    await cut;
    const found = await timed(() => linkOf(window) === "failed" && linkWords(window));
    if ((await first) === null) throw new Error(`the link was cut while ${doing}, and the window says it is connected`);
    world.cable.mend();
    window.session.link.retry();
    await window.session.link.peer();
    return finished(world, window, found);
  };
}

async function cutWhileUploading(transport: Way): Promise<Finding> {
  const world = await World.make({ way: transport });
  const window = await world.connected();
  const workspace = new Workspace(world, 4_000_000);
  const cut = world.cable.cutAfter(2_000_000, "up");
  const refused = workspace.launch(window).then(
    () => null,
    (error: Error) => error.message,
  );
  await cut;
  const found = await timed(() => linkOf(window) !== "connected" && linkWords(window));
  if ((await refused) === null) throw new Error("an upload over a cut link claims to be done");
  world.cable.mend();
  const training = await workspace.launch(window);
  const reader = new Reader(window, training);
  await eventually(() => {
    if (reader.state !== "succeeded") throw new Error(`the run is ${reader.state}`);
  }, 30_000);
  return { ...found, account: await reader.account(world) };
}

async function cutWhileLaunching(transport: Way): Promise<Finding> {
  const world = await World.make({ way: transport });
  const window = await world.connected();
  const training = world.training({ steps: 60, everyMs: 10 });
  const peer = await window.session.link.peer();
  // Cut as the answer is on its way: the box has begun, and the window does not know.
  const cut = world.cable.cutAfter(1, "down");
  const refused = peer.request(runs.launch, training.spec).then(
    () => null,
    (error: Error) => error.message,
  );
  await cut;
  const found = await timed(() => linkOf(window) !== "connected" && linkWords(window));
  if ((await refused) === null) throw new Error("a launch over a cut link was answered");
  world.cable.mend();
  const again = await (await window.session.link.peer()).request(runs.launch, training.spec);
  if (again.outcome !== "started") throw new Error(JSON.stringify(again));
  const reader = new Reader(window, training);
  await eventually(() => {
    if (reader.state !== "succeeded") throw new Error(`the run is ${reader.state}`);
  }, 30_000);
  // Started twice, it would have written each step twice.
  return { ...found, account: await reader.account(world) };
}

async function followedOver(
  transport: Way,
  fault: (world: World) => Promise<void> | void,
  mend: (world: World) => Promise<void> | void,
  awayMs: number,
): Promise<Finding> {
  const world = await World.make({ way: transport });
  const window = await world.connected();
  // Long away at a slower pace: a curve of more than 2,000 points is thinned, and no hole could be told in it.
  const training = await world.launched(window, { everyMs: awayMs > 10_000 ? 50 : 25 });
  const reader = new Reader(window, training);
  await timed(() => reader.step >= 10 && "10");
  await fault(world);
  const found = await timed(() => linkOf(window) !== "connected" && linkWords(window));
  const seen = reader.step;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, awayMs - found.seconds * 1000)));
  await mend(world);
  window.session.link.retry();
  await timed(() => linkOf(window) === "connected" && reader.step > seen && "on");
  await goesOn(training, reader);
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world) };
}

const cutWhileFollowing = (transport: Way): Promise<Finding> =>
  followedOver(
    transport,
    (world) => world.cable.cut(),
    (world) => world.cable.mend(),
    3000,
  );

const stalled = (transport: Way): Promise<Finding> =>
  followedOver(
    transport,
    (world) => world.cable.stall(),
    (world) => world.cable.mend(),
    60_000,
  );

const restartedSshd = (transport: Way): Promise<Finding> =>
  followedOver(
    transport,
    async (world) => {
      await world.sshd.reload();
      world.sshd.dropConnections();
    },
    () => undefined,
    0,
  );

const both = (name: string, run: (way: Way) => Promise<Finding>, quick = false): Fault[] =>
  (["ssh2", "openssh"] as const).map((way) => ({
    name: `${name} (${way})`,
    run: () => run(way),
    quick: quick && way === "ssh2",
  }));

export const linkFaults: readonly Fault[] = [
  ...both("link cut while connecting", cutWhile("connecting", 600, "down")),
  ...both("link cut while installing", cutWhile("installing", 100_000, "up")),
  ...both("link cut while uploading", cutWhileUploading),
  ...both("link cut while launching", cutWhileLaunching),
  ...both("link cut while following", cutWhileFollowing, true),
  ...both("link stalled for 60 s", stalled),
  ...both("sshd restarted", restartedSshd),
];

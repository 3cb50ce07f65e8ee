// How an agent reads what models wrote: frames by evidence, by the prompt and by hand, on pictures whose size it measures itself;
// and texts to learn that would never be understood. Through the protocol and the command line, on real files.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import type { Episode } from "../../core/model/episode";
import { episodes } from "../../core/protocol/episodes";
import { rollouts } from "../../core/protocol/rollouts";
import { runs } from "../../core/protocol/runs";
import { startAgent } from "../support/agentProcess";
import { tempFolder } from "../support/tempFolder";

const places = [
  { x: 0.3, y: 0.5 },
  { x: 0.45, y: 0.6 },
  { x: 0.2, y: 0.25 },
];

interface Shop {
  width: number;
  height: number;
  /** What the model writes to click a place given in fractions. */
  write: (place: { x: number; y: number }) => string;
  prompt?: string;
}

/** A recorded evaluation of three clicks, each with its box, on pictures of this size. */
function shop({ width, height, write, prompt = "Open the till" }: Shop): string {
  const folder = tempFolder("shop");
  mkdirSync(join(folder, "shots"));
  writeFileSync(join(folder, "shots", "till.png"), PNG.sync.write(new PNG({ width, height })));
  const lines = places.map((place, step_index) => ({
    episode_id: "episode_0000_till",
    step_index,
    goal: "Open the till",
    user_prompt: prompt,
    image: "shots/till.png",
    model_output_raw: write(place),
    ground_truth_action: {
      type: "click",
      ...place,
      bbox: [place.x - 0.04, place.y - 0.04, place.x + 0.04, place.y + 0.04],
    },
    correct_type: true,
  }));
  writeFileSync(join(folder, "samples_ft.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return folder;
}

async function episodeOf(folder: string) {
  const { peer } = await startAgent(tempFolder("home"));
  const [row] = (await peer.request(episodes.page, { target: folder, offset: 0, limit: 1 })).rows;
  return (choice: { frame?: "unit" | "n1000" | "model_px_32"; dialect?: string } = {}): Promise<Episode> =>
    peer.request(episodes.read, { target: folder, id: row?.id ?? "", ...choice });
}

const tars = ({ x, y }: { x: number; y: number }): string =>
  `Thought: the till\nAction: click(start_box='(${Math.round(x)},${Math.round(y)})')`;

describe("episodes", () => {
  it("takes the frame in which the points fall into their boxes, and says so", async () => {
    const write = ({ x, y }: { x: number; y: number }): string => tars({ x: x * 1600, y: y * 900 });
    const { reading, steps } = await (await episodeOf(shop({ width: 1600, height: 900, write })))();
    expect(reading.dialect).toEqual({ id: "ui-tars", title: "UI-TARS", own: false });
    expect(reading.frame).toEqual({
      frame: "px",
      how: "detected",
      why: "3 of 3 points fall into their boxes, as n1000 0 of 3",
    });
    expect(steps.map((step) => step.verdict)).toEqual(["hit", "hit", "hit"]);
    expect(steps[0]?.sizes).toEqual({
      px: { width: 1600, height: 900 },
      canvas: { width: 1179, height: 2556 },
      model_px: { width: 1596, height: 896 },
    });
  });

  it("lets a person set frame and dialect, and judges by that", async () => {
    const write = ({ x, y }: { x: number; y: number }): string => tars({ x: x * 1000, y: y * 1000 });
    const read = await episodeOf(shop({ width: 1600, height: 900, write }));
    const found = await read();
    expect(found.reading.frame).toMatchObject({ frame: "n1000", how: "assumed" });
    expect(found.steps.map((step) => step.verdict)).toEqual(["hit", "hit", "hit"]);
    const resized = await read({ frame: "model_px_32" });
    expect(resized.reading.frame).toMatchObject({ frame: "model_px", how: "set" });
    expect(resized.steps[0]?.sizes.model_px).toEqual({ width: 1600, height: 896 });
    expect(resized.steps[0]?.parsed?.actions[0]).toMatchObject({ x: 300, y: 500, frame: "model_px" });
    expect(resized.steps.map((step) => step.verdict)).toEqual(["miss", "miss", "miss"]);
    const other = await read({ dialect: "openadapt" });
    expect(other.reading).toMatchObject({ chosen: true, dialect: { id: "openadapt" }, why: "set by hand" });
    expect(other.steps.map((step) => step.verdict)).toEqual(["unparsed", "unparsed", "unparsed"]);
    expect((await read({ dialect: "klingon" })).reading).toMatchObject({
      dialect: null,
      why: 'there is no dialect "klingon" here',
    });
  });

  it("believes a prompt that declares another screen than the picture's", async () => {
    const write = ({ x, y }: { x: number; y: number }): string => {
      const call = { name: "computer_use", arguments: { action: "left_click", coordinate: [x * 900, y * 600] } };
      return `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`;
    };
    const prompt = "The screen's resolution is 900x600. Open the till";
    const { reading, steps } = await (await episodeOf(shop({ width: 1800, height: 1200, write, prompt })))();
    expect(reading.frame).toMatchObject({ frame: "canvas", how: "detected" });
    expect(steps[0]?.sizes.canvas).toEqual({ width: 900, height: 600 });
    expect(steps.map((step) => step.verdict)).toEqual(["hit", "hit", "hit"]);
  });

  it("names the nearest dialects where none fits", async () => {
    const written = ["CLICK(x=0.3, y=0.5)", "the till", "no idea"];
    const write = ({ x }: { x: number }): string => written[places.findIndex((place) => place.x === x)] ?? "";
    const { reading } = await (await episodeOf(shop({ width: 800, height: 600, write })))();
    expect(reading).toMatchObject({ dialect: null, frame: null, why: "no dialect fits; nearest: OpenAdapt 33 %" });
    expect(reading.dialects.map(({ id }) => id)).toContain("ui-tars");
  });
});

describe("rollouts", () => {
  it("are read in the frame that their prompt declares, or that a person sets", async () => {
    const folder = tempFolder("rollouts");
    writeFileSync(
      join(folder, "rollouts.jsonl"),
      `${JSON.stringify({
        step: 1,
        prompt: "Coordinates are in [0, 1000]. Open the till.",
        completions: [
          '<tool_call>{"name":"computer_use","arguments":{"action":"left_click","coordinate":[300,500]}}</tool_call>',
        ],
        rewards: [1],
      })}\n`,
    );
    const { peer } = await startAgent(tempFolder("home"));
    const page = await peer.request(rollouts.page, { target: folder, offset: 0, limit: 1, sort: "newest" });
    const id = page.rows[0]?.id ?? "";
    const group = await peer.request(rollouts.read, { target: folder, id });
    expect(group.reading.frame).toMatchObject({ frame: "n1000", how: "detected" });
    expect(group.samples[0]?.parsed?.actions[0]).toMatchObject({ kind: "click", x: 300, frame: "n1000" });
    const set = await peer.request(rollouts.read, { target: folder, id, frame: "px" });
    expect(set.samples[0]?.parsed?.actions[0]).toMatchObject({ x: 300, frame: "px" });
  });
});

describe("texts to learn", () => {
  it("reports set-of-marks steps whose text no parser reads as meant, in the file's problems and at the step", async () => {
    const folder = tempFolder("marks");
    const observation = { screenshot_path: "till.png" };
    const raw = { element_index: 2 };
    const step = (step_index: number, action: object): object => ({ step_index, observation, action });
    const click = { type: "click", normalized_coordinates: [0.5, 0.5], raw };
    const repaired = { ...click, element: { element_id: "2" } };
    const typed = { type: "type", text: 'a "b"', raw };
    const episode = {
      episode_id: "episode_0000_till",
      instruction: "Open the till",
      steps: [step(0, click), step(1, repaired), step(2, typed), step(3, { type: "done" })],
    };
    writeFileSync(join(folder, "episode_0000_till.json"), JSON.stringify(episode));
    const { peer } = await startAgent(tempFolder("home"));
    const [row] = (await peer.request(episodes.page, { target: folder, offset: 0, limit: 1 })).rows;
    const { steps } = await peer.request(episodes.read, { target: folder, id: row?.id ?? "" });
    expect(steps.map(({ target }) => target?.text)).toEqual([
      "ACTION(type=click)",
      "CLICK([2])",
      'TYPE("a \\"b\\"")',
      undefined,
    ]);
    expect(steps[0]?.target?.why).toMatch(/reads fail where click was meant.*no parser accepts it/);
    expect(steps[1]?.target?.why).toBeNull();
    expect(steps[2]?.target?.why).toMatch(/reads another element where type was meant/);
    const { diagnostics } = await peer.request(runs.watch, { target: folder });
    expect(diagnostics).toContainEqual({
      code: "unreadable-target",
      severity: "error",
      message: expect.stringMatching(/^the text to learn "ACTION\(type=click\)" will not be read as meant/) as string,
      path: "episode_0000_till.json",
      line: null,
      count: 2,
    });
  });
});

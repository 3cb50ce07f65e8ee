// @vitest-environment happy-dom
// The run view with data, without a browser: what is shown, what is asked, and that hostile text stays text.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RunState } from "../../core/model/runState";
import { hostile, makeRollouts, makeState, target } from "./harness/data";
import { all, button, mount, one, settle, textOf, type Mounted } from "./harness/mount";

let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.dispose();
  mounted = null;
  expect((window as { pwned?: unknown }).pwned).toBeUndefined();
});

const begin = async (...args: Parameters<typeof mount>): Promise<Mounted> => (mounted = await mount(...args));
const status = (patch: Partial<NonNullable<RunState["status"]>>): RunState => {
  const state = makeState(12);
  return { ...state, status: state.status && { ...state.status, ...patch } };
};

describe("header and tabs", () => {
  it("says state, progress and box", async () => {
    const { element } = await begin({ state: makeState(120) });
    const words = textOf(one(element, "rs-header"));
    expect(words).toContain("Running");
    expect(words).toContain("step 120/500 · reward 0.612 · 19 min left");
    expect(words).toContain("gpu-box-1");
  });

  it("shows the GPUs that a run was given: how busy while it lives, how many after", async () => {
    const { element } = await begin({ state: status({ gpus: ["GPU-2"] }) });
    await settle();
    expect(textOf(one(element, "rs-gpus"))).toBe("GPU 2 · 50 % · 40/80 GB");
    mounted?.dispose();
    const ended = await begin({ state: status({ state: "succeeded", gpus: ["GPU-1", "GPU-2"] }) });
    await settle();
    expect(textOf(one(ended.element, "rs-gpus"))).toBe("2 GPUs");
  });

  it("says a queued run's place and what it waits for", async () => {
    const reason = "Place 2 in the queue for 4 GPUs: 1 before it.";
    const { element } = await begin({
      state: status({ state: "queued", reason, queue: { place: 2, waitsFor: "4 GPUs" } }),
    });
    const words = textOf(one(element, "rs-header"));
    expect(words).toContain("Queued");
    expect(words).toContain(reason);
    expect(words).toContain("Stop");
  });

  it("does not call a run that exited 0 without its output a success", async () => {
    const { element } = await begin({ state: status({ state: "succeeded", but: "it wrote no trace.jsonl" }) });
    const words = textOf(one(element, "rs-header"));
    expect(words).toContain("Finished, but");
    expect(words).toContain("it wrote no trace.jsonl");
    expect(words).not.toContain("Stop");
  });

  it("gives the exit code and the reason of a failure", async () => {
    const { element } = await begin({
      state: status({ state: "failed", exitCode: 127, reason: "python3 was not found on the box" }),
    });
    expect(textOf(one(element, "rs-header"))).toContain("exit code 127: python3 was not found on the box");
  });

  it("says a signal once, where the reason names it", async () => {
    const reason = "The training was ended by SIGKILL, which Runside did not send.";
    const { element } = await begin({ state: status({ state: "failed", signal: "SIGKILL", reason }) });
    expect(textOf(one(element, "rs-header")).match(/SIGKILL/g)).toHaveLength(1);
  });

  it("says of a copy whose it was and since when, and offers nothing that only its box can do", async () => {
    const state = {
      ...status({ state: "failed", exitCode: 1 }),
      kept: { box: "pear", keptAt: "2026-02-03T10:00:00Z" },
    };
    const { element } = await begin({ state });
    expect(textOf(one(element, "rs-header"))).toMatch(/kept from pear, .*2026/);
    const offered = all(element, "vscode-button").map((each) => each.textContent?.trim());
    expect(offered).not.toContain("Restart");
    expect(offered).not.toContain("Run again");
    expect(offered).toContain("Log");
  });

  it("opens on the log where a run failed before its first curve, and stays where one goes from there", async () => {
    const state = { ...status({ state: "failed", exitCode: 1 }), series: new Map(), logSize: 400 };
    const { element } = await begin({ state });
    await settle();
    expect(all(element, "rs-log")).toHaveLength(1);
    one(element, '[data-tab="curves"]').click();
    await settle();
    expect(all(element, "rs-curves")).toHaveLength(1);
  });

  it("disables a tab without data and says why", async () => {
    const state = { ...makeState(3), counts: { rollouts: 0, episodes: 0, evals: 0, checkpoints: 0 }, evals: [] };
    const { element } = await begin({ state });
    const tab = one(element, '[data-tab="rollouts"]');
    expect(tab.getAttribute("aria-disabled")).toBe("true");
    expect(tab.title).toBe("No rollouts yet");
    tab.click();
    await settle();
    expect(all(element, "rs-rollouts")).toHaveLength(0);
  });

  it("builds only the part that is looked at", async () => {
    const { element, script } = await begin();
    expect(all(element, "rs-curve")).toHaveLength(20);
    expect(script.asked.map((a) => a.method)).toEqual(["view/ready", "runs/watch"]);
  });

  it("sends wishes to the host and keeps the target for a reload", async () => {
    const { element, script, saved } = await begin();
    button(element, "Stop").click();
    await settle();
    expect(script.asked.map((a) => a.method)).toContain("view/stop");
    expect(saved().target).toBe(target);
  });

  it("offers a restart for a run that ended badly, and for no other", async () => {
    for (const state of ["running", "succeeded", "lost", "failed", "cancelled"] as const) {
      const { element, script } = await begin({ state: status({ state, reason: "Lost: the box restarted." }) });
      const offered = all(element, "vscode-button").filter((one) => one.textContent?.trim() === "Restart");
      expect([state, offered.length]).toEqual([state, ["lost", "failed", "cancelled"].includes(state) ? 1 : 0]);
      offered[0]?.click();
      await settle();
      expect(script.asked.some((a) => a.method === "view/restart")).toBe(offered.length === 1);
      mounted?.dispose();
    }
  });

  it("offers to stop what outlived a run, and no restart before it is gone", async () => {
    const left = [{ pid: 4711, name: "ray::worker" }];
    const { element } = await begin({ state: status({ state: "failed", exitCode: 1, left }) });
    const words = textOf(one(element, "rs-header"));
    expect(words).toMatch(/Failed.*Left running: ray::worker \(4711\)\. Stop ends them\./);
    const buttons = all(element, "vscode-button").map((button) => button.textContent?.trim());
    expect(buttons).toContain("Stop");
    expect(buttons).not.toContain("Restart");
  });

  it("shows what a stop has sent and what it waits for", async () => {
    const left = [{ pid: 4711, name: "ray::worker" }];
    const stopping = { signal: "SIGTERM", until: "2026-11-20T10:16:00.000Z", left };
    const { element } = await begin({ state: status({ sent: ["SIGINT", "SIGTERM"], stopping }) });
    const words = textOf(one(element, "rs-header"));
    expect(words).toContain("Stopping");
    expect(words).toMatch(/Sent so far: SIGINT, SIGTERM; left until .*: ray::worker \(4711\)/);
  });

  it("counts what could not be read, with its place", async () => {
    const { element } = await begin();
    const words = textOf(one(element, "rs-diagnostics"));
    expect(words).toContain("4 things could not be read in 2 files");
    expect(words).toContain("out/trace.jsonl:88");
  });
});

describe("curves", () => {
  it("puts reward first and keeps raw names, last values and non-finite counts visible", async () => {
    const { element } = await begin();
    const cards = all(element, "rs-curve").map(textOf);
    expect(cards.map((c) => c.split(" ")[0]).slice(0, 5)).toEqual(["reward", "loss", "kl", "entropy", "grad_norm"]);
    expect(cards[0]).toContain("reward_all");
    expect(cards[4]).toContain("3 NaN, 1 infinite, first at 41");
  });

  it("moves by the keyboard, says value and step, and opens the step's rollouts", async () => {
    const { element, saved } = await begin();
    const card = one(element, "rs-curve");
    const plot = one(card, ".plot");
    const press = (key: string): boolean => plot.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    press("End");
    await settle();
    press("ArrowLeft");
    await settle();
    expect(textOf(one(card, "[aria-live]"))).toMatch(/^step 149, reward 0\.\d+$/);
    press("Enter");
    await settle();
    expect(saved()).toMatchObject({ tab: "rollouts", step: 149 });
    expect(textOf(one(element, "rs-rollouts"))).toContain("step 149");
    expect(all(element, "rs-rollout-list [role=option], [role=option]")).toHaveLength(4);
  });

  it("comes closer by the keyboard, in all charts at once, and asks for the points that were left out there", async () => {
    const whole = makeState();
    const key = "out/trace.jsonl#reward_all";
    const held = whole.series.get(key);
    if (!held) throw new Error("there is no such curve");
    const series = new Map(whole.series).set(key, { ...held, total: 1_000_000 });
    const { element, script } = await begin({
      state: { ...whole, series },
      finer: (_key, from, to) => {
        const steps = Array.from({ length: 400 }, (_, n) => from + ((to - from) * n) / 400);
        return { ...held, total: 1_000_000, steps, values: steps.map(() => 0.125) };
      },
    });
    const card = one(element, "rs-curve");
    const press = (name: string): boolean =>
      one(card, ".plot").dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
    press("+");
    await settle();
    expect(textOf(one(element, "rs-curves .bar"))).toContain("step 38 to 113: show all");
    await vi.waitFor(() => expect(script.asked.filter(({ method }) => method === "series/read")).toHaveLength(1));
    const [question] = script.asked.filter(({ method }) => method === "series/read");
    // As much again on either side, and only curves of which there is more.
    expect(question?.params).toMatchObject({ names: [key], from: -36.25, to: 187.25 });
    await vi.waitFor(() => {
      press("Home");
      expect(textOf(one(card, ".value"))).toContain("0.125");
    });
    // Moving a little asks nothing.
    press("PageDown");
    await settle();
    expect(textOf(one(element, "rs-curves .bar"))).toContain("step 76 to 150: show all");
    press("0");
    await settle();
    expect(textOf(one(element, "rs-curves .bar"))).not.toContain("show all");
    expect(script.asked.filter(({ method }) => method === "series/read")).toHaveLength(1);
  });

  it("has a table for every curve and a summary for every picture", async () => {
    const { element } = await begin();
    const card = one(element, "rs-curve");
    expect(one(card, "canvas").getAttribute("aria-label")).toMatch(
      /^Curve of reward, step from 1 to 150; lowest .* highest .*; last /,
    );
    one(card, '[aria-label="Show reward as a table"]').click();
    await settle();
    expect(textOf(one(card, "rs-curve-table"))).toContain("150");
  });

  it("filters by name and hides by choice", async () => {
    const { element } = await begin({}, { curveFilter: "loss", hidden: ["out/trace.jsonl#policy_loss"] });
    expect(all(element, "rs-curve").map((c) => textOf(one(c, "h3")))).toEqual(["loss"]);
  });
});

describe("rollouts", () => {
  it("shows a group's samples with the parsed span marked and hostile text as text", async () => {
    const { element } = await begin({}, { tab: "rollouts", step: 99, rollout: "0:99000" });
    const group = one(element, "rs-rollout");
    expect(all(group, "mark").map((m) => m.textContent)).toContainEqual(expect.stringMatching(/^CLICK\(x=/));
    expect(textOf(group)).toContain(hostile);
    expect(textOf(group)).toContain("⟨U+202E⟩reversed");
    expect(textOf(group)).toContain("no action was understood");
    expect(all(group, "img").filter((i) => !i.getAttribute("src")?.startsWith("blob:"))).toHaveLength(0);
    expect(all(group, "script")).toHaveLength(0);
  });

  it("says what a step means where the format has versions", async () => {
    const state: RunState = {
      ...makeState(20),
      rolloutAxis: { by: "version", first: 0, last: 19, source: "traces/rollouts.jsonl" },
    };
    const rollouts = makeRollouts(20).map((r) => ({ ...r, header: { ...r.header, step: null } }));
    const { element, script } = await begin({ state, rollouts }, { tab: "rollouts", step: 12 });
    expect(script.asked.find((a) => a.method === "rollouts/page")?.params).toMatchObject({ where: "version = 11" });
    expect(textOf(element)).toContain(
      "This format has no step: rollouts of version 11 were generated by the weights before step 12.",
    );
  });

  it("leads to the nearest step that has rollouts", async () => {
    const rollouts = makeRollouts(30).filter((r) => (r.header.step ?? 0) % 10 === 0);
    const { element, saved } = await begin({ rollouts }, { tab: "rollouts", step: 12 });
    expect(textOf(element)).toContain("No rollouts at step 12");
    one(element, '[aria-label="Nearest later step with rollouts"]').click();
    await settle();
    expect(saved().step).toBe(20);
  });

  it("follows the host to a step", async () => {
    const { element, showStep } = await begin();
    showStep(7);
    await settle();
    expect(textOf(one(element, "rs-rollouts"))).toContain("step 7");
  });

  it("clips a line of ten megabytes", async () => {
    const rollouts = makeRollouts(1);
    rollouts[0]!.samples[0]!.text = "x".repeat(10_000_000);
    const { element } = await begin({ rollouts }, { tab: "rollouts", rollout: rollouts[0]!.header.id });
    await settle(200);
    const words = textOf(one(element, "rs-sample"));
    expect(words.length).toBeLessThan(5000);
    expect(words).toContain("Show all 10,000,000 characters");
  });

  it("says what failed, and tries again", async () => {
    const failing = new Map([["rollouts/page", "The box did not answer."]]);
    const { element } = await begin({ failing }, { tab: "rollouts" });
    expect(textOf(one(element, "rs-rollouts"))).toContain("The box did not answer.");
    failing.clear();
    button(one(element, "rs-rollouts"), "Try again").click();
    await settle();
    expect(all(element, "[role=option]").length).toBe(50);
  });
});

describe("episodes, evals, log, config", () => {
  it("draws both marks in different shapes and says the verdict in words", async () => {
    const { element } = await begin({}, { tab: "episodes", episode: "0:0" });
    expect(textOf(one(element, "rs-episode"))).toContain("miss, 32.0 % of the screen away, right of the box");
    expect(textOf(one(element, "rs-episode"))).toContain(hostile);
    const shot = one(element, ".stage rs-screenshot");
    const image = one<HTMLImageElement>(shot, "img");
    Object.defineProperties(image, { naturalWidth: { value: 800 }, naturalHeight: { value: 600 } });
    image.dispatchEvent(new Event("load"));
    await settle();
    expect(all(shot, "path.expected, rect[class='expected box'], path.predicted")).toHaveLength(3);
  });

  it("shows what else a file says of a step and of its episode", async () => {
    const { element } = await begin({}, { tab: "episodes", episode: "0:1" });
    const shown = textOf(one(element, "rs-episode .facts"));
    expect(shown).toContain(`What else the file says of this step window_title Orchard ${hostile}`);
    expect(shown).toContain("What else it says of the episode agent_model cup-2b");
  });

  it("never shows a rate without its n, and null as n=0", async () => {
    const { element } = await begin({}, { tab: "evals" });
    const rows = all(element, "rs-evals tr, tbody tr").map(textOf);
    const success = rows.find((r) => r.startsWith("episode_success_rate")) ?? "";
    expect(success).toContain("n=32");
    expect(rows.find((r) => r.startsWith("mean_coord_error"))).toContain("lower is better – (n=0)");
    expect(rows.find((r) => r.startsWith("mean_coord_error"))).toMatch(/0\.0120 ≈ best/);
    expect(textOf(one(element, "thead"))).toMatch(/base.*sft.*grpo/);
  });

  it("says whether a number follows from its rows, and shows the parts of a set below each other", async () => {
    const { element } = await begin({}, { tab: "evals" });
    const rows = all(element, "rs-evals tbody tr").map(textOf);
    const success = rows.find((r) => r.startsWith("episode_success_rate")) ?? "";
    expect(success).toContain("✓ follows from the rows");
    expect(success).toContain("≠ 0.500 from the rows (n=32)");
    expect(textOf(one(element, "rs-evals caption"))).toContain("by level · computed from the rows");
    expect(rows.find((r) => r.startsWith("5 "))).toContain("n=40");
  });

  it("shows the files' own numbers where the rows cannot be read, with the reason", async () => {
    const failing = new Map([["evaluations/read", "The box did not answer."]]);
    const { element } = await begin({ failing }, { tab: "evals" });
    expect(textOf(one(element, "rs-evals"))).toContain("The box did not answer.");
    expect(all(element, "rs-evals tbody tr").map(textOf).join(" ")).toContain("episode_success_rate");
  });

  it("follows the log, drops escapes and loads what is earlier", async () => {
    const { element, script, emit } = await begin({}, { tab: "log" });
    expect(textOf(one(element, "rs-log-lines"))).toContain("step 899 reward");
    expect(textOf(one(element, "rs-log-lines"))).not.toContain("[32m");
    script.log += "a new line\n";
    emit({ from: "c1", to: "c2", logSize: script.log.length });
    await settle();
    expect(textOf(one(element, "rs-log-lines")).endsWith("a new line")).toBe(true);
    const before = all(element, ".line").length;
    all(element, "button.earlier")[0]?.click();
    await settle();
    expect(all(element, ".line").length).toBeGreaterThan(before);
  });

  it("begins the log anew where it was cut and has grown past its old end while nobody looked", async () => {
    const { element, script, emit } = await begin({}, { tab: "log" });
    expect(textOf(one(element, "rs-log-lines"))).toContain("step 899 reward");
    script.log = "another line\n".repeat(Math.ceil(script.log.length / 13) + 5);
    emit({ from: "c1", to: "c2", logSize: script.log.length });
    await settle();
    script.log += "the last\n";
    emit({ from: "c2", to: "c3", logSize: script.log.length });
    await settle();
    const words = textOf(one(element, "rs-log-lines"));
    expect(words).not.toContain("step 899 reward");
    expect(words.endsWith("the last")).toBe(true);
  });

  it("shows the config as it was run, the arguments apart, and no secret's value", async () => {
    const { element } = await begin({}, { tab: "config" });
    const words = textOf(one(element, "rs-config"));
    // First what runs are compared by, then the rest.
    expect(words).toMatch(/^\s*seed\s*3\s*learning rate\s*1e-5\s*beta\s*0\.02\s*group size\s*8/);
    expect(one(element, ".compared [title=learning_rate] dd").textContent).toBe("1e-5");
    expect(words).toContain("kl_coefficient: 0.02");
    expect(all(element, ".argv span").map((s) => s.textContent)).toContain("grpo.yaml");
    expect(words).toContain("HUB_TOKEN (secret, not recorded)");
    // What the setup did to the environment, and the setup itself apart from the command.
    expect(one(element, ".setup rs-text")).toHaveProperty("text", "conda activate pears");
    expect(all(element, ".argv span")[0]?.textContent).toBe("node");
    const made = textOf(one(element, ".made"));
    expect(made).toContain("CONDA_PREFIX /opt/conda/envs/pears");
    expect(made).toContain("/usr/bin (as in the attempt before; the setup gave another)");
    expect(made).toContain("PEAR_TOKEN (looks like a secret, not recorded)");
    expect(made).toContain("PYTHONHOME (removed)");
    expect(words).toContain("4be1c09 (with changes)");
  });
});

describe("notices", () => {
  it("is silent for a short wait, then says what it waits for", async () => {
    const notice = document.createElement("rs-notice");
    Object.assign(notice, { kind: "loading", text: "Reading the run's files…" });
    document.body.append(notice);
    await settle();
    expect(textOf(notice)).toBe("");
    await settle(320);
    expect(textOf(notice)).toBe("Reading the run's files…");
    notice.remove();
  });

  it("tells a run that cannot be watched from an empty one", async () => {
    const failing = new Map([["runs/watch", "There is no run here any more."]]);
    const { element } = await begin({ failing });
    expect(textOf(element)).toContain("There is no run here any more.");
    failing.clear();
    button(element, "Try again").click();
    await settle();
    expect(all(element, "rs-curve").length).toBe(20);
  });
});

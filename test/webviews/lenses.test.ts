// @vitest-environment happy-dom
// The lens view with data, without a browser: what is asked, what is said, and the way from a number to its rollouts.
import { afterEach, describe, expect, it } from "vitest";
import { hostile, makeSums } from "./harness/data";
import { all, button, mount, one, settle, textOf, type Mounted } from "./harness/mount";

let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.dispose();
  mounted = null;
  expect((window as { pwned?: unknown }).pwned).toBeUndefined();
});

const begin = async (...args: Parameters<typeof mount>): Promise<Mounted> => (mounted = await mount(...args));
const sums = makeSums(10, 4);
const asked = ({ script }: Mounted, method: string): Record<string, unknown>[] =>
  script.asked.filter((a) => a.method === method).map(({ params }) => params as Record<string, unknown>);

describe("all rollouts by lens", () => {
  it("lets the data choose the lenses, and says rates with n and interval", async () => {
    const view = await begin({ rollouts: sums }, { tab: "lenses" });
    expect(asked(view, "lenses/file")[0]).not.toHaveProperty("lenses");
    const rows = all(view.element, "rs-lens-tables tbody tr, table:first-of-type tbody tr").map(textOf);
    expect(rows[0]).toMatch(/^gsm8k-strict \d+\.\d % \d+\.\d %–\d+\.\d % 320 \d+ \d+$/);
    expect(rows.some((row) => row.startsWith("recorded reward above 0.5"))).toBe(true);
    expect(textOf(view.element)).toContain("references: numbers; these fit, from strict to lenient");
    expect(textOf(view.element)).toContain("320 samples of 40 rollouts");
    expect(view.saved().lenses ?? []).toEqual([]);
  });

  it("draws the gap and both shares, and leads from a step to its rollouts", async () => {
    const view = await begin({ rollouts: sums }, { tab: "lenses" });
    const cards = all(view.element, "rs-curve");
    expect(cards.map((card) => textOf(one(card, "h3")))).toEqual(["gap", "gsm8k-strict", "numeric"]);
    expect(all(view.element, '[aria-label^="Hide"]')).toHaveLength(0);
    one(cards[0] ?? view.element, '[aria-label="Show gap as a table"]').click();
    await settle();
    expect(all(view.element, "rs-curve-table tbody tr").length || all(cards[0]!, "tbody tr").length).toBe(10);
    const plot = one(cards[1] ?? view.element, ".plot");
    plot.dispatchEvent(new KeyboardEvent("keydown", { key: "Home", bubbles: true }));
    await settle();
    plot.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    await settle();
    expect(view.saved()).toMatchObject({ tab: "rollouts", step: 1 });
  });

  it("leads from a cell to the rollouts that disagree, each sample with its verdicts", async () => {
    const view = await begin({ rollouts: sums }, { tab: "lenses" });
    const cell = one(view.element, '[aria-label^="numeric passes and recorded reward does not:"]');
    expect(cell.getAttribute("aria-label")).toMatch(/: \d+ of 320 samples \(\d+ %\); they agree on \d+ %$/);
    cell.click();
    await settle();
    expect(view.saved().lensCell).toEqual({ pass: "numeric", not: "recorded" });
    expect(asked(view, "lenses/apart")[0]).toMatchObject({ pass: "numeric", not: "recorded" });
    const apart = one(view.element, "rs-lens-apart");
    expect(textOf(apart)).toMatch(/numeric passes, recorded reward does not \d+ samples; \d+ rollouts shown/);
    const options = all(apart, "[role=option]");
    options[1]?.click();
    await settle();
    const group = one(apart, "rs-rollout");
    const chips = all(group, "rs-verdicts button, button.chip").filter((chip) => chip.title.includes(":"));
    const unlike = chips.filter((chip) => chip.title.includes("unlike the recorded reward"));
    expect(unlike.length).toBeGreaterThan(0);
    expect(unlike.every((chip) => textOf(chip).includes("≠ reward"))).toBe(true);
    expect(textOf(group)).not.toContain("All rollouts by lens");
    one(view.element, '[aria-label^="numeric passes and recorded reward does not:"]').click();
    await settle();
    expect(all(view.element, "rs-lens-apart")).toHaveLength(0);
  });

  it("asks again while there is more, until somebody has enough", async () => {
    const view = await begin({ rollouts: sums, judgedAtOnce: 1 }, { tab: "lenses" });
    await settle();
    expect(asked(view, "lenses/file").length).toBeGreaterThan(1);
    for (let i = 0; i < 400 && !textOf(view.element).includes("320 samples of 40 rollouts"); i++) await settle(5);
    expect(textOf(view.element)).toContain("320 samples of 40 rollouts");
    expect(asked(view, "lenses/file")).toHaveLength(40);
    expect(() => button(view.element, "That is enough")).toThrow();
  });

  it("asks with what is chosen and set, and says what is wrong with it", async () => {
    const state = { tab: "lenses", lenses: ["regex", "exact"], lensOptions: { regex: { pattern: "(\\d+)" } } } as const;
    const view = await begin(
      { rollouts: sums },
      { ...state, lenses: [...state.lenses], lensMark: -1, lensWhere: "step > 2" },
    );
    expect(asked(view, "lenses/file")[0]).toMatchObject({
      lenses: ["regex", "exact"],
      options: { regex: { pattern: "(\\d+)" } },
      mark: -1,
      where: "step > 2",
    });
    expect(textOf(view.element)).toContain("exact fails 100 % of the samples.");
    expect(textOf(view.element)).toContain("The recorded reward passes 100 % of the samples.");
    view.script.failing.set("lenses/file", "the pattern cannot be read");
    view.element.saved = { ...view.element.saved, lensWhere: "" };
    await settle();
    expect(textOf(one(view.element, "rs-lenses"))).toContain("the pattern cannot be read");
    expect(button(view.element, "Try again")).toBeTruthy();
  });

  it("says that there is no reference, and offers what needs none", async () => {
    const view = await begin({}, { tab: "lenses" });
    expect(textOf(view.element)).toContain("These rollouts have no reference");
    const boxes = all(view.element, "vscode-checkbox");
    expect(boxes.slice(0, 3).map((box) => textOf(box).split(" ")[0])).toEqual(["json-valid", "regex", "xml-valid"]);
    expect(boxes.map((box) => box.hasAttribute("disabled"))).toEqual(boxes.map((_box, i) => i > 2));
  });
});

describe("one rollout by lens", () => {
  it("shows each verdict beside the reward, marks what was taken, and keeps hostile text text", async () => {
    const at = sums.findIndex((r) => r.samples.some((s) => s.text.includes(hostile)));
    const id = sums[at]?.header.id ?? "";
    const view = await begin({ rollouts: sums }, { tab: "rollouts", rollout: id });
    const group = one(view.element, "rs-rollout");
    expect(textOf(group)).toMatch(/Pass: gsm8k-strict \d\/8 · .*numeric \d\/8 · recorded reward \d\/8/);
    expect(textOf(group)).toContain(hostile);
    expect(all(group, "mark").map((m) => m.textContent)).toContain(String(sums[at]?.reference));
    const sample = all(group, "rs-sample")[0]!;
    const chips = all(sample, "rs-verdicts button, [role=group] button");
    expect(chips.map((chip) => chip.tabIndex)).toEqual(chips.map((_chip, i) => (i === 0 ? 0 : -1)));
    chips[chips.length - 1]?.dispatchEvent(new Event("pointerenter"));
    await settle();
    expect(all(sample, "mark.active")).toHaveLength(1);
    button(group, "All rollouts by lens").click();
    await settle();
    expect(view.saved().tab).toBe("lenses");
  });

  it("says nothing of lenses where there is no reference", async () => {
    const view = await begin({}, { tab: "rollouts", step: 99, rollout: "0:99000" });
    expect(all(view.element, "rs-verdicts")).toHaveLength(0);
    expect(textOf(one(view.element, "rs-rollout"))).not.toContain("Pass:");
  });
});

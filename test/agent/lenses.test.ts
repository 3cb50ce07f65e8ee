// Answers judged again by the built agent: the verb for lines, the verb for files, and the questions of a view.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { lenses as registry } from "../../core/lenses/registry";
import { lenses } from "../../core/protocol/lenses";
import { rollouts } from "../../core/protocol/rollouts";
import { startAgent } from "../support/agentProcess";
import { builtAgent, runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

/** Engine, 2 cores and neighbours: the formula below is stopped after 3 s. */
const patient = 60_000;

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** A group whose answers are right from the start and learn the form that is asked for: the first `step` of ten say the sentence. */
const pears = (step: number, at: number): string =>
  line({
    prompt_id: `pears_${at}`,
    prompt: `How many are ${at} pears and ${step} plums?`,
    completions: Array.from({ length: 10 }, (_, k) =>
      k < step ? `The answer is ${at + step}.` : `I count ${at + step} pieces`,
    ),
    rewards: Array.from({ length: 10 }, (_, k) => (k < step ? 1 : 0)),
    step,
    answer: String(at + step),
  });

function orchard(steps = 8, groups = 5): string {
  const folder = tempFolder("orchard");
  const text = Array.from({ length: steps * groups }, (_, i) => pears(1 + Math.floor(i / groups), i % groups)).join("");
  writeFileSync(join(folder, "rollouts.jsonl"), text);
  return folder;
}

describe("runside lens", () => {
  const judged = async (args: string[], rows: unknown[]): Promise<string[]> => {
    const { code, out, err } = await runside(tempFolder("home"), ["lens", ...args], rows.map(line).join(""));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return out
      .trimEnd()
      .split("\n")
      .map((text) => (JSON.parse(text) as { verdict: string }).verdict);
  };
  const row = (response: string, gold: unknown): object => ({ response, gold });
  const title = { func_name: "validate_title" };
  const constraint = { instruction_id_list: ["punctuation:no_comma"], kwargs: [{}] };

  /** What each rule passes, fails and has nothing to say of. */
  const rows: Record<string, [pass: object, fail: object, none: object]> = {
    "allenai-gsm8k": [row("so 12", "12"), row("so 12", "13"), row("so", "12")],
    "allenai-math": [row("\\boxed{3}", "3"), row("\\boxed{4}", "3"), row("\\boxed{3}", null)],
    "allenai-math-fixed": [row("\\boxed{-3}", "-3"), row("\\boxed{-3}", "3"), row("3", null)],
    "boxed-strict": [row("\\boxed{3}", "3"), row("\\boxed{3.0}", "3"), row("3", "3")],
    exact: [row(" pear ", "pear"), row("Pear", "pear"), row("", "pear")],
    "gsm8k-any": [row("It is 6", "6"), row("It is 5", "6"), row("It is", "6")],
    "gsm8k-flexible": [row("6 of them", "6"), row("6 or 7", "6"), row("some", "6")],
    "gsm8k-last-number": [row("1,234", "1234"), row("12", "1234"), row("", "1234")],
    "gsm8k-strict": [row("The answer is 6.", "6"), row("The answer is 5.", "6"), row("It is 6.", "6")],
    hendrycks: [row("\\boxed{1/2}", "\\boxed{\\frac12}"), row("\\boxed{1}", "\\boxed{2}"), row("1", "\\boxed{1}")],
    ifeval: [row("no comma here", constraint), row("one, two", constraint), row("a text", { other: 1 })],
    "json-valid": [row('{"a": 1}', null), row("{a: 1}", null), row("", null)],
    "latex-equal": [row("$\\frac{1}{2}$", "0.5"), row("$\\frac{1}{3}$", "0.5"), row("", "0.5")],
    minerva: [
      row("Final Answer: The final answer is $3$. I hope it is correct.", "3"),
      row("Final Answer: The final answer is $4$. I hope it is correct.", "3"),
      row("3", "3"),
    ],
    normalised: [row("The Pear.", "the pear"), row("plum", "pear"), row("...", "pear")],
    numeric: [row("about 1/2", 0.5), row("about 1/3", 0.5), row("about", 0.5)],
    regex: [row("pear 7", "pear (\\d)"), row("plum", "pear (\\d)"), row("plum", "(a+)+")],
    "xml-valid": [row("<a>1</a>", null), row("<a>1</b>", null), row("", null)],
  };

  it("has an example here for every rule", () => {
    expect(Object.keys(rows).sort()).toEqual(registry.map(({ id }) => id));
  });

  it.each(Object.entries(rows))("%s: passes, fails and finds nothing", { timeout: patient }, async (id, three) => {
    expect(await judged([id], three)).toEqual(["pass", "fail", "none"]);
  });

  it("takes options, and a constraint as an object, as its text and as a list", async () => {
    expect(await judged(["exact", "--opt", "ignore-case=yes"], [row("Pear", "pear")])).toEqual(["pass"]);
    expect(await judged(["numeric", "--opt", "tol=0.5"], [row("3.4", 3), row("3.6", 3)])).toEqual(["pass", "fail"]);
    const regex = ["regex", "--opt", "pattern=<a>(.*?)</a>", "--opt", "which=first"];
    expect(await judged(regex, [row("<a>1</a><a>2</a>", "1"), row("<a>2</a>", "1"), row("1", "1")])).toEqual([
      "pass",
      "fail",
      "none",
    ]);
    const said = [title, JSON.stringify(title)].map((gold) => row("<<Pears>>", gold));
    expect(await judged(["ifeval"], said)).toEqual(["pass", "pass"]);
    const list = [{ instruction_id: ["punctuation:no_comma"], kwargs: [null] }];
    expect(await judged(["ifeval"], [row("no comma", list)])).toEqual(["pass"]);
  });

  it("stops at a formula that does not end, and goes on with the next line", { timeout: patient }, async () => {
    const rows = [row(`$${endless}$`, "1 + x"), row("$\\frac{1}{2}$", "0.5")];
    expect(await judged(["latex-equal"], rows)).toEqual(["none", "pass"]);
  });

  it.each([
    [["nobody"], "there are: allenai-gsm8k"],
    [["exact", "--opt", "tolerance=1"], 'has no option "tolerance"'],
    [["numeric", "--opt", "tolerance=much"], '"much" is no tolerance'],
    [["regex", "--opt", "pattern=("], "cannot be read"],
    [["regex", "--opt", "pattern=(a+)+"], "forever"],
    [[], "Usage: runside lens LENS"],
  ])("%j is wrong usage", async (args, words) => {
    const outcome = await runside(tempFolder("home"), ["lens", ...args]);
    expect(outcome).toMatchObject({ code: 2, out: "" });
    expect(outcome.err).toContain(words);
  });
});

/** The engine reads a bar as the beginning or the end of an absolute value, and tries both for each of these. */
const endless = "(|x".repeat(12);

describe("runside lenses", () => {
  it("prints rates, agreement and the gap by step, and the same as JSON", async () => {
    const home = tempFolder("home");
    const folder = orchard();
    const { code, out, err } = await runside(home, ["lenses", folder, "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const found = JSON.parse(out) as Record<string, unknown> & { gaps: unknown[] };
    expect(found).toMatchObject({
      columns: ["gsm8k-strict", "gsm8k-flexible", "numeric", "recorded"],
      kinds: ["number"],
      suggested: true,
      mark: 0.5,
      rollouts: 40,
      looked: 40,
      samples: 400,
      withoutReference: 0,
      complete: true,
      gap: { strict: "gsm8k-strict", lenient: "numeric" },
    });
    expect(found.rates).toMatchObject([
      { column: "gsm8k-strict", pass: 180, fail: 0, none: 220, n: 400, rate: 0.45 },
      { column: "gsm8k-flexible", pass: 400 },
      { column: "numeric", pass: 400, low: expect.any(Number) as number, high: 1 },
      { column: "recorded", pass: 180, fail: 220 },
    ]);
    expect((found.pairs as object[])[2]).toMatchObject({
      a: "gsm8k-strict",
      b: "recorded",
      onlyA: 0,
      onlyB: 0,
      n: 400,
    });
    expect(found.gaps[0]).toEqual({ step: 1, n: 50, strict: 0.1, lenient: 1, gap: 0.9 });
    expect(found.gaps).toHaveLength(8);
    const text = (await runside(home, ["lenses", folder, "--where", "step > 6", "--gap", "recorded,numeric"])).out;
    expect(text).toMatch(/numeric +1 +0\.\d+\.\.1 +100 +0 +0/);
    expect(text).toMatch(/STEP +recorded +numeric +GAP +N\n +7 +0\.7000 +1 +0\.3000 +50/);
    expect(text).toContain("100 samples of 10 rollouts; recorded: a reward above 0.5000 is a pass");
  });

  it("takes lenses, their options and a mark for the reward", async () => {
    const home = tempFolder("home");
    const args = ["lenses", orchard(2), "--json", "--lens", "exact,regex", "--opt", "regex.pattern=(\\d+)"];
    const found = JSON.parse((await runside(home, [...args, "--opt", "after=is ", "--mark", "1"])).out) as {
      rates: object[];
    };
    expect(found.rates).toMatchObject([
      { column: "exact", pass: 0, fail: 15, none: 85 },
      { column: "regex", pass: 100 },
      { column: "recorded", pass: 0, fail: 100 },
    ]);
  });

  it("says so where there are no references, and offers what needs none", async () => {
    const home = tempFolder("home");
    const file = join(tempFolder("out"), "rollouts.jsonl");
    writeFileSync(
      file,
      line({ prompt_id: "a", prompt: "JSON!", completions: ['{"a":1}', "{"], rewards: [0, 0], version: 3 }),
    );
    const plain = await runside(home, ["lenses", file]);
    expect(plain.out).toContain("none of those looked at has a reference");
    const valid = JSON.parse((await runside(home, ["lenses", file, "--lens", "json-valid", "--json"])).out) as object;
    expect(valid).toMatchObject({
      kinds: ["none"],
      withoutReference: 1,
      rates: [
        { pass: 1, fail: 1, n: 2 },
        { column: "recorded", fail: 2 },
      ],
      gap: { strict: "json-valid", lenient: "recorded" },
      gaps: [{ step: 4, n: 2, gap: -0.5 }],
    });
  });

  it("reads constraints, several answers and a harness' solutions", async () => {
    const home = tempFolder("home");
    const folder = tempFolder("out");
    const sample = (doc: object, target: unknown, text: string): string =>
      line({
        doc_id: 1,
        doc,
        target,
        arguments: [["Q", {}]],
        resps: [[text]],
        filtered_resps: [text],
        filter: "none",
        metrics: ["acc"],
        acc: 0,
      });
    writeFileSync(join(folder, "samples_pears_2026.jsonl"), sample({}, "6 and 12.\n#### 18", "The answer is 18."));
    const constraint = { instruction_id_list: ["punctuation:no_comma"], kwargs: [{}] };
    writeFileSync(join(folder, "samples_rules_2026.jsonl"), sample(constraint, 0, "no comma"));
    const rows = ["pear", "quince", "plum"].map((output) =>
      line({ input: "A fruit?", output, score: 1, step: 2, gts: ["pear", "plum"] }),
    );
    writeFileSync(join(folder, "2.jsonl"), rows.join(""));
    const rate = async (path: string): Promise<object | undefined> => {
      const { out } = await runside(home, ["lenses", join(folder, path), "--json"]);
      return (JSON.parse(out) as { rates: object[] }).rates[0];
    };
    expect(await rate("samples_pears_2026.jsonl")).toMatchObject({ column: "gsm8k-strict", pass: 1, n: 1 });
    expect(await rate("samples_rules_2026.jsonl")).toMatchObject({ column: "ifeval", pass: 1, n: 1 });
    expect(await rate("2.jsonl")).toMatchObject({ column: "exact", pass: 2, fail: 1 });
  });

  it.each([
    [2, ["--lens", "nobody"]],
    [2, ["--lens", "exact", "--opt", "tolerance=1"]],
    [2, ["--opt", "tolerance=1"]],
    [2, ["--mark", "high"]],
    [2, ["--where", "colour = 3"]],
    [2, ["--gap", "exact,nobody"]],
    [2, ["--seconds", "0"]],
  ])("exits with %i for %j", async (code, args) => {
    const outcome = await runside(tempFolder("home"), ["lenses", orchard(1, 1), ...args]);
    expect(outcome).toMatchObject({ code, out: "" });
  });
});

describe("the questions of a view", () => {
  it("lists lenses with whether they need a reference", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const { lenses: list } = await peer.request(lenses.list, {});
    expect(list.map(({ id }) => id)).toEqual(registry.map(({ id }) => id));
    expect(list.filter((l) => l.reference !== "needed").map((l) => [l.id, l.reference])).toEqual([
      ["json-valid", "unused"],
      ["regex", "pattern"],
      ["xml-valid", "unused"],
    ]);
  });

  it("judges a group's samples, with what each rule took and where it stands", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const target = orchard(3, 2);
    const [header] = (await peer.request(rollouts.page, { target, offset: 0, limit: 1, sort: "oldest" })).rows;
    const group = await peer.request(lenses.group, { target, id: header?.id ?? "" });
    expect(group).toMatchObject({
      lenses: ["gsm8k-strict", "gsm8k-flexible", "numeric"],
      kinds: ["number"],
      suggested: true,
      mark: 0.5,
    });
    expect(group.samples.map(({ recorded }) => recorded)).toEqual(["pass", ...new Array<string>(9).fill("fail")]);
    expect(group.samples[1]?.judgements).toEqual([
      { verdict: "none", extracted: null, span: null, note: null },
      { verdict: "pass", extracted: "1", span: [8, 9], note: null },
      { verdict: "pass", extracted: "1", span: [8, 9], note: null },
    ]);
    const wrong = peer.request(lenses.group, { target, id: header?.id ?? "", lenses: ["nobody"] });
    await expect(wrong).rejects.toMatchObject({ code: "usage" });
  });

  it("answers in part at once, goes on when asked again, and takes in what the file grew by", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const target = orchard(10, 40);
    const ask = (seconds: number) => peer.request(lenses.file, { target, seconds });
    const first = await ask(0);
    expect(first).toMatchObject({ rollouts: 400, looked: 16, complete: false, more: true });
    // Spread over the run, not its beginning.
    expect(new Set(first.steps.map(({ step }) => step)).size).toBeGreaterThan(6);
    const second = await ask(0);
    expect(second.looked).toBe(32);
    const whole = await ask(20);
    expect(whole).toMatchObject({ looked: 400, complete: true, more: false, samples: 4000 });
    expect(whole.rates[0]).toMatchObject({ column: "gsm8k-strict", pass: 2200 });
    appendFileSync(join(target, "rollouts.jsonl"), pears(10, 1));
    const grown = await eventually(async () => {
      const now = await ask(20);
      expect(now.rollouts).toBe(401);
      return now;
    });
    expect(grown).toMatchObject({ looked: 401, samples: 4010 });
    // Another file in its place: nothing of the old one is left in the sums.
    writeFileSync(join(target, "rollouts.jsonl"), pears(2, 3));
    await eventually(async () => expect(await ask(20)).toMatchObject({ rollouts: 1, looked: 1, samples: 10 }));
  });

  it("leads to the groups on which two columns disagree", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const target = orchard(4, 3);
    const apart = await peer.request(lenses.apart, { target, seconds: 20, pass: "numeric", not: "recorded", limit: 5 });
    expect(apart.samples).toBe(12 * 10 - 3 * (1 + 2 + 3 + 4));
    expect(apart.rows).toHaveLength(5);
    for (const { header, samples } of apart.rows)
      expect(samples).toEqual(Array.from({ length: 10 }, (_, k) => k).slice(header.step ?? 0));
    const none = await peer.request(lenses.apart, {
      target,
      seconds: 20,
      pass: "gsm8k-strict",
      not: "numeric",
      limit: 5,
    });
    expect(none).toEqual({ samples: 0, rows: [] });
  });

  it("stops when nobody waits any more", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const target = orchard(10, 200);
    const { signal, abort } = ((c) => ({ signal: c.signal, abort: () => c.abort() }))(new AbortController());
    const asked = peer.request(lenses.file, { target, seconds: 20 }, signal);
    setTimeout(abort, 30);
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
    expect((await peer.request(lenses.file, { target, seconds: 0 })).complete).toBe(false);
  });

  it(
    "gives up a formula that does not end, says so, and keeps answering others meanwhile",
    { timeout: patient },
    async () => {
      const { peer } = await startAgent(tempFolder("home"));
      const target = tempFolder("out");
      mkdirSync(target, { recursive: true });
      const group = { prompt_id: "a", prompt: "?", step: 1, answer: "1 + x" };
      const completions = [`$${endless}$`, "$\\frac{1}{2}$"];
      writeFileSync(join(target, "rollouts.jsonl"), line({ ...group, completions, rewards: [0, 1] }));
      const { rows } = await peer.request(rollouts.page, { target, offset: 0, limit: 1, sort: "oldest" });
      const id = rows[0]?.id ?? "";
      let over = false;
      const asked = peer.request(lenses.group, { target, id, lenses: ["latex-equal", "boxed-strict"] });
      void asked.finally(() => (over = true));
      let answered = 0;
      while (!over) {
        await peer.request(rollouts.read, { target, id });
        answered++;
      }
      expect(answered).toBeGreaterThan(10);
      const { samples } = await asked;
      expect(samples[0]?.judgements[0]).toMatchObject({
        verdict: "none",
        note: expect.stringContaining("was stopped") as string,
      });
      expect(samples[1]?.judgements[0]?.verdict).toBe("fail");
    },
  );
});

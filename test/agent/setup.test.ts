// The user's setup text before a training: its environment arrives, the command's arguments stay exactly themselves, a failure tells.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { setupOf, withoutSetup, withSetup } from "../../core/model/setup";
import { runs } from "../../core/protocol/runs";
import { attemptFiles } from "../../remote-agent/disk/runFolder";
import { hostileNames } from "../security/names";
import { startAgent } from "../support/agentProcess";
import { runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { h100, h100s, recordedTools } from "../support/gpuTools";
import { attemptFolder, endRuns, inState, node, specOf, started, supervisorOf } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

const print = "console.log(JSON.stringify({ argv: process.argv.slice(1), pear: process.env.PEAR }))";

async function logOf(setup: string, command: string[], state: string): Promise<string> {
  const home = tempFolder("home");
  const { peer } = await startAgent(home);
  const { id } = await started(
    peer,
    home,
    specOf(tempFolder("place"), withSetup([command], { box: setup, recipe: "" })),
  );
  await inState(home, id, state, 20_000);
  return readFileSync(join(attemptFolder(home, id), "output.log"), "utf8");
}

it("gives the training the environment that it leaves, functions and quotes as written", async () => {
  const canary = join(tempFolder("canary"), "canary");
  const names = hostileNames(canary).filter((name) => !name.includes("{"));
  const setup = `pick() { export PEAR="$1 and '$(printf two)'"; }\npick 'one "ripe"'`;
  const log = await logOf(setup, node(print, "--", ...names), "succeeded");
  expect(JSON.parse(log.trim().split("\n").at(-1) ?? "")).toEqual({ argv: names, pear: `one "ripe" and 'two'` });
  expect(existsSync(canary)).toBe(false);
});

it("that fails ends the run with its code before the training starts, and the log has the line", async () => {
  const log = await logOf("false-program-of-nobody", node("console.log('trained')"), "failed");
  expect(log).toContain("The setup line failed with code 127: false-program-of-nobody");
  expect(log).not.toContain("trained");
});

it("is found again in what was launched, and blank text changes nothing", () => {
  const setup = { box: "module load cuda", recipe: "source .venv/bin/activate" };
  const given = withSetup([["python", "a.py"]], setup);
  expect(setupOf(given)).toEqual(setup);
  expect(withoutSetup(given[0] ?? []).command).toEqual(["python", "a.py"]);
  expect(withSetup([["python", "a.py"]], { box: "  \n", recipe: "" })).toEqual([["python", "a.py"]]);
  expect(setupOf([["bash", "-lc", "echo"]])).toEqual({ box: "", recipe: "" });
});

it("is read in a run's record that was written when only boxes had a text", async () => {
  const home = tempFolder("home");
  const { peer } = await startAgent(home);
  const script =
    'eval "$1" || { rc=$?; echo "The setup line failed with code $rc: $1" >&2; exit "$rc"; }; shift; exec "$@"';
  const command = node("console.log(process.env.PEAR, process.env.RUNSIDE_SETUP_FD); process.exit(3)", "last");
  const earlier = ["bash", "-lc", script, "runside-setup", "export PEAR=one", ...command];
  const { id } = await started(peer, home, specOf(tempFolder("place"), [earlier]));
  await inState(home, id, "failed", 20_000);
  expect(readFileSync(join(attemptFolder(home, id), "output.log"), "utf8")).toBe("one undefined\n");
  const { manifest } = await peer.request(runs.manifest, { target: id });
  const commands = manifest?.commands ?? [];
  expect(setupOf(commands)).toEqual({ box: "export PEAR=one", recipe: "" });
  expect(withoutSetup(commands[0] ?? []).command).toEqual(command);
  const { out } = await runside(home, ["show", id]);
  const shown = out.split("\n").filter((line) => /^(?:setup|command)/.test(line));
  expect(shown).toEqual(["setup         export PEAR=one", expect.stringMatching(/^command {7}\S+node -e .* last$/)]);
});

function workspace(files: Record<string, string>): string {
  const work = tempFolder("work");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  return work;
}

const recipe = (setup: string, command: readonly string[]): string =>
  JSON.stringify({
    recipes: [{ id: "pears", match: { files: ["pears.yaml"] }, cwd: "sub", setup, command }],
  });

describe("a recipe's setup", () => {
  const say = [process.execPath, "-e", "console.log('pear:', process.env.PEAR, process.argv[1])", "{out}"];

  it("runs after the box's own in the shell of the training, in its folder and as it is written", async () => {
    const home = tempFolder("home");
    atEnd(() => endRuns(home));
    // What looks like a placeholder or a value of the config is the shell's.
    const setup = 'source ./env.sh; workspace=two; export PEAR="$PEAR ${workspace} {config:lr}"';
    const work = workspace({
      "pears.yaml": "lr: 0.1\n",
      "sub/env.sh": 'export PEAR="$PEAR one"\n',
      ".runside/recipes.yaml": recipe(setup, say),
    });
    const dry = await runside(home, ["run", "pears.yaml", "--dry-run", "--setup", "export PEAR=zero"], "", work);
    const shown = dry.out.split("\n").filter((line) => /^(?:setup|command)/.test(line));
    expect(shown).toEqual([
      "setup         export PEAR=zero",
      `setup         ${setup}`,
      expect.stringMatching(/^command {7}\S+node -e /),
    ]);
    const { out, code } = await runside(home, ["run", "pears.yaml", "--wait", "--setup", "export PEAR=zero"], "", work);
    expect(code).toBe(0);
    const id = out.trim();
    const log = readFileSync(join(attemptFolder(home, id), "output.log"), "utf8");
    expect(log.trim()).toBe(`pear: zero one two {config:lr} ${join(attemptFolder(home, id), "out")}`);
    const { out: record } = await runside(home, ["show", id]);
    expect(record).toContain(`setup         ${setup}`.replace(/^setup +/, ""));
    expect(record).not.toContain("eval");
  });

  it("that fails ends the run with its code before the training, and its lines are in the log", async () => {
    const home = tempFolder("home");
    atEnd(() => endRuns(home));
    const setup = "echo looking; (echo not there >&2; exit 7)";
    const work = workspace({ "pears.yaml": "lr: 0.1\n", "sub/a": "", ".runside/recipes.yaml": recipe(setup, say) });
    const { out, err, code } = await runside(home, ["run", "pears.yaml", "--wait"], "", work);
    expect(code).toBe(1);
    expect(err).toContain("7");
    const log = readFileSync(join(attemptFolder(home, out.trim()), "output.log"), "utf8");
    expect(log).toBe(`looking\nnot there\nThe setup line failed with code 7: ${setup}\n`);
  });
});

describe("the environment that a setup leaves", () => {
  const TOKEN = "not-a-word-of-any-log";
  const setup = [
    'export PEAR="$(cat pear)" COPY="$TOKEN" OWN_API_KEY=abc LINK="https://me:secretpart@example.org" AT="$RUNSIDE_OUT"',
    "unset KIND",
    "not_exported=1",
    "PATH=/of/pears:$PATH",
  ].join("\n");
  const tell = node(
    `const { PEAR, COPY, KIND, AT, PATH, RUNSIDE_OUT, RUNSIDE_SETUP_FD } = process.env;
console.log(JSON.stringify({ PEAR, COPY, KIND, RUNSIDE_SETUP_FD, at: AT === RUNSIDE_OUT, path: PATH.split(":")[0] }));
console.log(require("node:fs").readdirSync("/proc/self/fd").length);
process.exit(3)`,
  );

  it("is recorded without its secrets, and a restart has it again where the setup now gives another", async () => {
    const home = tempFolder("home");
    const work = workspace({ pear: "one\n" });
    const { peer } = await startAgent(home);
    const env = { KIND: "grpo" };
    const plain = await started(peer, home, specOf(work, [tell], { env, secrets: { TOKEN } }));
    await inState(home, plain.id, "failed", 20_000);
    const spec = specOf(work, withSetup([tell, tell], { box: setup, recipe: "" }), { env, secrets: { TOKEN } });
    const { id } = await started(peer, home, spec);
    await inState(home, id, "failed", 20_000);
    const files = (attempt: number) => attemptFiles(join(home, "runs", id), attempt);
    const [said = "", descriptors] = readFileSync(files(1).log, "utf8").split("\n");
    expect(JSON.parse(said)).toEqual({ PEAR: "one", COPY: TOKEN, at: true, path: "/of/pears" });
    // The training inherits nothing of what the shell said this over.
    expect(descriptors).toBe(readFileSync(join(attemptFolder(home, plain.id), "output.log"), "utf8").split("\n")[1]);
    const { setup: first } = await peer.request(runs.manifest, { target: id });
    expect(first?.set).toMatchObject({ PEAR: "one", AT: files(1).out });
    expect(first?.set["PATH"]).toMatch(/^\/of\/pears:/);
    expect(first?.hidden).toEqual(["COPY", "LINK", "OWN_API_KEY"]);
    expect(first?.removed).toEqual(["KIND"]);
    expect((await peer.request(runs.manifest, { target: plain.id })).setup).toBeNull();
    const kept = readdirSync(join(home, "runs", id), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "output.log")
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(kept.length).toBeGreaterThan(5);
    for (const text of kept) expect(text).not.toContain(TOKEN);

    writeFileSync(join(work, "pear"), "two\n");
    await peer.request(runs.restart, { id, after: 1, secrets: { TOKEN: "another-word-of-none" } });
    await inState(home, id, "failed", 20_000);
    const again = JSON.parse(readFileSync(files(2).log, "utf8").split("\n")[0] ?? "") as Record<string, unknown>;
    expect(again).toEqual({ PEAR: "one", COPY: "another-word-of-none", at: true, path: "/of/pears" });
    const { setup: second } = await peer.request(runs.manifest, { target: id });
    expect(second).toMatchObject({ set: { PEAR: "one", AT: files(2).out }, kept: ["PEAR"], hidden: first?.hidden });
    const { out } = await runside(home, ["show", id]);
    expect(out).toContain("PEAR=one  (as before; the setup gave another)");
    expect(out).toContain("COPY  (looks like a secret, not recorded)");
  });

  it("names the GPUs and the folders of the attempt that runs, not those of the one before", async () => {
    const tools = recordedTools({ "nvidia-smi": h100s(2, [{ gpu: 0, pid: process.pid }]) });
    const home = tempFolder("home");
    const work = workspace({ pear: "one\n" });
    const { peer } = await startAgent(home);
    const names = ["PEAR", "MY_GPUS", "CKPT", "SEEN_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"];
    const box = [
      'export PEAR="$(cat pear)" MY_GPUS="gpus=${CUDA_VISIBLE_DEVICES#GPU-}" CKPT="${RUNSIDE_PREVIOUS_OUT-none}"',
      'export SEEN_VISIBLE_DEVICES="$(cat pear)"',
    ].join("\n");
    const command = node(`console.log(${JSON.stringify(names)}.map((n) => process.env[n]).join(" ")); process.exit(3)`);
    const spec = specOf(work, withSetup([command], { box, recipe: "" }), { gpus: { count: 1 } });
    const { id } = await started(peer, home, spec);
    await inState(home, id, "failed", 20_000);
    const files = (attempt: number) => attemptFiles(join(home, "runs", id), attempt);
    const log = (attempt: number): string => readFileSync(files(attempt).log, "utf8").trim();
    expect(log(1)).toBe(`one gpus=${h100(1).slice(4)} none one ${h100(1)}`);

    tools.set("nvidia-smi", h100s(2, [{ gpu: 1, pid: process.pid }]));
    writeFileSync(join(work, "pear"), "two\n");
    for (const attempt of [2, 3]) {
      await peer.request(runs.restart, { id, after: attempt - 1, secrets: {} });
      await eventually(() => expect(readFileSync(files(attempt).status, "utf8")).toContain('"failed"'), 20_000);
      expect(log(attempt)).toBe(`one gpus=${h100(0).slice(4)} ${files(attempt - 1).out} two ${h100(0)}`);
      const { setup } = await peer.request(runs.manifest, { target: id });
      expect(setup?.kept).toEqual(["PEAR"]);
      expect(setup?.set).toMatchObject({ PEAR: "one", CKPT: files(attempt - 1).out });
    }
  });

  it("is said to be as before only where the setup gave another, not where the box now has it by itself", async () => {
    const home = tempFolder("home");
    const work = workspace({});
    const box = 'export PEAR="${PEAR-one}"';
    const spec = specOf(work, withSetup([node("process.exit(3)")], { box, recipe: "" }));
    const first = await startAgent(home);
    const { id } = await started(first.peer, home, spec);
    await inState(home, id, "failed", 20_000);
    const environment = (attempt: number): string =>
      readFileSync(attemptFiles(join(home, "runs", id), attempt).environment, "utf8");
    expect(JSON.parse(environment(1))).toMatchObject({ set: { PEAR: "one" }, kept: [] });
    const login = await startAgent(home, { PEAR: "one" });
    await login.peer.request(runs.restart, { id, after: 1, secrets: {} });
    await eventually(() => expect(JSON.parse(environment(2))).toMatchObject({ set: { PEAR: "one" }, kept: [] }));
    await inState(home, id, "failed", 20_000);
    // And the attempt after it still knows.
    const changed = await startAgent(home, { PEAR: "two" });
    await changed.peer.request(runs.restart, { id, after: 2, secrets: {} });
    await eventually(() => expect(JSON.parse(environment(3))).toMatchObject({ set: { PEAR: "one" }, kept: ["PEAR"] }));
    await inState(home, id, "failed", 20_000);
  });

  it("is recorded without a secret that the setup itself fetched, also where another variable has a part made of it", async () => {
    const home = tempFolder("home");
    const SECRET = "ripe pears, unsaid";
    const work = workspace({ password: `${SECRET}\n` });
    const { peer } = await startAgent(home);
    const box = [
      'export DB_PASSWORD="$(cat password)"',
      'export DB_ARGS="-u me -p $DB_PASSWORD" LINES_OF="{\\"word\\":\\"$DB_PASSWORD\\"}" HERE="$PWD/data"',
      "export MYSQL_PWD=plum1 GH_PAT=plum2 SENTRY_DSN=plum3 SLACK_WEBHOOK_URL=plum4",
    ].join("\n");
    const command = node("console.log(process.env.DB_ARGS)");
    const { id } = await started(peer, home, specOf(work, withSetup([command], { box, recipe: "" })));
    await inState(home, id, "succeeded", 20_000);
    const files = attemptFiles(join(home, "runs", id), 1);
    expect(readFileSync(files.log, "utf8")).toBe(`-u me -p ${SECRET}\n`);
    const { setup } = await peer.request(runs.manifest, { target: id });
    const hidden = ["DB_ARGS", "DB_PASSWORD", "GH_PAT", "LINES_OF", "MYSQL_PWD", "SENTRY_DSN", "SLACK_WEBHOOK_URL"];
    expect(setup?.hidden).toEqual(hidden);
    expect(setup?.set["HERE"]).toMatch(/\/data$/);
    const record = readFileSync(files.environment, "utf8");
    for (const word of [SECRET, "plum"]) expect(record).not.toContain(word);
  });

  it("reaches the training also where the supervisor is killed while the setup runs", async () => {
    const home = tempFolder("home");
    const work = workspace({ pear: "one\n" });
    const { peer } = await startAgent(home);
    const waiting = 'touch begun; while [ ! -e go ]; do sleep 0.05; done; export PEAR="$(cat pear)"';
    const command = node("console.log(process.env.PEAR)");
    const { id } = await started(peer, home, specOf(work, withSetup([command], { box: waiting, recipe: "" })));
    await eventually(() => expect(existsSync(join(work, "begun"))).toBe(true));
    process.kill(supervisorOf(home, id) ?? 0, "SIGKILL");
    await inState(home, id, "unsupervised");
    writeFileSync(join(work, "go"), "");
    await inState(home, id, "succeeded", 20_000);
    expect(readFileSync(join(attemptFolder(home, id), "output.log"), "utf8")).toBe("one\n");
  });
});

describe("before a launch from the command line", () => {
  const offered = async (files: Record<string, string>, ...more: string[]): Promise<string | null> => {
    const home = tempFolder("home");
    const work = workspace({
      "conf/pears.yaml": "training:\n  lr: 0.1\n",
      "conf/train.py": "",
      ".git/none": "",
      ...files,
    });
    const { out } = await runside(home, ["run", "conf/pears.yaml", "--dry-run", "--json", ...more], "", work);
    expect(readdirSync(home)).toEqual([]);
    return (JSON.parse(out) as { offered: { setup: string } | null }).offered?.setup ?? null;
  };

  it("an environment of the project that the command would not use is offered, the nearest, and never taken", async () => {
    expect(await offered({})).toBeNull();
    const activate = { ".venv/bin/activate": "" };
    expect(await offered(activate)).toBe("source ../.venv/bin/activate");
    expect(await offered({ ...activate, "conf/.venv/bin/activate": "" })).toBe("source .venv/bin/activate");
    expect(await offered({ ...activate, "uv.lock": "" })).toBe(
      "uv sync --frozen --project ../. && source ../.venv/bin/activate",
    );
    expect(await offered({ "environment.yml": "name: pears\ndependencies: []\n" })).toBe(
      'eval "$(conda shell.bash hook)" && conda activate pears',
    );
    expect(await offered({ "environment.yml": "name: $(touch x)\n" })).toBeNull();
    expect(await offered(activate, "--setup", "module load python")).toBeNull();
  });

  it("a secret that its record would keep is a warning with its line, in the config and in the recipe", async () => {
    const home = tempFolder("home");
    atEnd(() => endRuns(home));
    const token = `hf_${"aB3dE5gH7j".repeat(4)}`;
    const work = workspace({
      "pears.yaml": `lr: 0.1\nhub_token: ${token}\n`,
      "sub/a": "",
      ".runside/recipes.yaml": recipe("true", [process.execPath, "-e", "", "{config:hub_token}"]),
    });
    const { err } = await runside(home, ["run", "pears.yaml", "--wait"], "", work);
    expect(err.trim()).toMatch(/^pears\.yaml:2: This looks like a Hugging Face token/);
    expect(err.trim().split("\n")).toHaveLength(1);
    const other = workspace({
      "pears.yaml": "lr: 0.1\n",
      ".runside/recipes.yaml": recipe(`export HF_TOKEN=${token}`, ["true"]),
    });
    const dry = await runside(home, ["run", "pears.yaml", "--dry-run"], "", other);
    expect(dry.out).toMatch(/warning +The recipe "pears": This looks like a Hugging Face token/);
  });
});

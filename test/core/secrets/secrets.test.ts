// Masking of known values, and what in a text looks like a secret. The values are made up here.
import { describe, expect, it } from "vitest";
import { findSecrets, withoutLookalikes } from "../../../core/secrets/detect";
import { maskOf, noMask } from "../../../core/secrets/mask";

const token = `hf_${"aB3dE6gH9".repeat(4)}`;

describe("a known value", () => {
  it("is stars wherever it stands, also as JSON and as a URL write it", () => {
    const odd = 'pear "core" & /stalk';
    const mask = maskOf([token, odd]);
    expect(mask.text(`login ${token}, again ${token}.`)).toBe("login ****, again ****.");
    expect(mask.text(JSON.stringify({ password: odd }))).toBe('{"password":"****"}');
    expect(mask.text(`https://host/?key=${encodeURIComponent(odd)}&x=1`)).toBe("https://host/?key=****&x=1");
  });

  it("of several lines is found line by line", () => {
    const mask = maskOf(["first-line-of-it\nsecond-line-of-it\nxy"]);
    expect(mask.text("INFO second-line-of-it xy")).toBe("INFO **** xy");
  });

  it("that is the beginning of another does not uncover the other's end", () => {
    expect(maskOf([token, `${token}-longer`]).text(`<${token}-longer>`)).toBe("<****>");
  });

  it("cut by the end of a piece of a log is covered on both sides", () => {
    const mask = maskOf([token]);
    for (let at = 8; at <= token.length - 8; at++) {
      expect(mask.text(`token ${token.slice(0, at)}`)).toBe("token ****");
      expect(mask.text(`${token.slice(at)} was used`)).toBe("**** was used");
    }
  });

  it("is found at any depth of an answer; what holds none stays the same object", () => {
    const mask = maskOf([token]);
    const answer = { a: [1, { b: `x${token}`, [token]: true }], n: [1, 2, "NaN", 3] };
    expect(mask.value(answer)).toEqual({ a: [1, { b: "x****", "****": true }], n: [1, 2, "NaN", 3] });
    const clean = { a: [1, { b: "x" }], text: "ordinary words that are long" };
    expect(mask.value(clean)).toBe(clean);
  });

  it("without any the mask changes nothing, and short values are no secrets", () => {
    expect(maskOf([])).toBe(noMask);
    expect(maskOf(["login"]).text("login login")).toBe("login login");
  });
});

describe("a secret in a config", () => {
  const what = (text: string): string[] => findSecrets(text).map((found) => found.what);

  it.each([
    ["Hugging Face token", `hub: { token: ${token} }`],
    ["API key", "openai: sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12"],
    ["AWS access key", "key: AKIAZ7Q2M4N6P8R0T1V3"],
    ["GitHub token", `url: ghp_${"a1B2c3".repeat(6)}`],
    ["W&B API key", `wandb: { api_key: "${"0a1b2c3d".repeat(5)}" }`],
    ["W&B API key", `WANDB_API_KEY=${"0a1b2c3d".repeat(5)}`],
    ["password in an address", "data: s3+https://ada:pears4me@host/bucket"],
    ["secret", "env: { ORCHARD_TOKEN: q8Zt5Lw2Nv9Rb4Xc }"],
    ["private key", "-----BEGIN OPENSSH PRIVATE KEY-----"],
  ])("%s is seen in %s", (name, line) => {
    expect(what(`a: 1\n${line}\n`)).toEqual([name]);
  });

  it.each([
    `commit: ${"0a1b2c3d".repeat(5)}`,
    "pad_token: <|endoftext|>",
    "token: hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "key: sk-your-own-key-goes-here-please",
    "HF_TOKEN: ${HF_TOKEN}",
    "WANDB_API_KEY: os.environ/WANDB_API_KEY_OF_THE_TEAM",
    "model: task-specific-language-model-with-a-long-name",
    "data: https://host:8080/path",
  ])("nothing is seen in %s", (line) => {
    expect(what(line)).toEqual([]);
  });

  it("is placed where it stands, and only it is blanked", () => {
    const text = `a: 1\n  token: ${token} # mine\n`;
    expect(findSecrets(text)).toEqual([
      { line: 1, column: 9, endColumn: 9 + token.length, what: "Hugging Face token" },
    ]);
    expect(withoutLookalikes(text)).toBe("a: 1\n  token: <Hugging Face token> # mine\n");
    expect(withoutLookalikes("x\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\ny")).toBe(
      "x\n<private key>\ny",
    );
  });
});

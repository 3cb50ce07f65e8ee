// package.json against the code: commands, views, settings, strings, and what is packed.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands, contextKeys, views } from "../../../src/names";
import { defaultSettings } from "../../../src/settings";

const root = join(__dirname, "..", "..", "..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

interface Manifest {
  activationEvents: string[];
  icon: string;
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    keybindings: { command: string; when?: string }[];
    views: Record<string, { id: string; icon: string }[]>;
    viewsWelcome: { contents: string; when: string }[];
    yamlValidation: { url: string }[];
    configuration: { properties: Record<string, { default: unknown; scope: string; markdownDescription: string }> };
  };
}

const manifest = JSON.parse(read("package.json")) as Manifest;
const { contributes } = manifest;
const strings = JSON.parse(read("package.nls.json")) as Record<string, string>;

describe("package.json", () => {
  it("contributes exactly the commands that the code names", () => {
    expect(contributes.commands.map((c) => c.command).sort()).toEqual(Object.values(commands).sort());
  });

  it("keeps every command in one category", () => {
    expect(new Set(contributes.commands.map((c) => c.category))).toEqual(new Set(["Runside"]));
  });

  it("puts no command into a menu or on a key that does not exist, and each with a condition", () => {
    const known = new Set<string>(Object.values(commands));
    const entries = [...Object.values(contributes.menus).flat(), ...contributes.keybindings];
    for (const { command, when } of entries) {
      expect(known.has(command), command).toBe(true);
      expect(when, command).toBeTruthy();
    }
  });

  it("names the view and the context keys as the code does", () => {
    expect(Object.values(contributes.views).flat()[0]?.id).toBe(views.runs);
    for (const panel of [views.runPanel, views.dialectPanel])
      expect(manifest.activationEvents).toContain(`onWebviewPanel:${panel}`);
    const text = JSON.stringify(contributes);
    for (const key of Object.values(contextKeys)) expect(text).toContain(key);
  });

  it("has the settings of the schema, with the same defaults", () => {
    const declared = Object.fromEntries(
      Object.entries(contributes.configuration.properties).map(([name, p]) => [
        name.replace("runside.", ""),
        p.default,
      ]),
    );
    expect(declared).toEqual(defaultSettings);
  });

  it("lets no workspace set paths", () => {
    for (const name of ["runside.ssh.configFile", "runside.local.store"]) {
      expect(contributes.configuration.properties[name]?.scope).toBe("machine");
    }
  });

  it("has a string for each placeholder, and no string for nothing", () => {
    const used = new Set([...read("package.json").matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]));
    expect([...used].sort()).toEqual(Object.keys(strings).sort());
  });

  it("activates neither for everything nor at start-up", () => {
    expect(manifest.activationEvents).not.toContain("*");
    expect(manifest.activationEvents).not.toContain("onStartupFinished");
  });

  it("points at files that exist and are packed", () => {
    const packed = read(".vscodeignore");
    const files = [manifest.icon, ...contributes.yamlValidation.map((y) => y.url.replace("./", ""))];
    for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
    expect(packed).toContain("!media/icon.png");
    for (const bundle of ["extension", "ssh2", "agent", "dialects"]) expect(packed).toContain(`!dist/${bundle}.js`);
    expect(packed).toContain("!media/schemas/*.json");
  });
});

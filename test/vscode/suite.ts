// Runs inside the extension host of a real VS Code: the npm-installed editor opens it in the end-to-end run, and
// @vscode/test-electron runs the same file on a desktop. Writes {passed, failed, skipped} to RUNSIDE_SUITE_REPORT.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import type { RunsideApi } from "../../src/extension";

interface Manifest {
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { default: unknown }> };
  };
}

type Check = [name: string, act: (extension: vscode.Extension<RunsideApi>) => Promise<void>];

const checks: Check[] = [
  [
    "activates, and says how long it took",
    async (extension) => {
      const { activationMs } = await extension.activate();
      // The budget is the bench's; here it only has to be told.
      assert.ok(activationMs > 0, `activate() took ${activationMs} ms`);
      console.log(`    activate(): ${activationMs.toFixed(1)} ms`);
    },
  ],
  [
    "registers every command it contributes",
    async (extension) => {
      await extension.activate();
      const known = new Set(await vscode.commands.getCommands(true));
      const { commands } = (extension.packageJSON as Manifest).contributes;
      assert.deepEqual(
        commands.map((c) => c.command).filter((id) => !known.has(id)),
        [],
      );
    },
  ],
  [
    "gives each setting its contributed default",
    (extension) => {
      const { properties } = (extension.packageJSON as Manifest).contributes.configuration;
      for (const [name, property] of Object.entries(properties)) {
        assert.deepEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, property.default, name);
      }
      return Promise.resolve();
    },
  ],
  [
    "lists the hosts of the SSH config that the settings name",
    async (extension) => {
      const { app } = await extension.activate();
      await app.boxes.reload();
      const wanted = process.env["RUNSIDE_SUITE_HOST"];
      if (wanted) assert.ok(app.boxes.ids().includes(wanted), app.boxes.ids().join(", "));
    },
  ],
  [
    "offers to try each declared dialect, beside its file, and only one panel at a time",
    async () => {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      assert.ok(folder);
      const uri = vscode.Uri.joinPath(folder, ".runside", "dialects.yaml");
      const text = "dialects:\n  - id: one\n    patterns: [{ kind: done, pattern: 'end' }]\n  - id: two\n";
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
      await vscode.workspace.openTextDocument(uri);
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri);
      const ours = lenses.flatMap(({ command }) => (command?.command === "runside.tryDialect" ? [command] : []));
      assert.deepEqual(
        ours.map(({ arguments: args }) => args?.[1] as unknown),
        ["one", "two"],
      );
      const panels = (): vscode.Tab[] =>
        vscode.window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith("runside.dialect"));
      for (const { command, arguments: args } of ours)
        await vscode.commands.executeCommand(command, ...((args ?? []) as unknown[]));
      // The host learns of tabs after they are made.
      for (let i = 0; i < 100 && panels().length === 0; i++) await new Promise((done) => setTimeout(done, 100));
      assert.equal(panels().length, 1);
      await vscode.window.tabGroups.close(panels());
    },
  ],
  [
    "offers a lens on a recognised config, and none on any other YAML",
    async () => {
      const lenses = async (name: string, content: string): Promise<string[]> => {
        const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
        assert.ok(folder, "the suite needs a workspace folder");
        const uri = vscode.Uri.joinPath(folder, name);
        await vscode.workspace.fs.writeFile(uri, Buffer.from(content));
        await vscode.workspace.openTextDocument(uri);
        const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          "vscode.executeCodeLensProvider",
          uri,
          10,
        );
        await vscode.workspace.fs.delete(uri);
        return found.map((lens) => lens.command?.title ?? "");
      };
      const config = await lenses("suite-config.yaml", "experiment: login\nrun: { name: x, seed: 1 }\n");
      assert.ok(
        config.some((title) => title.includes("Run")),
        config.join(", "),
      );
      assert.deepEqual(await lenses("suite-other.yaml", "services:\n  web: { image: nginx }\n"), []);
    },
  ],
  [
    "marks what is wrong in .runside/recipes.yaml, and completes its keys",
    async () => {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      assert.ok(folder);
      const uri = vscode.Uri.joinPath(folder, ".runside", "recipes.yaml");
      await vscode.workspace.fs.writeFile(uri, Buffer.from("recipes:\n  - id: mine\n    comand: [python]\n"));
      await vscode.workspace.openTextDocument(uri);
      const problems = vscode.languages.getDiagnostics(uri).filter((d) => d.source === "Runside");
      assert.ok(problems.length > 0, "a misspelt key is no problem");
      const at = new vscode.Position(2, 4);
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        uri,
        at,
      );
      assert.ok(
        list.items.some((item) => item.label === "command"),
        "no completion for `command`",
      );
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, ".runside"), { recursive: true });
    },
  ],
];

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<RunsideApi>("runside.runside");
  let failed = 0;
  const lines: string[] = [];
  for (const [name, act] of checks) {
    try {
      assert.ok(extension, "the extension is not installed");
      await act(extension);
      lines.push(`  ✓ ${name}`);
    } catch (error) {
      failed++;
      lines.push(`  ✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const report = process.env["RUNSIDE_SUITE_REPORT"];
  const counts = { passed: checks.length - failed, failed, skipped: 0, lines };
  if (report) writeFileSync(report, JSON.stringify(counts));
  console.log(lines.join("\n"));
  if (failed > 0) throw new Error(`${failed} of ${checks.length} checks failed`);
}

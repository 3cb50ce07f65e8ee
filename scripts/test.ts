// `npm test`: everything that must hold, from an empty machine to one closing line.
import { check, nothing, parseCounts, parseVitest, preparation, runner, runSteps, type Step } from "./aggregate";
import { EditorUnavailable, ensureEditor, isEditorInstalled } from "./editorInstall";
import { devFolder, nodeModule, tsx } from "./folders";
import { ensureSystem, type Need } from "./system";

/** Why the tests in the real editor cannot run here, one sentence each. */
const withoutEditor: string[] = [];

const system: Step = {
  name: "programs",
  run: async () => {
    const needs: Need[] = ["openssh-server", "openssh-client", "shells", "chromium"];
    if (!isEditorInstalled()) needs.push("compiler");
    const missing = await ensureSystem(needs);
    for (const { need, sentence } of missing) {
      console.log(sentence);
      if (need === "chromium" || need === "compiler") withoutEditor.push(sentence);
    }
    return nothing;
  },
};

const editor: Step = {
  name: "editor",
  run: async () => {
    if (withoutEditor.length > 0) return nothing;
    try {
      await ensureEditor();
    } catch (error) {
      if (!(error instanceof EditorUnavailable) || process.env.CI === "true") throw error;
      console.log(error.message);
      withoutEditor.push(error.message);
    }
    return nothing;
  },
};

const unitReport = devFolder("reports", "vitest.json");
const vitest = [process.execPath, nodeModule("vitest/vitest.mjs"), "run", "--reporter=default", "--reporter=json"];

const e2eReport = devFolder("reports", "e2e.json");
const e2e = runner("end to end", tsx("scripts/e2e.ts", "--json", e2eReport), e2eReport, parseCounts);

const endToEnd: Step = {
  name: e2e.name,
  run: async () => {
    if (withoutEditor.length > 0) {
      console.log(`Left out, counted as one skipped. ${withoutEditor.join(" ")}`);
      return { ...nothing, skipped: 1 };
    }
    return await e2e.run();
  },
};

async function main(): Promise<void> {
  process.exitCode = await runSteps([
    system,
    editor,
    preparation("build", tsx("esbuild.ts")),
    check("check", ["npm", "run", "--silent", "check"]),
    runner("unit tests", [...vitest, `--outputFile=${unitReport}`], unitReport, parseVitest),
    endToEnd,
  ]);
}

void main();

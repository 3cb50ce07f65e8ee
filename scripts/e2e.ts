// `npm run test:e2e`: the end-to-end story in a real VS Code. Screenshots go to test-results/e2e. `--json FILE` gets the counts.
// `--away SECONDS` tells another story, which takes so long: the window closes, and opens again after that time.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tellAway } from "../test/vscode/away";
import { tellStory } from "../test/vscode/story";
import { ensureEditor } from "./editorInstall";
import { devFolder, projectRoot } from "./folders";
import { ensureSystem } from "./system";

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "string" }, away: { type: "string" } } });
  for (const { sentence } of await ensureSystem(["chromium", "compiler"])) console.log(sentence);
  await ensureEditor();
  const pictures = join(projectRoot, "test-results", "e2e");
  const story =
    values.away === undefined
      ? await tellStory(devFolder("e2e"), pictures)
      : await tellAway({ folder: devFolder("away"), pictures, seconds: Number(values.away) });
  if (values.json) story.writeReport(values.json);
  console.log(`${story.passed} passed, ${story.failed} failed`);
  return story.failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

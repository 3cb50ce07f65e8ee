// The demo box in a process of its own, so that its encryption does not wait behind the client's.
import { startDemoBox } from "../../scripts/demoBox";

export interface BoxFacts {
  host: string;
  configFile: string;
  home: string;
  runsideHome: string;
}

async function main(): Promise<void> {
  const { host, configFile, home, runsideHome } = await startDemoBox({ dir: process.argv[2] ?? "" });
  const facts: BoxFacts = { host, configFile, home, runsideHome };
  console.log(JSON.stringify(facts));
  // Whoever started it holds its stdin: it ends with them.
  process.stdin.resume().on("end", () => process.exit(0));
}

void main();

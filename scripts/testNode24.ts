// `npm run test:node24`: the agent's suite with the agent on the Node that boxes are given, from the same pinned package.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { nodePackages, obtainNode } from "../src/connect/nodeSource";
import { devFolder, nodeModule, projectRoot } from "./folders";

async function main(): Promise<number> {
  const { arch, platform } = process;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) {
    console.log(`Left out: the pinned Node is built for Linux on x64 and arm64, and this is ${platform} on ${arch}.`);
    return 0;
  }
  const pin = nodePackages[arch];
  const packed = await obtainNode(pin, { cache: devFolder("node"), source: "" }, new AbortController().signal);
  const folder = devFolder("node", pin.version);
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["xzf", packed, "-C", folder, "package/bin/node"]);
  const node = devFolder("node", pin.version, "package", "bin", "node");
  console.log(`The agent runs on Node ${execFileSync(node, ["-v"]).toString().trim()}.`);
  const args = [
    nodeModule("vitest/vitest.mjs"),
    "run",
    ...(process.argv.length > 2 ? process.argv.slice(2) : ["test/agent"]),
  ];
  const env = { ...process.env, RUNSIDE_TEST_NODE: node };
  return spawnSync(process.execPath, args, { cwd: projectRoot, env, stdio: "inherit" }).status ?? 1;
}

void main().then((code) => (process.exitCode = code));

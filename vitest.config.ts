import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/vscode/**"],
    // Traces hold local times; what is read out of them is compared with files.
    env: { TZ: "UTC" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The machines that run this have two cores; a third of the time goes into waiting for links, processes and clocks.
    maxWorkers: 3,
    minWorkers: 1,
  },
});

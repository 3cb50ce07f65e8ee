import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/vscode/**"],
    // Traces hold local times; what is read out of them is compared with files.
    env: { TZ: "UTC" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two workers: the machines that run this have two cores, and several tests start processes of their own.
    maxWorkers: 2,
    minWorkers: 1,
  },
});

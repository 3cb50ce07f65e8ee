// The faults suite, run by `npm run test:faults`: each file takes minutes and processes of its own.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/faults/*.faults.ts"],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    minWorkers: 1,
  },
});

import { defineConfig } from "vitest/config"

/** What asserts a time: alone on the machine, after everything else. */
const measured = "test/measured/**/*.test.ts"

const shared = {
  // Each file gets its own process: embedded databases and signal handlers do not outlive it.
  pool: "forks" as const,
  // Long enough for a machine that is busy with something else; what has to be quick says so itself.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 5_000
}

export default defineConfig({
  test: {
    globalSetup: ["test/support/ServiceProbe.ts"],
    projects: [
      {
        test: {
          ...shared,
          name: "rookery",
          include: ["test/**/*.test.ts"],
          exclude: [measured],
          maxWorkers: 2,
          sequence: { groupOrder: 0 }
        }
      },
      { test: { ...shared, name: "measured", include: [measured], maxWorkers: 1, sequence: { groupOrder: 1 } } }
    ]
  }
})

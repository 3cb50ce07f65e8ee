// Ids of commands, views and context keys. A test holds them against package.json.
export const commands = {
  runConfig: "runside.runConfig",
  runConfigInFolder: "runside.runConfigInFolder",
  runAgain: "runside.runAgain",
  openRun: "runside.openRun",
  stopRun: "runside.stopRun",
  restartRun: "runside.restartRun",
  showLog: "runside.showLog",
  openFolder: "runside.openFolder",
  addBox: "runside.addBox",
  connectBox: "runside.connectBox",
  chooseBox: "runside.chooseBox",
  tryDialect: "runside.tryDialect",
  peekRollouts: "runside.peekRollouts",
  keepRun: "runside.keepRun",
  deleteRun: "runside.deleteRun",
  uninstallBox: "runside.uninstallBox",
  openTerminal: "runside.openTerminal",
  copyRunId: "runside.copyRunId",
  openRunConfig: "runside.openRunConfig",
  refresh: "runside.refresh",
  setSecret: "runside.setSecret",
  forgetPasswords: "runside.forgetPasswords",
  reportProblem: "runside.reportProblem",
  showOutput: "runside.showOutput",
} as const;

export const views = { runs: "runside.runs", runPanel: "runside.run", dialectPanel: "runside.dialect" } as const;

export const contextKeys = {
  /** Paths of the workspace's recognised configs, for `resourcePath in ...`. */
  configFiles: "runside.configFiles",
  ready: "runside.ready",
  hasBoxes: "runside.hasBoxes",
} as const;

/** Schemes of read-only documents: rollouts in a peek, logs. */
export const schemes = { rollout: "runside-rollout", log: "runside-log" } as const;

// The settings, as one schema. A test holds it against package.json.
import * as z from "zod/mini";

export const settingsSchema = z.object({
  transport: z.enum(["auto", "ssh2", "openssh"]),
  "ssh.configFile": z.string(),
  /** The folder of ours on a box, by its alias; "*" for every other one. */
  remoteDir: z.record(z.string(), z.string()),
  /** The folder of GPU locks on a box, by its alias; "*" for every other one. */
  locksFolder: z.record(z.string(), z.string()),
  "node.source": z.string(),
  "local.enabled": z.boolean(),
  "local.store": z.string(),
  "codeLens.enabled": z.boolean(),
  "runs.limit": z.number(),
  /** By box; "*" for every box that has none of its own. */
  setup: z.record(z.string(), z.string()),
  "keep.folder": z.string(),
  "keep.automatically": z.boolean(),
  "upload.askAboveMB": z.number(),
  "upload.limitMB": z.number(),
  include: z.array(z.string()),
  runInPlace: z.record(z.string(), z.string()),
});

export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  transport: "auto",
  "ssh.configFile": "",
  remoteDir: {},
  locksFolder: {},
  "node.source": "",
  "local.enabled": true,
  "local.store": "",
  "codeLens.enabled": true,
  "runs.limit": 50,
  setup: {},
  "keep.folder": "",
  "keep.automatically": false,
  "upload.askAboveMB": 20,
  "upload.limitMB": 200,
  include: [],
  runInPlace: {},
};

/** The shell text before every run on a box, or "". */
export const setupFor = ({ setup }: Settings, box: string): string => setup[box] ?? setup["*"] ?? "";

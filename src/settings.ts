// The settings, as one schema. A test holds it against package.json.
import * as z from "zod/mini";

export const settingsSchema = z.object({
  transport: z.enum(["auto", "ssh2", "openssh"]),
  "ssh.configFile": z.string(),
  "local.enabled": z.boolean(),
  "local.store": z.string(),
  "codeLens.enabled": z.boolean(),
  "runs.limit": z.number(),
});

export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  transport: "auto",
  "ssh.configFile": "",
  "local.enabled": true,
  "local.store": "",
  "codeLens.enabled": true,
  "runs.limit": 50,
};

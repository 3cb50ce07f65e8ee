// The GPUs of a box and who holds them: once, and live while somebody watches.
import * as z from "zod/mini";
import { gpuReportSchema } from "../model/gpu";
import { event, nothing, read } from "./define";

export const gpus = {
  /** May be as old as two seconds: many views ask. */
  list: read("gpus/list", nothing, gpuReportSchema),
  /** Answers what is known and begins `gpus/changed`; nothing is asked of the driver while nobody watches. */
  watch: read("gpus/watch", nothing, gpuReportSchema),
  changed: event("gpus/changed", gpuReportSchema),
  unwatch: read("gpus/unwatch", nothing, z.object({})),
};

// Every fault there is, by kind.
import { fileFaults } from "./cases/files";
import { linkFaults } from "./cases/link";
import { processFaults } from "./cases/processes";
import type { Fault } from "./fault";

export const allFaults: readonly Fault[] = [...linkFaults, ...processFaults, ...fileFaults];

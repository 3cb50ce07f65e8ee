// Every fault there is, by kind.
import { clockFaults } from "./cases/clocks";
import { diskFaults } from "./cases/disks";
import { fileFaults } from "./cases/files";
import { linkFaults } from "./cases/link";
import { loadFaults } from "./cases/loads";
import { processFaults } from "./cases/processes";
import { queueFaults } from "./cases/queue";
import type { Fault } from "./fault";

export const allFaults: readonly Fault[] = [
  ...linkFaults,
  ...processFaults,
  ...fileFaults,
  ...diskFaults,
  ...clockFaults,
  ...loadFaults,
  ...queueFaults,
];

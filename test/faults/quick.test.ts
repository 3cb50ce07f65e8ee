// The faults that `npm test` tries: one of each kind, under a minute together. `npm run test:faults` tries them all.
import { allFaults } from "./list";
import { describeFaults } from "./fault";

describeFaults(
  "faults, the quick ones",
  allFaults.filter((fault) => fault.quick),
);

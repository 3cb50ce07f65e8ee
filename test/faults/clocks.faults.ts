// The faults of clocks.
import { clockFaults } from "./cases/clocks";
import { describeFaults } from "./fault";

describeFaults("clocks", clockFaults);

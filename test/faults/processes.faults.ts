// The faults of processes.
import { processFaults } from "./cases/processes";
import { describeFaults } from "./fault";

describeFaults("processes", processFaults);

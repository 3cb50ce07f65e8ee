// The faults of loads.
import { loadFaults } from "./cases/loads";
import { describeFaults } from "./fault";

describeFaults("loads", loadFaults);

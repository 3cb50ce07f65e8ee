// The faults of disks.
import { diskFaults } from "./cases/disks";
import { describeFaults } from "./fault";

describeFaults("disks", diskFaults);

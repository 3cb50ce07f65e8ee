// The faults of the link, over both transports.
import { linkFaults } from "./cases/link";
import { describeFaults } from "./fault";

describeFaults("the link", linkFaults);

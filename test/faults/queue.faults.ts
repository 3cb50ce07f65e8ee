// The faults of the queue.
import { queueFaults } from "./cases/queue";
import { describeFaults } from "./fault";

describeFaults("the queue", queueFaults);

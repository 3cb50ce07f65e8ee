// The faults of files.
import { fileFaults } from "./cases/files";
import { describeFaults } from "./fault";

describeFaults("files", fileFaults);

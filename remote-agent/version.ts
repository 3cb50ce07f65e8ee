// The version people see; what is installed where is decided by the file's hash, never by this.
import { version } from "../package.json";

export const agentVersion: string = version;

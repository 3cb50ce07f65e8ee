// Whether this user holds a Kerberos ticket: without one, GSSAPI in the SSH config is only a distribution's default.
import { execFile } from "node:child_process";

/** Asked anew each time, because a ticket comes with `kinit` and goes after some hours. */
export function kerberosTicket(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile("klist", ["-s"], { timeout: 2000, windowsHide: true }, (error) => resolve(error === null));
  });
}

// The difference that a setup made in an environment, without the secrets in it, and what a restart puts back. Pure.
import type { SetupRecord } from "../model/environment";
import { findSecrets } from "../secrets/detect";
import { formsOf } from "../secrets/mask";

export type Variables = Readonly<Record<string, string>>;

/** The shell's own bookkeeping, ours, and what belongs to one login and would be wrong in the next. */
const passing = /^(?:_|SHLVL|PWD|OLDPWD|TERM|DISPLAY|TMPDIR|(?:RUNSIDE|SSH|XDG|DBUS|SLURM)_\w*)$/;
/** Exported functions have other names; a new shell has them from the setup itself. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const secretName =
  /(?:^|_)(?:\w*KEY|\w*TOKEN|\w*SECRETS?|PASS|PASSWD|\w*PWD|\w*PASSWORD|\w*PASSPHRASE|CREDENTIALS?|\w*AUTH|COOKIE|PAT|\w*DSN|\w*WEBHOOK\w*)$/i;
/** Folders, which stand in many a path. */
const noSecret = /^(?:OLD)?PWD$/;

/** `before` is what the shell was given, `after` what it had when the setup was done, which may hold secrets that `before` had not. */

export function setupChanges(before: Variables, after: Variables, secretNames: readonly string[]): SetupRecord {
  const isSecret = (name: string): boolean =>
    secretNames.includes(name) || (secretName.test(name) && !noSecret.test(name));
  const given = [...Object.entries(before), ...Object.entries(after)];
  const secrets = formsOf(given.flatMap(([name, value]) => (isSecret(name) ? [value] : [])));
  const changes: SetupRecord = { set: {}, removed: [], hidden: [], kept: [] };
  for (const name of Object.keys(after)
    .filter((each) => isRecorded(each))
    .sort()) {
    const value = after[name] ?? "";
    if (before[name] === value) continue;
    const tells =
      isSecret(name) ||
      secrets.some((secret) => value.includes(secret)) ||
      findSecrets(value).length > 0 ||
      findSecrets(`${name}=${value}`).length > 0;
    if (tells) changes.hidden.push(name);
    else changes.set[name] = value;
  }
  changes.removed = Object.keys(before)
    .filter((name) => isRecorded(name) && after[name] === undefined)
    .sort();
  return changes;
}

const isRecorded = (name: string): boolean => plainName.test(name) && !passing.test(name);

/** Which devices a training sees is for the turn that its attempt was given. */
const ofDevices = /^(?:\w*VISIBLE_DEVICES|GPU_DEVICE_ORDINAL)$/;

export interface Attempts {
  /** What this attempt's setup changed, and all that its shell has. */
  now: SetupRecord;
  after: Variables;
  earlier: SetupRecord;
  /** A value that names what one attempt alone was given, as its GPUs: true for it in no other. */
  isOfOneAttempt: (value: string) => boolean;
}

/** The record of an attempt that has what an earlier one had: `values` are what its shell must still set. */
export function withEarlier({ now, after, earlier, isOfOneAttempt }: Attempts): {
  record: SetupRecord;
  values: Variables;
} {
  const goesOn = ([name, value]: [string, string]): boolean =>
    isRecorded(name) &&
    !ofDevices.test(name) &&
    !now.hidden.includes(name) &&
    !isOfOneAttempt(value) &&
    !isOfOneAttempt(after[name] ?? "");
  const going = Object.entries(earlier.set).filter(goesOn);
  const values = Object.fromEntries(going.filter(([name, value]) => after[name] !== value));
  const kept = Object.keys(values).sort();
  const removed = now.removed.filter((name) => values[name] === undefined);
  return { record: { ...now, set: { ...now.set, ...Object.fromEntries(going) }, removed, kept }, values };
}

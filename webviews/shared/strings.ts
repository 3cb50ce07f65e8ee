// Every sentence a view shows goes through `t`, so that a table of translations can be set once at the start.
let table: Readonly<Record<string, string>> = {};

/** The English sentence is the key, as in `vscode.l10n`; `{0}`, `{1}` are filled in after the look-up. */
export function t(message: string, ...args: readonly (string | number)[]): string {
  const found = table[message] ?? message;
  return found.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}

export function plural(count: number, one: string, many: string, shown: string | number = count): string {
  return t(count === 1 ? one : many, shown);
}

export function setStrings(next: Readonly<Record<string, string>>): void {
  table = next;
}

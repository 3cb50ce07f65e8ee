// File names as text that loses nothing: UTF-8 names as themselves, any other bytes as a NUL and their hex digits.
// No real name holds a NUL, so the two never meet.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function nameOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return `\0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }
}

/** Null for text that `nameOfBytes` never gives. */
export function bytesOfName(name: string): Uint8Array | null {
  if (!name.includes("\0")) return new TextEncoder().encode(name);
  const digits = name.slice(1);
  if (!name.startsWith("\0") || !/^(?:[0-9a-f]{2})+$/.test(digits)) return null;
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
  // One file has one name: bytes that are UTF-8 are written as themselves.
  return nameOfBytes(bytes) === name ? bytes : null;
}

/** A folder's name and one inside it, either of any form. */
export function joinNames(folder: string, name: string): string {
  if (folder === "") return name;
  if (!folder.includes("\0") && !name.includes("\0")) return `${folder}/${name}`;
  const [outer, inner] = [bytesOfName(folder), bytesOfName(name)];
  if (!outer || !inner) throw new Error("not a file's name");
  const whole = new Uint8Array(outer.length + 1 + inner.length);
  whole.set(outer);
  whole[outer.length] = 47;
  whole.set(inner, outer.length + 1);
  return nameOfBytes(whole);
}

/** One character a byte: for rules that look at `/` and dots alone. */
export function partsOfName(name: string): string[] | null {
  // Of thousands of names nearly all are plain, and their characters are their bytes.
  if (/^[\x01-\x7f]*$/.test(name)) return name.split("/");
  const bytes = bytesOfName(name);
  return (
    bytes &&
    Array.from(bytes, (byte) => String.fromCharCode(byte))
      .join("")
      .split("/")
  );
}

/** For people: bytes that are no text are shown as replacement characters. */
export const shownName = (name: string): string => {
  const bytes = name.includes("\0") ? bytesOfName(name) : null;
  const text = bytes ? new TextDecoder().decode(bytes) : name;
  // A name may hold line breaks and escapes, a sentence may not.
  return text.replace(/[\0-\x1f\x7f]/g, (char) => JSON.stringify(char).slice(1, -1));
};

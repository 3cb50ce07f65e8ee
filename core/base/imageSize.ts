// Width and height of a picture from its first bytes: PNG, JPEG, GIF, WebP. Null for anything else, never throws.

export interface ImageSize {
  width: number;
  height: number;
}

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  bytes.length >= at + text.length && [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));

export function imageSize(bytes: Uint8Array): ImageSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = sizeIn(bytes, view);
  return size && size.width > 0 && size.height > 0 ? size : null;
}

function sizeIn(bytes: Uint8Array, view: DataView): ImageSize | null {
  if (bytes.length >= 24 && startsWith(bytes, 1, "PNG\r\n"))
    return { width: view.getUint32(16), height: view.getUint32(20) };
  if (bytes.length >= 10 && startsWith(bytes, 0, "GIF8"))
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegSize(bytes, view);
  if (bytes.length >= 30 && startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP")) return webpSize(bytes, view);
  return null;
}

/** Segment by segment to the frame header; SOF4, SOF8 and SOF12 are other things. */
function jpegSize(bytes: Uint8Array, view: DataView): ImageSize | null {
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) at++;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    else at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** Lossy, lossless, and extended WebP, each with its own place for the size. */
function webpSize(bytes: Uint8Array, view: DataView): ImageSize | null {
  if (startsWith(bytes, 12, "VP8 "))
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (startsWith(bytes, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (!startsWith(bytes, 12, "VP8X")) return null;
  const side = (at: number): number => view.getUint16(at, true) + ((bytes[at + 2] ?? 0) << 16) + 1;
  return { width: side(24), height: side(27) };
}

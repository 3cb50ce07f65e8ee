// Sizes of pictures from their first bytes; headers written by hand to each format's layout, a PNG by a library.
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { imageSize } from "../../../core/base/imageSize";
import { seeded } from "../random";

const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
const bytes = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? ascii(part) : part)));

const jpeg = bytes(0xff, 0xd8, 0xff, 0xe0, 0, 6, "JFIF", 0xff, 0xff, 0xc2, 0, 17, 8, 0x02, 0x58, 0x03, 0x20, 3);
const gif = bytes("GIF89a", 0x20, 0x03, 0x58, 0x02, 0);
const lossy = bytes("RIFF", 0, 0, 0, 0, "WEBPVP8 ", 0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x20, 0x03, 0x58, 0x02);
// 14 bits each, less one: 799 and 599.
const packed = 799 | (599 << 14);
const lossless = bytes(
  "RIFF",
  0,
  0,
  0,
  0,
  "WEBPVP8L",
  0,
  0,
  0,
  0,
  0x2f,
  packed & 255,
  (packed >> 8) & 255,
  (packed >> 16) & 255,
  packed >> 24,
  0,
  0,
  0,
  0,
  0,
);
const extended = bytes("RIFF", 0, 0, 0, 0, "WEBPVP8X", 10, 0, 0, 0, 0, 0, 0, 0, 0x1f, 0x03, 0, 0x57, 0x02, 0);

describe("imageSize", () => {
  it("knows the formats of screenshots", () => {
    const png = PNG.sync.write(new PNG({ width: 800, height: 600 }));
    for (const picture of [png, jpeg, gif, lossy, lossless, extended])
      expect(imageSize(picture)).toEqual({ width: 800, height: 600 });
  });

  it("says nothing of what is cut off or is no picture, and never throws", () => {
    for (const picture of [jpeg, gif, lossy, lossless, extended])
      for (let length = 0; length < 10; length++) expect(imageSize(picture.subarray(0, length))).toBeNull();
    expect(imageSize(bytes("plain text that is longer than a header"))).toBeNull();
    const next = seeded(7);
    for (let i = 0; i < 2000; i++) {
      const damaged = Uint8Array.from([jpeg, gif, lossy, lossless, extended][i % 5] ?? []);
      damaged[Math.floor(next() * damaged.length)] = Math.floor(next() * 256);
      expect(() => imageSize(damaged)).not.toThrow();
    }
  });
});

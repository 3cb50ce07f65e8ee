// Drawing on an RGB raster: rounded boxes, discs and text, all with soft edges. Just enough to make a screen.

import { BASELINE_ROWS, GLYPH_ROWS, GLYPHS } from "./font";

/** Red, green, blue in 0 … 255. */
export type Rgb = readonly [number, number, number];

/** A rectangle in pixels: left, top, width, height. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface GlyphMask {
  readonly width: number;
  readonly height: number;
  /** Ink per pixel in 0 … 1, shape [height, width]. */
  readonly ink: Float32Array;
}

const masks = new Map<string, GlyphMask>();

export class Canvas {
  /** Shape [height, width, 3]. */
  readonly rgb: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.rgb = new Uint8Array(width * height * 3);
  }

  fill(color: Rgb): void {
    for (let i = 0; i < this.rgb.length; i += 3) this.rgb.set(color, i);
  }

  copyFrom(other: Canvas): void {
    this.rgb.set(other.rgb);
  }

  /** A filled box with rounded corners; `softness` widens the edge, for shadows and halos. */
  roundedBox(box: Box, radius: number, color: Rgb, opacity = 1, softness = 1): void {
    const halfWidth = box.width / 2;
    const halfHeight = box.height / 2;
    const centerX = box.x + halfWidth;
    const centerY = box.y + halfHeight;
    for (let y = Math.floor(box.y - softness); y < box.y + box.height + softness; y++) {
      const dy = Math.abs(y + 0.5 - centerY) - halfHeight + radius;
      for (let x = Math.floor(box.x - softness); x < box.x + box.width + softness; x++) {
        const dx = Math.abs(x + 0.5 - centerX) - halfWidth + radius;
        // Signed distance to the edge of the box, in pixels: negative inside.
        const outside = dx > 0 && dy > 0 ? Math.hypot(dx, dy) : Math.max(dx, dy);
        const coverage = 0.5 - (outside - radius) / softness;
        if (coverage > 0) this.blend(x, y, color, Math.min(1, coverage) * opacity);
      }
    }
  }

  /** A box with a border of `thickness` pixels drawn inside its edge. */
  borderedBox(box: Box, radius: number, thickness: number, border: Rgb, inside: Rgb): void {
    this.roundedBox(box, radius, border);
    this.roundedBox(inset(box, thickness), Math.max(0, radius - thickness), inside);
  }

  disc(centerX: number, centerY: number, radius: number, color: Rgb, opacity = 1): void {
    const size = 2 * radius;
    this.roundedBox({ x: centerX - radius, y: centerY - radius, width: size, height: size }, radius, color, opacity);
  }

  /** Text with its left edge at `x` and its baseline at `baseline`; `scale` is pixels per font dot. */
  text(text: string, x: number, baseline: number, scale: number, color: Rgb): void {
    let left = x;
    for (const character of text) {
      const mask = glyphMask(character, scale);
      const top = Math.round(baseline - BASELINE_ROWS * scale);
      for (let row = 0; row < mask.height; row++) {
        for (let column = 0; column < mask.width; column++) {
          const ink = mask.ink[row * mask.width + column] ?? 0;
          if (ink > 0) this.blend(Math.round(left) + column, top + row, color, ink);
        }
      }
      left += mask.width + scale;
    }
  }

  centeredText(text: string, centerX: number, baseline: number, scale: number, color: Rgb): void {
    this.text(text, centerX - textWidth(text, scale) / 2, baseline, scale, color);
  }

  private blend(x: number, y: number, color: Rgb, opacity: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 3;
    for (let channel = 0; channel < 3; channel++) {
      const old = this.rgb[at + channel] ?? 0;
      this.rgb[at + channel] = Math.round(old + ((color[channel] ?? 0) - old) * opacity);
    }
  }
}

export function inset(box: Box, by: number): Box {
  return { x: box.x + by, y: box.y + by, width: box.width - 2 * by, height: box.height - 2 * by };
}

/** Width of a line of text in pixels. */
export function textWidth(text: string, scale: number): number {
  let width = 0;
  for (const character of text) width += glyphMask(character, scale).width + scale;
  return Math.max(0, width - scale);
}

/** The glyph scaled up: dots are interpolated, then sharpened, which rounds the corners. */
function glyphMask(character: string, scale: number): GlyphMask {
  const key = `${character}${scale}`;
  const known = masks.get(key);
  if (known) return known;
  const rows = (character === " " ? "000" : (GLYPHS[character] ?? GLYPHS["?"] ?? "")).split(" ");
  const columns = rows[0]?.length ?? 0;
  const dot = (row: number, column: number): number => (rows[row]?.[column] === "1" ? 1 : 0);
  const width = Math.round(columns * scale);
  const height = Math.round(GLYPH_ROWS * scale);
  const ink = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sourceY = (y + 0.5) / scale - 0.5;
      const sourceX = (x + 0.5) / scale - 0.5;
      const row = Math.floor(sourceY);
      const column = Math.floor(sourceX);
      const fy = sourceY - row;
      const fx = sourceX - column;
      const above = dot(row, column) * (1 - fx) + dot(row, column + 1) * fx;
      const below = dot(row + 1, column) * (1 - fx) + dot(row + 1, column + 1) * fx;
      const value = above * (1 - fy) + below * fy;
      ink[y * width + x] = Math.min(1, Math.max(0, (value - 0.25) / 0.35));
    }
  }
  const mask = { width, height, ink };
  masks.set(key, mask);
  return mask;
}

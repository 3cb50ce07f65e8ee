// Draws the screen a step starts from, turns it into a PNG, and reduces it to what the policy sees. The seven screens
// of an episode all differ: loading, ready, focus, typed text and the welcome page each leave their mark in pixels.

import { PNG } from "pngjs";

import { Canvas, inset, textWidth } from "./canvas";
import type { Box, Rgb } from "./canvas";
import { SCREEN_HEIGHT, SCREEN_WIDTH } from "./episode";
import type { Episode } from "./episode";

/** The policy sees means over blocks of this many pixels a side. */
export const BLOCK = 10;
export const INPUT_WIDTH = SCREEN_WIDTH / BLOCK;
export const INPUT_HEIGHT = SCREEN_HEIGHT / BLOCK;
/** Numbers in one policy input. */
export const INPUT_SIZE = INPUT_WIDTH * INPUT_HEIGHT;

const PAGE: Rgb = [226, 232, 240];
const HEADER: Rgb = [30, 41, 59];
const CARD: Rgb = [255, 255, 255];
const INK: Rgb = [30, 41, 59];
const MUTED: Rgb = [100, 116, 139];
const LINE: Rgb = [176, 188, 204];
const SKELETON: Rgb = [233, 238, 244];
const ACCENT: Rgb = [37, 99, 235];
const GREEN: Rgb = [22, 163, 74];
const CARD_BOX: Box = { x: 140, y: 80, width: 520, height: 450 };

/** What has happened in the form when a step starts. */
interface FormState {
  readonly focus: "username" | "password" | null;
  readonly username: string;
  readonly password: string;
}

let background: Canvas | undefined;

/** The screen on which the policy must choose the action of `step` (0 … 6). */
export function drawScreen(episode: Episode, step: number): Canvas {
  const canvas = new Canvas(SCREEN_WIDTH, SCREEN_HEIGHT);
  background ??= drawBackground();
  canvas.copyFrom(background);
  if (step === 0) drawLoading(canvas, episode);
  else if (step === 6) drawWelcome(canvas, episode);
  else drawForm(canvas, episode, formState(episode, step));
  return canvas;
}

function formState(episode: Episode, step: number): FormState {
  return {
    focus: step < 2 ? null : step < 4 ? "username" : "password",
    username: step < 3 ? "" : episode.username,
    password: step < 5 ? "" : "*".repeat(episode.password.length),
  };
}

function drawBackground(): Canvas {
  const canvas = new Canvas(SCREEN_WIDTH, SCREEN_HEIGHT);
  canvas.fill(PAGE);
  canvas.roundedBox({ x: 0, y: -20, width: SCREEN_WIDTH, height: 64 }, 0, HEADER);
  canvas.disc(32, 22, 9, ACCENT);
  canvas.disc(32, 22, 4, CARD);
  canvas.text("Northwind Portal", 52, 29, 2, [226, 232, 240]);
  canvas.text("v4.2", 748, 28, 1.6, [148, 163, 184]);
  canvas.roundedBox({ ...CARD_BOX, y: CARD_BOX.y + 6 }, 16, [71, 85, 105], 0.22, 18);
  canvas.roundedBox(CARD_BOX, 14, CARD);
  canvas.centeredText("Synthetic benchmark - no real accounts", 400, 572, 1.6, MUTED);
  return canvas;
}

function drawLoading(canvas: Canvas, episode: Episode): void {
  const { title, username, password, login, help } = episode.layout;
  canvas.roundedBox({ x: title.x - 90, y: title.y - 18, width: 180, height: 22 }, 6, SKELETON);
  for (const box of [username, password]) {
    canvas.roundedBox({ x: box.x, y: box.y - 24, width: 80, height: 12 }, 4, SKELETON);
    canvas.roundedBox(box, 8, SKELETON);
  }
  canvas.roundedBox(login, 8, SKELETON);
  canvas.roundedBox(help, 8, SKELETON);
  for (let i = 0; i < 12; i++) {
    const angle = (i / 12) * 2 * Math.PI;
    canvas.disc(400 + 24 * Math.cos(angle), 276 + 24 * Math.sin(angle), 4.5, ACCENT, 0.12 + (0.88 * i) / 11);
  }
  canvas.centeredText("Loading...", 400, 336, 2.2, MUTED);
}

function drawForm(canvas: Canvas, episode: Episode, state: FormState): void {
  const { title, username, password, login, help } = episode.layout;
  canvas.centeredText("Sign in", title.x, title.y, 4, INK);
  canvas.centeredText("Welcome! Please enter your details.", title.x, title.y + 24, 1.6, MUTED);
  drawField(canvas, username, "Username", "Enter your user name", state.username, state.focus === "username");
  drawField(canvas, password, "Password", "Enter your password", state.password, state.focus === "password");
  drawButton(canvas, login, "Log in", true);
  drawButton(canvas, help, "Help", false);
}

function drawField(canvas: Canvas, box: Box, label: string, hint: string, value: string, focused: boolean): void {
  canvas.text(label, box.x + 1, box.y - 9, 1.8, focused ? ACCENT : INK);
  if (focused) canvas.roundedBox(inset(box, -5), 12, [191, 214, 254]);
  canvas.borderedBox(box, 8, focused ? 3 : 1.5, focused ? ACCENT : LINE, focused ? [246, 250, 255] : CARD);
  const left = box.x + 14;
  const middle = box.y + box.height / 2;
  let right = left;
  if (value.startsWith("*")) {
    for (let i = 0; i < value.length; i++) canvas.disc(left + 5 + i * 13, middle, 4.2, INK);
    right += value.length * 13;
  } else if (value) {
    canvas.text(value, left, middle + 7, 2.2, INK);
    right += textWidth(value, 2.2) + 3;
  } else if (!focused) {
    canvas.text(hint, left, middle + 6, 1.7, [160, 172, 188]);
  }
  if (focused) canvas.roundedBox({ x: right + 1, y: middle - 11, width: 2.5, height: 22 }, 0, INK);
}

function drawButton(canvas: Canvas, box: Box, label: string, primary: boolean): void {
  if (primary) canvas.roundedBox({ ...box, y: box.y + 3 }, 9, ACCENT, 0.3, 7);
  canvas.borderedBox(box, 8, 1.5, primary ? ACCENT : LINE, primary ? ACCENT : CARD);
  canvas.centeredText(label, box.x + box.width / 2, box.y + box.height / 2 + 7, 2.1, primary ? CARD : INK);
}

function drawWelcome(canvas: Canvas, episode: Episode): void {
  const { x, y } = episode.layout.title;
  canvas.disc(x, y + 84, 46, [220, 252, 231]);
  canvas.disc(x, y + 84, 34, GREEN);
  // A tick: two strokes made of small discs.
  for (let i = 0; i <= 20; i++) {
    if (i <= 8) canvas.disc(x - 14 + i * 1.3, y + 86 + i * 1.3, 3, CARD);
    canvas.disc(x - 3.6 + i, y + 96.4 - i * 1.1, 3, CARD);
  }
  canvas.centeredText("You are logged in", x, y + 186, 3, INK);
  canvas.centeredText(`Hello, ${episode.username}`, x, y + 222, 2.2, MUTED);
  for (let i = 0; i < 3; i++) {
    canvas.borderedBox({ x: 190 + i * 144, y: 416, width: 132, height: 70 }, 8, 1.5, LINE, [248, 250, 252]);
    canvas.text(["Inbox", "Files", "Reports"][i] ?? "", 206 + i * 144, 456, 2, INK);
  }
}

/** PNG bytes of a canvas. Flat areas compress well even at the fastest setting. */
export function encodePng(canvas: Canvas): Buffer {
  const png = new PNG({ width: canvas.width, height: canvas.height, colorType: 2, inputColorType: 2 });
  png.data = Buffer.from(canvas.rgb.buffer);
  return PNG.sync.write(png, {
    colorType: 2,
    inputColorType: 2,
    inputHasAlpha: false,
    filterType: 0,
    deflateLevel: 1,
    deflateStrategy: 0,
  });
}

/** What the policy sees: mean darkness of each block in 0 … 1, shape [INPUT_HEIGHT, INPUT_WIDTH]. */
export function policyInput(canvas: Canvas): Float32Array {
  const input = new Float32Array(INPUT_SIZE);
  const { rgb } = canvas;
  for (let y = 0; y < SCREEN_HEIGHT; y++) {
    const row = Math.floor(y / BLOCK) * INPUT_WIDTH;
    let at = y * SCREEN_WIDTH * 3;
    for (let column = 0; column < INPUT_WIDTH; column++) {
      let sum = 0;
      // Luma with integer weights that add up to 256.
      for (let i = 0; i < BLOCK; i++, at += 3) sum += 77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!;
      input[row + column]! += sum;
    }
  }
  const scale = 1 / (256 * 255 * BLOCK * BLOCK);
  for (let i = 0; i < INPUT_SIZE; i++) input[i] = 1 - input[i]! * scale;
  return input;
}

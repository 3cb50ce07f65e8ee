// One login episode: who logs in, where everything stands on the screen, and the seven expected steps. Pure data; the
// pixels are drawn in `screen.ts`.

import type { Box } from "./canvas";
import { createRng } from "./rng";

/** Size of every screenshot, in pixels. */
export const SCREEN_WIDTH = 800;
export const SCREEN_HEIGHT = 600;

export const STEPS_PER_EPISODE = 7;

/** Where the elements stand, in pixels. `help` is a decoy: no step ever wants it. */
export interface Layout {
  readonly title: { readonly x: number; readonly y: number };
  readonly username: Box;
  readonly password: Box;
  readonly login: Box;
  readonly help: Box;
}

/** The action that is right at a step. Coordinates are in 0 … 1 of the screen's width and height. */
export interface Target {
  readonly type: "wait" | "click" | "type" | "done";
  readonly x: number | null;
  readonly y: number | null;
  /** [xMin, yMin, xMax, yMax] in 0 … 1 of the element to click. */
  readonly bbox: readonly [number, number, number, number] | null;
  readonly text: string | null;
}

export interface Episode {
  /** `episode_0007_login` */
  readonly id: string;
  /** `episode_0007`: the folder of its screenshots. */
  readonly folder: string;
  readonly goal: string;
  readonly username: string;
  readonly password: string;
  readonly layout: Layout;
  /** One per step, {@link STEPS_PER_EPISODE} in all. */
  readonly targets: readonly Target[];
}

const NAMES = [
  "mira",
  "otto",
  "lene",
  "kasim",
  "yuna",
  "pavel",
  "rosa",
  "ines",
  "bram",
  "tova",
  "nilo",
  "edda",
] as const;
const ROLES = ["", ".lab", ".ops", ".dev"] as const;
const WORDS = ["amber", "birch", "cobalt", "dune", "ember", "fjord", "grove", "harbor", "iris", "juniper"] as const;

/** Jitter of every element: at most this many pixels to each side. */
const JITTER_X = 40;
const JITTER_Y = 20;

/** The episode drawn from (pool, seed, index). Pools, such as "train" and "eval", never share a layout stream. */
export function createEpisode(pool: string, seed: number, index: number, firstNumber = 0): Episode {
  const rng = createRng("episode", pool, seed, index);
  const username = `${rng.pick(NAMES)}${rng.pick(ROLES)}${rng.integer(1, 99)}`;
  const password = `${rng.pick(WORDS)}-${rng.pick(WORDS)}${rng.integer(10, 99)}`;
  const jittered = (x: number, y: number, width: number, height: number): Box => ({
    x: x + rng.integer(-JITTER_X, JITTER_X),
    y: y + rng.integer(-JITTER_Y, JITTER_Y),
    width,
    height,
  });
  const layout: Layout = {
    title: { x: 400 + rng.integer(-JITTER_X, JITTER_X), y: 128 + rng.integer(-8, 8) },
    username: jittered(220, 206, 360, 40),
    password: jittered(220, 316, 360, 40),
    login: jittered(220, 424, 140, 45),
    help: jittered(460, 426, 110, 35),
  };
  const folder = `episode_${String(firstNumber + index).padStart(4, "0")}`;
  return {
    id: `${folder}_login`,
    folder,
    goal: `Log in with username '${username}' and password '${password}'`,
    username,
    password,
    layout,
    targets: [
      plain("wait"),
      click(layout.username),
      typed(username),
      click(layout.password),
      typed(password),
      click(layout.login),
      plain("done"),
    ],
  };
}

export function targetAt(episode: Episode, step: number): Target {
  const target = episode.targets[step];
  if (!target) throw new RangeError(`An episode has no step ${step}.`);
  return target;
}

/** `episode_0007_login_step_3`: names the screenshot of a step, and the prompt it belongs to. */
export function stepName(episode: Episode, step: number): string {
  return `${episode.id}_step_${step}`;
}

function plain(type: "wait" | "done"): Target {
  return { type, x: null, y: null, bbox: null, text: null };
}

function typed(text: string): Target {
  return { type: "type", x: null, y: null, bbox: null, text };
}

/** A click on the centre of a box. */
function click(box: Box): Target {
  const bbox = [
    box.x / SCREEN_WIDTH,
    box.y / SCREEN_HEIGHT,
    (box.x + box.width) / SCREEN_WIDTH,
    (box.y + box.height) / SCREEN_HEIGHT,
  ] as const;
  const x = (box.x + Math.floor(box.width / 2)) / SCREEN_WIDTH;
  const y = (box.y + Math.floor(box.height / 2)) / SCREEN_HEIGHT;
  return { type: "click", x, y, bbox, text: null };
}

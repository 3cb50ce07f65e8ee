// rollouts.jsonl as a very long run leaves it (formats/rlvr-openbrowser.md A2.3): groups of eight, about 10 KB each.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { seeded } from "./stats";

export interface Rollouts {
  folder: string;
  file: string;
  count: number;
  /** Some of them, at random: which they are, where their lines begin, and whose they are. */
  places: { row: number; offset: number; promptId: string }[];
}

const SAMPLES = 8;
const PIECE = 8 << 20;
const WORDS = "so the total number of apples is left which we add to 12 and then divide by 3 giving 4 \\n".split(" ");

export function makeRollouts(folder: string, file: string, count: number, wanted: number): Rollouts {
  mkdirSync(dirname(file), { recursive: true });
  const random = seeded(3);
  const texts = Array.from({ length: 256 }, () => completion(random));
  const handle = openSync(file, "w");
  const places: Rollouts["places"] = [];
  const chosen = new Set(Array.from({ length: wanted }, () => Math.floor(random() * count)));
  let offset = 0;
  let held: string[] = [];
  let size = 0;
  for (let i = 0; i < count; i++) {
    const promptId = `gsm8k_${i}`;
    const completions = Array.from({ length: SAMPLES }, () => texts[Math.floor(random() * texts.length)]);
    const rewards = completions.map(() => (random() < 0.5 ? "1.0" : "0.0"));
    const version = Math.floor(i / 128);
    const line = `{"prompt_id": "${promptId}", "prompt": "Q: A farmer has ${i} apples. How many are left?\\nA:", "completions": [${completions.join(", ")}], "rewards": [${rewards.join(", ")}], "generated_at_version": ${version}, "trainer_version_after": ${version}, "dataset": "gsm8k"}\n`;
    if (chosen.has(i)) places.push({ row: i, offset: offset + size, promptId });
    held.push(line);
    size += line.length;
    if (size < PIECE && i + 1 < count) continue;
    writeSync(handle, held.join(""));
    offset += size;
    held = [];
    size = 0;
  }
  closeSync(handle);
  return { folder, file, count, places };
}

function completion(random: () => number): string {
  let text = "";
  while (text.length < 1150 + random() * 100) text += `${WORDS[Math.floor(random() * WORDS.length)] ?? ""} `;
  return `"${text}The answer is ${Math.floor(random() * 100)}."`;
}

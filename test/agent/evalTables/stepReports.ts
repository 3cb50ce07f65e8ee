// Reports on checkpoints as researchers print them: benchmarks of lm-evaluation-harness by training step, in percent.

/** One column: a benchmark's metric, its n, and the percentages at the steps. "-" was not measured. */
export interface Column {
  task: string;
  shots: number;
  n: number;
  metric: string;
  cells: readonly string[];
}

export interface StepReport {
  run: string;
  steps: readonly (number | "base")[];
  columns: readonly Column[];
}

const sizes = { gsm8k: 1319, gsm8k_cot: 1319, minerva_math: 5000, hendrycks_math: 5000, ifeval: 541, mbpp: 500 };
const exact = "exact_match,none";
const strict = "exact_match,strict-match";
const flexible = "exact_match,flexible-extract";
const verified = "math_verify,none";
const prompts = "prompt_level_strict_acc,none";
const pass = "pass@1,none";

const column = (task: keyof typeof sizes, shots: number, metric: string, cells: string): Column => {
  return { task, shots, n: sizes[task], metric, cells: cells.split(" ") };
};

export const stepReports: readonly StepReport[] = [
  {
    run: "curriculum",
    steps: ["base", 50, 100, 150, 200, 250],
    columns: [
      column("gsm8k", 4, flexible, "68.7 68.5 68.6 68.8 68.9 69.2"),
      column("gsm8k_cot", 4, flexible, "65.4 66.2 66.8 67.3 67.5 67.8"),
      column("minerva_math", 4, exact, "28.2 28.6 28.3 27.2 24.9 25.7"),
      column("minerva_math", 4, verified, "38.8 39.2 39.5 39.5 39.0 39.7"),
      column("mbpp", 3, pass, "55.2 56.0 56.6 56.8 55.8 57.2"),
    ],
  },
  {
    run: "boxed",
    steps: ["base", 20, 40, 60, 80, 100],
    columns: [
      column("minerva_math", 4, exact, "28.2 28.6 27.7 27.1 27.2 26.7"),
      column("minerva_math", 4, verified, "38.8 39.7 39.3 39.3 39.8 39.6"),
      column("gsm8k", 4, strict, "68.4 68.2 69.5 68.9 63.5 63.2"),
      column("gsm8k", 4, flexible, "68.7 68.5 69.6 69.1 69.8 70.1"),
      column("gsm8k_cot", 4, strict, "69.9 69.9 68.7 69.3 46.8 45.9"),
      column("gsm8k_cot", 4, flexible, "68.3 68.2 68.9 68.4 68.2 67.9"),
      // 113 of 541 and 114 of 541 print as 20.9 and 21.1: a report with 21.0 has another n.
      column("ifeval", 0, prompts, "20.9 20.9 20.7 23.1 21.1 22.0"),
      column("mbpp", 3, pass, "55.2 56.8 56.2 55.8 55.0 55.2"),
    ],
  },
  {
    run: "low-rate",
    steps: [20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240],
    columns: [
      column("minerva_math", 4, exact, "27.10 27.30 26.84 26.94 26.64 27.04 27.10 26.94 27.04 27.04 26.94 26.90"),
      column("gsm8k", 4, flexible, "69.45 68.84 68.84 69.37 69.07 69.07 68.39 69.14 68.54 68.84 69.07 69.37"),
      column("gsm8k_cot", 4, flexible, "66.26 64.90 66.03 66.49 66.72 66.03 67.63 66.57 67.10 66.03 66.87 66.34"),
      column("mbpp", 3, pass, "56.40 55.60 55.20 55.00 55.60 55.60 55.40 55.80 56.00 57.00 55.60 56.00"),
      // 127 of 541 at step 180: a report that cuts instead of rounding prints 23.47.
      column("ifeval", 0, prompts, "23.29 22.92 21.81 22.00 23.66 21.81 22.55 22.37 23.48 22.55 22.18 22.37"),
    ],
  },
  { run: "collapse", steps: [20, 40, 60], columns: [column("minerva_math", 4, exact, "28.16 26.92 24.10")] },
  {
    run: "decline",
    steps: [20, 40, 60, 120, 160, 200],
    columns: [column("minerva_math", 4, exact, "28.90 27.22 26.66 25.02 23.50 22.34")],
  },
  {
    run: "best",
    steps: [20, 40, 60, 80, 100, 120, 140, 160],
    columns: [column("minerva_math", 4, exact, "33.02 33.16 33.46 34.00 34.08 33.80 34.52 33.76")],
  },
  {
    run: "flat",
    steps: [20, 40, 60, 80, 100],
    columns: [column("minerva_math", 4, exact, "33.20 32.92 33.16 33.36 33.30")],
  },
  {
    run: "shots",
    steps: [20, 40, 60, 80, 100],
    columns: [
      column("gsm8k_cot", 0, strict, "57.54 58.15 59.82 59.59 60.58"),
      column("gsm8k_cot", 0, flexible, "10.92 9.93 9.33 9.70 9.63"),
      column("gsm8k_cot", 4, strict, "51.55 52.16 52.84 52.54 53.15"),
      column("gsm8k_cot", 4, flexible, "69.52 69.37 69.14 69.29 70.05"),
      column("gsm8k_cot", 8, strict, "66.64 66.64 66.87 66.72 66.87"),
      column("gsm8k_cot", 8, flexible, "72.63 72.71 72.93 72.78 72.78"),
    ],
  },
  {
    run: "mixed",
    steps: [100, 200, 300, 400, 500],
    columns: [
      column("gsm8k", 4, flexible, "69.83 69.60 69.22 69.75 68.76"),
      column("gsm8k", 4, strict, "51.63 50.49 47.08 45.72 45.41"),
      column("minerva_math", 4, exact, "28.56 28.92 29.42 29.94 29.76"),
      column("ifeval", 0, prompts, "23.29 23.66 24.77 24.58 26.43"),
      column("hendrycks_math", 4, exact, "17.96 17.76 17.84 17.80 17.98"),
    ],
  },
  {
    run: "first-beta",
    steps: [20, 40, 60, 80, 100, 120, 140],
    columns: [
      column("gsm8k_cot", 8, strict, "71.72 71.57 72.18 72.18 71.65 71.95 72.10"),
      column("minerva_math", 4, exact, "32.68 32.90 33.00 33.04 33.04 33.54 32.76"),
      column("ifeval", 0, prompts, "17.01 16.82 16.64 16.64 16.45 17.19 17.38"),
      column("hendrycks_math", 4, exact, "14.92 14.92 14.76 14.80 14.78 14.74 14.80"),
    ],
  },
  {
    run: "second-beta",
    steps: [20, 40, 60, 80, 100, 120],
    columns: [
      column("gsm8k_cot", 8, strict, "71.34 72.40 71.19 71.04 71.49 72.40"),
      column("minerva_math", 4, exact, "33.34 32.98 33.00 32.88 33.20 33.16"),
      column("ifeval", 0, prompts, "15.53 16.82 17.19 17.38 17.56 16.64"),
      column("hendrycks_math", 4, exact, "14.98 14.92 14.76 14.74 14.72 14.76"),
    ],
  },
  {
    run: "overfit",
    steps: ["base", 80, 140],
    columns: [
      column("gsm8k_cot", 4, flexible, "73.09 75.89 77.26"),
      column("gsm8k_cot", 4, strict, "54.13 61.79 73.54"),
    ],
  },
  {
    run: "longer-texts",
    steps: ["base", 20, 100, 200, 220],
    columns: [
      column("gsm8k", 4, flexible, "73.09 72.48 73.01 72.02 72.33"),
      column("gsm8k", 4, strict, "54.13 49.36 43.97 41.32 42.00"),
      column("ifeval", 0, prompts, "21.26 21.44 23.84 25.32 24.03"),
      column("minerva_math", 4, exact, "30.58 30.54 30.38 31.04 -"),
      column("hendrycks_math", 4, exact, "17.94 17.98 18.30 18.44 -"),
    ],
  },
];

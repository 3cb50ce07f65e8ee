// How likely one of k samples is right (formats/rlvr-openbrowser.md A2.5): the unbiased estimate, beside which another one is in use.

/** `1 - C(n - c, k) / C(n, k)` of n samples of which c are right (Chen et al. 2021); NaN where there are fewer than k. */
export function passAtK(n: number, c: number, k: number): number {
  if (!(k >= 1) || n < k || c < 0 || c > n) return NaN;
  if (n - c < k) return 1;
  let wrong = 1;
  for (let i = n - c + 1; i <= n; i++) wrong *= 1 - k / i;
  return 1 - wrong;
}

/** The other estimator: whether one of the first k is right. Whatever scores above 0 counts, partial credit too. */
export const anyOfFirst = (scores: readonly number[], k: number): number =>
  scores.slice(0, k).some((score) => score > 0) ? 1 : 0;

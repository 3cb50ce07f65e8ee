// Parts of an evaluation that ran side by side, a folder each (RLVR's eval_pass_at_k.py).

/** `.../shard_3/summary.json`: the folder around it, and which of the parts it is; null for what is whole. */
export function shardOfPath(path: string): { folder: string; shard: string } | null {
  const [, folder = "", shard] = /^(.*?)shard_(\d+)\/[^/]*$/.exec(path) ?? [];
  return shard === undefined ? null : { folder, shard };
}

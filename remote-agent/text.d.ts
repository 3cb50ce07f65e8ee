// Shell files are bundled as text, and so are programs that run in a process of their own (scripts/agentBundle.ts).
declare module "*.sh" {
  const text: string;
  // eslint-disable-next-line import-x/no-default-export -- what esbuild's text loader gives
  export default text;
}

declare module "*?bundled" {
  const program: string;
  // eslint-disable-next-line import-x/no-default-export -- what esbuild's text loader gives
  export default program;
}

// Shell files are bundled as text.
declare module "*.sh" {
  const text: string;
  // eslint-disable-next-line import-x/no-default-export -- what esbuild's text loader gives
  export default text;
}

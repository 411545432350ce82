/** Data of opencc-js, which has no types: `traditional simplified…|…`. */
declare module "opencc-js/dict/TSCharacters" {
  const pairs: string;
  export default pairs;
}

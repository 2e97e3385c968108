/** Unpacked by Maven beside the page, not in the sources. */
declare module '*/uPlot.esm.js' {
  const uPlot: any;
  export default uPlot;
}
